/** How jobs are made at Converso: by a call each, or up to ten by one. */
import { JobError, type FailureCode } from '../../../shared/failure.ts'
import type { Clock } from '../../engine/ports.ts'
import type { Call } from '../http.ts'
import { jsonBody } from '../online/body.ts'
import type { TroubleTable } from '../online/trouble.ts'
import { readAccepted, readSeveral } from './answers.ts'
import { batchRequest, type CreateRequest } from './request.ts'
import { createSubmit, type Outcome, type Submit } from './together.ts'

export interface CreatePorts {
  readonly provider: string
  readonly clock: Clock
  /** Answers the body of a good answer; throws what is complained of in any other. */
  ask(call: Omit<Call, 'key'>, signal: AbortSignal): Promise<unknown>
  /** A complaint in the service's envelope, as a failure. */
  complaintOf(body: unknown): Promise<JobError>
}

const extract = '/v1/extract'
/** Assumed: the path. That a batch can be had is documented. */
const batch = '/v1/batch'
const noBatch: TroubleTable = { status: { 404: 'not-possible', 405: 'not-possible' } }

/** Said of a batch as a whole: none of its jobs was taken, and each hears by itself what is wrong with it. */
const takesNone: ReadonlySet<FailureCode> = new Set(['not-possible', 'gone', 'conversion-failed'])

export function createJobs({ provider, clock, ask, complaintOf }: CreatePorts): Submit<CreateRequest> {
  let hasBatch = true
  const lost = (reason: string): JobError => new JobError('answer-lost', { provider, reason })

  async function alone(order: CreateRequest, signal: AbortSignal): Promise<string> {
    const answer = await ask({ method: 'POST', to: extract, body: jsonBody(order), repeat: 'never' }, signal)
    const job = readAccepted(answer)
    if (job === null) throw lost('its answer names no job')
    return job
  }

  async function together(orders: readonly CreateRequest[], webhook: string | undefined, signal: AbortSignal) {
    if (!hasBatch) return null
    const body = jsonBody(batchRequest(orders, webhook))
    try {
      return await outcomesIn(
        await ask({ method: 'POST', to: batch, body, repeat: 'never', trouble: noBatch }, signal),
        orders.length,
      )
    } catch (error) {
      if (!(error instanceof JobError) || !takesNone.has(error.failure.code)) throw error
      if (error.failure.code === 'not-possible') hasBatch = false
      return null
    }
  }

  /** In the order of the call. Where the answer leaves open which job is whose, nobody knows what became of them. */
  async function outcomesIn(answer: unknown, count: number): Promise<readonly Outcome[]> {
    const several = readSeveral(answer)
    if (several?.length !== count) return Array.from({ length: count }, () => lost('its answer does not name every job'))
    const outcomes = several.map(async ({ job, complaint }): Promise<Outcome> => {
      if (complaint !== null) return await complaintOf(complaint)
      const isOwn = job !== null && several.filter((other) => other.job === job).length === 1
      return isOwn ? job : lost('its answer names no job, or one for two')
    })
    return await Promise.all(outcomes)
  }

  return createSubmit({ clock, alone, together })
}
