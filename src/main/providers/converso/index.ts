/**
 * Converso Empire's audio extraction: a JSON call names a public address, which the service fetches for itself; then questions by job
 * id, then the bytes. Its errors also come in answers that are successes by their status, so every answer is read for them first.
 */
import * as z from 'zod'
import { type FailureCode, JobError } from '../../../shared/failure.ts'
import type { Ticket } from '../../../shared/job.ts'
import { type HttpCall, createHttp, type Protocol } from '../http/client.ts'
import { assertPublicSource, checkedBase, type SourceRules, unreachable } from '../http/addresses.ts'
import { type HttpAnswer, maxErrorBytes, readTolerantly } from '../http/answers.ts'
import { nothingSent, createOwnId, secretsOf, optionsOf, type RemoteOptions } from '../kit/service.ts'
import { refused, safeReason, type TroubleTable } from '../http/failures.ts'
import type { Polled, Provider } from '../provider.ts'
import { receive } from '../http/files/receive.ts'
import { callsBack, notCompleted, readComplaint, readStatus, stepShown } from './answers.ts'
import { createJobs, createRequest, maxUrlLength, takes } from './api.ts'

export const conversoBase = 'https://api.conversoempire.world/audio-extract'

/** Results are kept for so long after they are ready, whether this program runs or not. */
const keptMs = 24 * 3_600_000

/** The service's own codes tell more than the status of the answer: the same code comes with several. */
const meanings: Readonly<Record<string, FailureCode>> = {
  UNAUTHORIZED: 'key-rejected',
  FORBIDDEN: 'not-allowed',
  JOB_NOT_FOUND: 'gone',
  FILE_EXPIRED: 'gone',
  // Both are said instead of taking the job, so that the submit may be made again.
  QUEUE_FULL: 'queue-full',
  SERVICE_UNAVAILABLE: 'provider-down',
  [notCompleted]: 'rate-limited',
}

/** Assumed: a key that works is told that there is no such job, one that does not is told 401. */
const noSuchJob = '0000000000000000'

const provider = 'Converso'
const lane = 'converso'

const protocol: Protocol = { provider, auth: (key) => ({ 'x-api-key': key }), trouble: { named: meanings } }

export function createConverso(options: RemoteOptions): Provider {
  const { clock } = options
  const http = createHttp(options, protocol)
  const ownId = createOwnId(provider, () => options.baseUrl)
  const pollingPlan = { firstMs: 2_000, everyMs: 2_000, growth: 1.25, maxMs: 5_000, budget: null }

  const sourceRules = (): SourceRules => ({ provider, base: checkedBase(options.baseUrl, provider), maxCharacters: maxUrlLength })
  /** What is complained of in an answer that is a success by its status; without a code that is known it is about the conversion. */
  const complaintOf = async (body: unknown, named: TroubleTable['named'] = meanings): Promise<JobError> => {
    const table: TroubleTable = { named, status: { 200: 'conversion-failed' } }
    const retryAfterMs = readComplaint(body) === notCompleted ? pollingPlan.maxMs : null
    return refused({ provider, status: 200, body, retryAfterMs, repeat: 'never', secrets: await secretsOf(options), table })
  }
  const askUnread = async (call: Omit<HttpCall, 'key'>, signal: AbortSignal): Promise<unknown> =>
    await http.ask({ ...call, key: 'own' }, z.unknown(), signal)
  const ask = async (call: Omit<HttpCall, 'key'>, signal: AbortSignal): Promise<unknown> => {
    const body = await askUnread(call, signal)
    const code = readComplaint(body)
    if (code !== null && code !== notCompleted) throw await complaintOf(body)
    return body
  }
  const create = createJobs({ provider, baseUrl: () => options.baseUrl, clock, ask, askUnread, complaintOf })
  /** Built from the id: the path that the service names is relative to another place than its webhooks' are. */
  const path = (verb: 'status' | 'download', job: string): string => `/v1/${verb}/${encodeURIComponent(job)}`
  const jobOf = ({ ids, expiresAtMs }: Ticket): string => {
    if (expiresAtMs !== null && clock.nowMs() >= expiresAtMs) {
      throw new JobError('gone', { provider, because: 'retention-over', hours: keptMs / 3_600_000 })
    }
    return ids['job'] ?? ''
  }

  async function poll(ticket: Ticket, signal: AbortSignal): Promise<Polled> {
    const body = await ask({ method: 'GET', to: path('status', jobOf(ticket)), repeat: 'harmless' }, signal)
    if (readComplaint(body) === notCompleted) return { kind: 'running', stage: 'processing', done: null }
    const status = readStatus(body)
    // A page of words where JSON was due is a server in trouble, which says nothing about the job: it is asked again.
    if (typeof body === 'string') throw new JobError('provider-down', { provider, because: 'web-page' })
    if (status === null) throw new JobError('answer-bad', { provider, because: 'no-status' })
    // Whatever code it gives as the reason: this job will not go on.
    if (status.kind === 'failed') {
      if (status.error === undefined || status.error === null)
        throw new JobError('conversion-failed', { provider, because: 'no-reason' })
      throw await complaintOf({ error: status.error }, {})
    }
    if (status.kind === 'done') return { kind: 'ready', ticket: { ...ticket, expiresAtMs: clock.nowMs() + keptMs } }
    const { kind, stage, done, step, leftMs } = status
    return { kind, stage, done, leftMs, ...stepShown(step === null ? '' : safeReason(step, await secretsOf(options))) }
  }

  /** The bytes, or what JSON says that came instead of them. */
  async function open(job: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer> {
    const call: HttpCall = { method: 'GET', to: path('download', job), headers, key: 'own', repeat: 'harmless' }
    const answer = await http.open(call, signal)
    const isWords = answer.status === 202 || /json/i.test(answer.headers['content-type'] ?? '')
    if (!isWords) return answer
    const body = await readTolerantly(answer, maxErrorBytes)
    answer.close()
    if (readComplaint(body) === null) throw new JobError('answer-bad', { provider, because: 'error-instead' })
    throw await complaintOf(body)
  }

  return {
    about: { id: 'converso', title: provider, cloud: true, resubmit: 'never', tellsPrice: 'never' },
    capabilities: async () => ({ ...takes, unreachable: (address) => unreachable(address, sourceRules()) }),
    lane: () => lane,
    concurrency: { [lane]: 3 },
    pollingPlan,

    submit: async (order, report, signal) => {
      report(nothingSent)
      const { source, target } = order
      if (source.kind !== 'url') throw new JobError('source-not-public', { provider, because: 'only-addresses' })
      assertPublicSource(source.url, sourceRules())
      const wanted = await optionsOf(order, options)
      const job = ownId(
        await create({ request: createRequest(source.url, { target, options: wanted }), report }, wanted.webhook, signal),
        order.key,
      )
      const submittedAtMs = clock.nowMs()
      return { kind: 'accepted', ticket: { ids: { job }, submittedAtMs, expiresAtMs: submittedAtMs + keptMs } }
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
    account: async (signal) => {
      const body = await ask({ method: 'GET', to: path('status', noSuchJob), repeat: 'harmless' }, signal).catch(
        (error: unknown) => {
          if (error instanceof JobError && ['gone', 'conversion-failed'].includes(error.failure.code)) return null
          throw error
        },
      )
      if (typeof body === 'string') throw new JobError('answer-bad', { provider, because: 'web-page' })
      return { plan: null, left: null }
    },
    callsBack,
    stop: async () => await http.stop(),
  }
}
