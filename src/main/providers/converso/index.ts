/**
 * Converso Empire's audio extraction: a JSON call names a public address, which the service fetches for itself; then polls by job id,
 * then the bytes. Its errors also come in answers that are successes by their status, so every answer is read for them first.
 */
import * as z from 'zod'
import { JobError } from '../../../shared/failure.ts'
import type { Ticket } from '../../../shared/job.ts'
import { assertPublicSource, unreachable } from '../http/addresses.ts'
import { type HttpAnswer, maxErrorBytes, readTolerantly } from '../http/answers.ts'
import type { TroubleTable } from '../http/failures.ts'
import { receive } from '../http/files/receive.ts'
import { nothingSent, optionsOf, type RemoteOptions } from '../kit/service.ts'
import { createServiceCalls, type ServiceCall } from '../kit/service-calls.ts'
import type { Polled, Provider } from '../provider.ts'
import { about, concurrency, maxUrlLength, pollingPlan, retentionMs } from './about.ts'
import { callsBack, notCompleted, readComplaint, readStatus, stepShown } from './answers.ts'
import { createJobs, createRequest, meanings, noSuchJob, paths, protocol } from './api.ts'
import { capabilities } from './pairings.ts'

const provider = about.title

export function createConverso(options: RemoteOptions): Provider {
  const { clock } = options
  const service = createServiceCalls(options, about, protocol)
  const sourceRules = () => service.sourceRules(maxUrlLength)
  const complaintOf = async (body: unknown, named: TroubleTable['named'] = meanings): Promise<JobError> =>
    await service.refusalIn(body, named, readComplaint(body) === notCompleted ? pollingPlan.maxMs : null)
  const askUnread = async (call: ServiceCall, signal: AbortSignal): Promise<unknown> =>
    await service.ask(call, z.unknown(), signal)
  const ask = async (call: ServiceCall, signal: AbortSignal): Promise<unknown> => {
    const body = await askUnread(call, signal)
    const code = readComplaint(body)
    if (code !== null && code !== notCompleted) throw await complaintOf(body)
    return body
  }
  const create = createJobs({ baseUrl: () => options.baseUrl, clock, ask, askUnread, complaintOf })
  const jobOf = ({ ids, expiresAtMs }: Ticket): string => {
    if (expiresAtMs !== null && clock.nowMs() >= expiresAtMs) {
      throw new JobError('gone', { provider, because: 'retention-over', hours: retentionMs / 3_600_000 })
    }
    return ids['job'] ?? ''
  }

  async function poll(ticket: Ticket, signal: AbortSignal): Promise<Polled> {
    const body = await ask({ method: 'GET', to: paths.status(jobOf(ticket)), repeat: 'harmless' }, signal)
    if (readComplaint(body) === notCompleted) return { kind: 'running', stage: 'processing', done: null }
    const status = readStatus(body)
    // A page of text where JSON was due is a server in trouble, which says nothing about the job: it is polled again.
    if (typeof body === 'string') throw new JobError('provider-down', { provider, because: 'web-page' })
    if (status === null) throw new JobError('answer-bad', { provider, because: 'no-status' })
    // Whatever code it gives as the reason: this job will not go on.
    if (status.kind === 'failed') {
      if (status.error === undefined || status.error === null)
        throw new JobError('conversion-failed', { provider, because: 'no-reason' })
      throw await complaintOf({ error: status.error }, {})
    }
    if (status.kind === 'done') return { kind: 'ready', ticket: { ...ticket, expiresAtMs: clock.nowMs() + retentionMs } }
    const { kind, stage, done, step, leftMs } = status
    return { kind, stage, done, leftMs, ...stepShown(await service.reasonIn(step ?? '')) }
  }

  /** The bytes, or what JSON says that came instead of them. */
  async function open(job: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer> {
    const call = { method: 'GET', to: paths.download(job), headers, key: 'own', repeat: 'harmless' } as const
    const answer = await service.http.open(call, signal)
    const isWords = answer.status === 202 || /json/i.test(answer.headers['content-type'] ?? '')
    if (!isWords) return answer
    const body = await readTolerantly(answer, maxErrorBytes)
    answer.close()
    if (readComplaint(body) === null) throw new JobError('answer-bad', { provider, because: 'error-instead' })
    throw await complaintOf(body)
  }

  return {
    about,
    capabilities: async () => ({ ...capabilities, unreachable: (address) => unreachable(address, sourceRules()) }),
    lane: () => about.id,
    concurrency: { [about.id]: concurrency },
    pollingPlan,

    submit: async (order, report, signal) => {
      report(nothingSent)
      const { source, target } = order
      if (source.kind !== 'url') throw new JobError('source-not-public', { provider, because: 'only-addresses' })
      assertPublicSource(source.url, sourceRules())
      const wanted = await optionsOf(order, options)
      const job = service.ownId(
        await create({ request: createRequest(source.url, { target, options: wanted }), report }, wanted.webhook, signal),
        order.key,
      )
      const submittedAtMs = clock.nowMs()
      return { kind: 'accepted', ticket: { ids: { job }, submittedAtMs, expiresAtMs: submittedAtMs + retentionMs } }
    },
    poll,
    fetch: async (ticket, order, report, signal) => {
      const job = jobOf(ticket)
      return await receive({
        open: async (headers) => await open(job, headers, signal),
        order,
        provider,
        report,
        clock,
        signal,
      })
    },
    account: async (signal) =>
      await service.checkKey(async () => await ask({ method: 'GET', to: paths.status(noSuchJob), repeat: 'harmless' }, signal)),
    callsBack,
    stop: async () => await service.http.stop(),
  }
}
