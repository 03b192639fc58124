/**
 * xconvert: local files, uploaded in chunks; a job under an idempotency key, so that a submit whose answer was lost is sent again and
 * is still one job; results at addresses that the job names, one or several.
 */
import { JobError } from '../../../shared/failure.ts'
import { formats } from '../../../shared/formats.ts'
import type { Part, Ticket } from '../../../shared/job.ts'
import { createHttp } from '../http/client.ts'
import { asciiName, jsonBody, uploadOf } from '../http/bodies.ts'
import { nothingSent, createOwnId, secretsOf, reportUpload, type RemoteOptions } from '../kit/service.ts'
import { safeReason } from '../http/failures.ts'
import type { Account, JobFilter, ListedJob, Polled, Provider, ProviderOrder, Reporter } from '../provider.ts'
import { receiveAll, type Receiving } from '../http/files/receive.ts'
import { callsBack } from './answers.ts'
import { pairings } from './pairings.ts'
import {
  auth,
  caller,
  createdJob,
  idempotencyHeader,
  isRefusal,
  job,
  jobPage,
  pairOf,
  paths,
  type RemoteJob,
  statusOf,
  uploaded,
  uploadedAnew,
  type Uploading,
  webhookEndpoint,
  wireName,
  wireOptions,
  xconvertStagingBase,
} from './api.ts'

export { xconvertBase } from './api.ts'

export interface Xconvert extends Provider {
  account(signal: AbortSignal): Promise<Account>
  jobs(filter: JobFilter, signal: AbortSignal): Promise<readonly ListedJob[]>
  addWebhook(url: string, signal: AbortSignal): Promise<string>
}

const about = { id: 'xconvert', title: 'xconvert', cloud: true, resubmit: 'same-key', tellsPrice: 'never' } as const
const provider = about.title
const webhookEvents = ['job.completed', 'job.failed']

/** @param extra headers for every call to the service itself, such as `X-Request-Id`. */
export function createXconvert(options: RemoteOptions, extra: Readonly<Record<string, string>> = {}): Xconvert {
  const { clock } = options
  const headers = Object.fromEntries(Object.entries(extra).map(([name, value]) => [name.toLowerCase(), value]))
  const http = createHttp(options, { provider, auth, headers })
  const ownId = createOwnId(provider, () => options.baseUrl)

  const ask = async (id: string, signal: AbortSignal): Promise<RemoteJob> =>
    await http.ask({ method: 'GET', to: paths.job(id), repeat: 'harmless', key: 'own' }, job, signal)

  async function reasonOf({ error, status }: RemoteJob): Promise<string> {
    const secrets = await secretsOf(options)
    return safeReason(error, secrets) || safeReason(status, secrets)
  }

  async function createJob(order: ProviderOrder, fileId: string, report: Reporter, signal: AbortSignal): Promise<string> {
    const wanted = wireOptions(order.options)
    const body = jsonBody({
      ...pairOf(order.from, order.target),
      fileIds: [fileId],
      processType: 'convert',
      ...(wanted === undefined ? {} : { options: wanted }),
    })
    const call = {
      method: 'POST',
      to: paths.jobs,
      headers: { [idempotencyHeader]: order.key },
      body,
      repeat: 'same-key',
      key: 'own',
      sent: reportUpload(report, body.bytes),
    } as const
    const { id } = await http.ask(call, createdJob, signal)
    return ownId(id, order.key)
  }

  async function submit(order: ProviderOrder, report: Reporter, signal: AbortSignal) {
    report(nothingSent)
    if (order.source.kind === 'url') throw new JobError('source-not-local', { provider })
    const upload = await uploadOf(order.source.path)
    let most = 0
    const uploading: Uploading = {
      http,
      baseUrl: options.baseUrl,
      upload,
      name: asciiName(order.source.path, wireName(order.from)),
      type: formats[order.from].mime,
      featureId: pairOf(order.from, order.target).featureId,
      order,
      sent: (bytes) => {
        most = Math.max(most, bytes)
        // What is paid for is the job: a file that is there is none yet.
        report({ stage: 'uploading', done: most / upload.bytes, bodySent: false })
      },
      signal,
    }
    const { fileId, isEarlier } = await uploaded(uploading)
    const id = await createJob(order, fileId, report, signal).catch(async (error: unknown) => {
      // Under the same key this can never become a second job.
      if (!isEarlier || !isRefusal(error)) throw error
      return await createJob(order, await uploadedAnew(uploading), report, signal)
    })
    return { kind: 'accepted', ticket: { ids: { job: id }, submittedAtMs: clock.nowMs(), expiresAtMs: null } } as const
  }

  /** Addresses of results are signed and do not last: asked for anew, and never kept. */
  async function results(ticket: Ticket, signal: AbortSignal): Promise<readonly Receiving['open'][]> {
    const { outputs } = await ask(ticket.ids['job'] ?? '', signal)
    if (outputs.length === 0) throw new JobError('answer-bad', { provider, because: 'no-result' })
    return outputs.map(
      ({ downloadUrl }) =>
        async (ranged) =>
          await http.open({ method: 'GET', to: downloadUrl, headers: ranged, repeat: 'harmless', key: 'own' }, signal),
    )
  }

  return {
    about,
    baseAddresses: { staging: xconvertStagingBase },
    capabilities: async () => ({ pairings, sources: ['file'], maxBytes: null }),
    lane: () => about.id,
    concurrency: { [about.id]: 3 },
    pollingPlan: { firstMs: 1_000, everyMs: 1_000, growth: 1.3, maxMs: 5_000, budget: null },
    submit,
    poll: async (ticket, signal) => {
      const found = await ask(ticket.ids['job'] ?? '', signal)
      switch (statusOf(found.status)) {
        case 'ready':
          return { kind: 'ready', ticket }
        case 'failed':
          throw new JobError('conversion-failed', { provider, reason: await reasonOf(found) })
        case 'gone':
          throw new JobError('gone', { provider, reason: await reasonOf(found) })
        case 'running':
          return running(safeReason(found.status, await secretsOf(options)), share(found.progress))
      }
    },
    fetch: async (ticket, order, report, signal): Promise<readonly Part[]> => {
      const into = { order, provider, report, clock, signal }
      const opens = await results(ticket, signal)
      try {
        return await receiveAll(opens, into)
      } catch (error) {
        if (!(error instanceof JobError) || error.failure.code !== 'gone') throw error
        // The time of an address may be over before a long download is: the job, which is paid for, gives fresh ones.
        return await receiveAll(await results(ticket, signal), into)
      }
    },
    account: async (signal) => {
      const { apiTier, credits } = await http.ask({ method: 'GET', to: paths.me, repeat: 'harmless', key: 'own' }, caller, signal)
      const left = credits?.paygRemaining ?? null
      const plan = apiTier === null ? null : safeReason(apiTier, await secretsOf(options))
      return { plan, left: left === null ? null : { amount: left, unit: 'credits' } }
    },
    jobs: async ({ limit, status }, signal) => {
      const query = { limit, ...(status === undefined ? {} : { status }) }
      const listed = await http.ask({ method: 'GET', to: paths.jobs, query, repeat: 'harmless', key: 'own' }, jobPage, signal)
      const secrets = await secretsOf(options)
      return listed.map(({ id, status: said }) => ({ id, status: safeReason(said, secrets) }))
    },
    addWebhook: async (url, signal) => {
      const body = jsonBody({ url, events: webhookEvents })
      const call = { method: 'POST', to: paths.webhooks, body, repeat: 'never', key: 'own' } as const
      const { secret } = await http.ask(call, webhookEndpoint, signal)
      return secret
    },
    callsBack,
    stop: async () => await http.stop(),
  }
}

/** The server's word is for a person to see, if it is one and says more than the stage. */
function running(status: string, done: number | null): Polled {
  const word = /^[a-z][a-z _-]{0,30}$/i.test(status) ? status.toLowerCase() : ''
  const stage = word === 'queued' ? 'queued' : 'processing'
  return { kind: 'running', stage, done, ...(word !== '' && word !== stage && { said: word }) }
}

/** 0 to 1 and 0 to 100 are both read. A 1 is the one or the other, which nobody can tell. */
function share(progress: number | null): number | null {
  if (progress === null || progress < 0 || progress === 1) return null
  return Math.min(1, progress > 1 ? progress / 100 : progress)
}
