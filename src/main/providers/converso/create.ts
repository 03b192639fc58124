/** How jobs are made at Converso: by a call each, or up to ten by one. */
import { JobError, type FailureCode } from '../../../shared/failure.ts'
import type { Clock } from '../../engine/ports.ts'
import type { Call } from '../http.ts'
import { jsonBody } from '../online/body.ts'
import type { TroubleTable } from '../online/trouble.ts'
import { readAccepted, readComplaint, readSeveral } from './answers.ts'
import { batchRequest, type CreateRequest } from './request.ts'
import { createSubmit, type Outcome, type Submit } from './together.ts'

export interface CreatePorts {
  readonly provider: string
  /** Where the service is now. */
  baseUrl(): string
  readonly clock: Clock
  /** Answers the body of a good answer; throws what is complained of in any other. */
  ask(call: Omit<Call, 'key'>, signal: AbortSignal): Promise<unknown>
  /** The same without a look at what a success complains of. */
  askUnread(call: Omit<Call, 'key'>, signal: AbortSignal): Promise<unknown>
  /** A complaint in the service's envelope, as a failure. */
  complaintOf(body: unknown): Promise<JobError>
}

const extract = '/v1/extract'
/** Assumed: the path. That a batch can be had is documented. */
const batch = '/v1/batch'
const noBatch: TroubleTable = { status: { 404: 'not-possible', 405: 'not-possible' } }

/** Refusals of a batch as a whole, by status: none of its jobs was taken, and each hears by itself what is wrong with it. */
const takesNone: ReadonlySet<FailureCode> = new Set(['not-possible', 'gone', 'conversion-failed'])
/** Said in a success that names no job: nothing was begun. Any other complaint leaves open what was. */
const beginsNone: ReadonlySet<FailureCode> = new Set(['key-rejected', 'not-allowed', 'queue-full', 'provider-down'])

export function createJobs({ provider, baseUrl, clock, ask, askUnread, complaintOf }: CreatePorts): Submit<CreateRequest> {
  /** The address at which there is none. */
  let withoutBatch: string | null = null
  const lost = (reason: string): JobError => new JobError('answer-lost', { provider, reason })

  async function alone(order: CreateRequest, signal: AbortSignal): Promise<string> {
    const answer = await ask({ method: 'POST', to: extract, body: jsonBody(order), repeat: 'never' }, signal)
    const job = readAccepted(answer)
    if (job === null) throw lost('its answer names no job')
    return job
  }

  async function together(orders: readonly CreateRequest[], webhook: string | undefined, signal: AbortSignal) {
    const address = baseUrl()
    if (withoutBatch === address) return null
    const body = jsonBody(batchRequest(orders, webhook))
    try {
      const call = { method: 'POST', to: batch, body, repeat: 'never', trouble: noBatch } as const
      return await outcomesIn(await askUnread(call, signal), orders.length)
    } catch (error) {
      if (!(error instanceof JobError) || !takesNone.has(error.failure.code)) throw error
      if (error.failure.code === 'not-possible') withoutBatch = address
      return null
    }
  }

  /** In the order of the call. Where the answer leaves open which job is whose, nobody knows what became of them. */
  async function outcomesIn(answer: unknown, count: number): Promise<readonly Outcome[]> {
    const several = readSeveral(answer)
    if (several?.length !== count) {
      const complaint = several === null && readComplaint(answer) !== null ? await complaintOf(answer) : null
      const isPlain = complaint !== null && beginsNone.has(complaint.failure.code)
      return Array.from({ length: count }, () => (isPlain ? complaint : lost('its answer does not name every job')))
    }
    const outcomes = several.map(async ({ job, complaint }): Promise<Outcome> => {
      if (complaint !== null) return await complaintOf(complaint)
      const isOwn = job !== null && several.filter((other) => other.job === job).length === 1
      return isOwn ? job : lost('its answer names no job, or one for two')
    })
    return await Promise.all(outcomes)
  }

  return createSubmit({ clock, alone, together })
}
