/**
 * xconvert: local files, uploaded in chunks; a job under an idempotency key, so that a submit whose answer was lost is sent again and
 * is still one job; results at addresses that the job names, one or several.
 */
import { JobError } from '../../../shared/failure.ts'
import { factsOf } from '../../../shared/formats.ts'
import type { Part, Ticket } from '../../../shared/job.ts'
import { asciiName, uploadOf } from '../http/bodies.ts'
import { createPace } from '../http/pace.ts'
import { safeReason } from '../http/failures.ts'
import { receiveAll, type Receiving } from '../http/files/receive.ts'
import { nothingSent, type RemoteOptions, reportUpload, secretsOf } from '../kit/service.ts'
import { createServiceCalls } from '../kit/service-calls.ts'
import type { Account, JobFilter, ListedJob, Provider, ProviderOrder, Reporter } from '../provider.ts'
import { about, baseAddresses, concurrency, pollingPlan } from './about.ts'
import {
  callsBack,
  caller,
  createdJob,
  jobAnswer,
  jobPage,
  readRunning,
  type RemoteJob,
  statusOf,
  webhookEndpoint,
} from './answers.ts'
import { auth, idempotencyHeader, jobRequest, pairOf, paths, webhookRequest, wireName } from './api.ts'
import { createLacking } from './lacking.ts'
import { isStated, pairings } from './pairings.ts'
import { isRefusal, uploaded, uploadedAnew, type Uploading } from './upload.ts'

const provider = about.title

export interface Xconvert extends Provider {
  account(signal: AbortSignal): Promise<Account>
  jobs(filter: JobFilter, signal: AbortSignal): Promise<readonly ListedJob[]>
  addWebhook(url: string, signal: AbortSignal): Promise<string>
}

/** @param extra headers for every call to the service itself, such as `X-Request-Id`. */
export function createXconvert(options: RemoteOptions, extra: Readonly<Record<string, string>> = {}): Xconvert {
  const { clock } = options
  const headers = Object.fromEntries(Object.entries(extra).map(([name, value]) => [name.toLowerCase(), value]))
  const service = createServiceCalls(options, about, { auth, headers })
  const lacking = createLacking(options)

  const ask = async (id: string, signal: AbortSignal): Promise<RemoteJob> =>
    await service.ask({ method: 'GET', to: paths.job(id), repeat: 'harmless' }, jobAnswer, signal)

  async function createJob(order: ProviderOrder, fileId: string, report: Reporter, signal: AbortSignal): Promise<string> {
    const body = jobRequest(order, fileId)
    const call = {
      method: 'POST',
      to: paths.jobs,
      headers: { [idempotencyHeader]: order.key },
      body,
      repeat: 'same-key',
      sent: reportUpload(report, body.bytes, clock),
    } as const
    const { id } = await service.ask(call, createdJob, signal)
    return service.ownId(id, order.key)
  }

  async function submit(order: ProviderOrder, report: Reporter, signal: AbortSignal) {
    report(nothingSent)
    if (order.source.kind === 'url') throw new JobError('source-not-local', { provider })
    const upload = await uploadOf(order.source.path)
    let maxSent = 0
    const pace = createPace(clock)
    const uploading: Uploading = {
      http: service.http,
      baseUrl: options.baseUrl,
      upload,
      name: asciiName(order.source.path, wireName(order.from)),
      type: factsOf(order.from).mime,
      featureId: pairOf(order.from, order.target).featureId,
      order,
      sent: (bytes) => {
        maxSent = Math.max(maxSent, bytes)
        // What is paid for is the job: a file that is there is none yet.
        report({ stage: 'uploading', done: maxSent / upload.bytes, bodySent: false, ...pace(maxSent, upload.bytes) })
      },
      signal,
    }
    const id = await begun(order, uploading, report, signal).catch((error: unknown) => {
      if (isRefusal(error) && !isStated(order.from, order.target)) lacking.add(uploading.featureId)
      throw error
    })
    return { kind: 'accepted', ticket: { ids: { job: id }, submittedAtMs: clock.nowMs(), expiresAtMs: null } } as const
  }

  async function begun(order: ProviderOrder, uploading: Uploading, report: Reporter, signal: AbortSignal): Promise<string> {
    const { fileId, isEarlier } = await uploaded(uploading)
    return await createJob(order, fileId, report, signal).catch(async (error: unknown) => {
      // Under the same key this can never become a second job.
      if (!isEarlier || !isRefusal(error)) throw error
      return await createJob(order, await uploadedAnew(uploading), report, signal)
    })
  }

  /** Addresses of results are signed and do not last: asked for anew, and never kept. */
  async function results(ticket: Ticket, signal: AbortSignal): Promise<readonly Receiving['open'][]> {
    const { outputs } = await ask(ticket.ids['job'] ?? '', signal)
    if (outputs.length === 0) throw new JobError('answer-bad', { provider, because: 'no-result' })
    return outputs.map(
      ({ downloadUrl }) =>
        async (ranged) =>
          await service.http.open({ method: 'GET', to: downloadUrl, headers: ranged, repeat: 'harmless', key: 'own' }, signal),
    )
  }

  return {
    about,
    baseAddresses,
    capabilities: async () => ({
      pairings,
      sources: ['file'],
      maxBytes: null,
      tries: (from, target) => from !== target && !lacking.has(pairOf(from, target).featureId),
    }),
    lane: () => about.id,
    concurrency: { [about.id]: concurrency },
    pollingPlan,
    submit,
    poll: async (ticket, signal) => {
      const found = await ask(ticket.ids['job'] ?? '', signal)
      switch (statusOf(found.status)) {
        case 'ready':
          return { kind: 'ready', ticket }
        case 'failed':
          throw new JobError('conversion-failed', { provider, reason: await service.reasonIn(found.error, found.status) })
        case 'gone':
          throw new JobError('gone', { provider, reason: await service.reasonIn(found.error, found.status) })
        case 'running':
          return readRunning(await service.reasonIn(found.status), found.progress)
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
      const { apiTier, credits } = await service.ask({ method: 'GET', to: paths.me, repeat: 'harmless' }, caller, signal)
      const left = credits?.paygRemaining ?? null
      const plan = apiTier === null ? null : await service.reasonIn(apiTier)
      return { plan, left: left === null ? null : { amount: left, unit: 'credits' } }
    },
    jobs: async ({ limit, status }, signal) => {
      const query = { limit, ...(status === undefined ? {} : { status }) }
      const listed = await service.ask({ method: 'GET', to: paths.jobs, query, repeat: 'harmless' }, jobPage, signal)
      const secrets = await secretsOf(options)
      return listed.map((each) => ({ id: each.id, status: safeReason(each.status, secrets) }))
    },
    addWebhook: async (url, signal) => {
      const call = { method: 'POST', to: paths.webhooks, body: webhookRequest(url), repeat: 'never' } as const
      const { secret } = await service.ask(call, webhookEndpoint, signal)
      return secret
    },
    callsBack,
    stop: async () => await service.http.stop(),
  }
}
