/** Pure: what becomes of a job whose step threw. The code of the failure, the step and the provider's nature decide. */
import { costsNoAttempt, deadlineMs, mostTries, retryAtMs } from './retry.ts'
import { isInDoubt, recovery, wasSent } from './recover.ts'
import { atStart, type JobEvent, type Ticket, type Work } from '../../shared/job.ts'
import { describe } from '../../shared/describe.ts'
import { failure, type Failure, type FailureCode } from '../../shared/failure.ts'
import type { ProviderAbout } from '../providers/provider.ts'

/** Why a running job was told to end before it was done. */
export type Stop = 'cancel' | 'pause' | 'shutdown'

export interface Settlement {
  readonly event: JobEvent
  /** Whether the claim counts as no attempt. */
  readonly giveBack: boolean
  /** Whether temporary files are of no more use. */
  readonly discard: boolean
}

export interface Stopping {
  readonly stop: Stop
  readonly work: Work
  readonly resubmit: ProviderAbout['resubmit']
  /** How the step ended: an answer that nobody waits for any more is lost. */
  readonly why: Failure
  readonly nowMs: number
}

/** After a stop that the user or the program asked for. */
export function stopped({ stop, work, resubmit, why, nowMs }: Stopping): Settlement {
  if (stop === 'cancel') {
    const sent = wasSent(work, resubmit) || why.code === 'answer-lost'
    return { event: { type: 'cancel', atMs: nowMs, ...(sent && { sent }) }, giveBack: false, discard: true }
  }
  const recovered = recovery(work, resubmit)
  if (stop === 'shutdown' || recovered.event.type === 'doubt') return { ...recovered, giveBack: true }
  const { event } = recovered
  return {
    event: { type: 'pause', ...('work' in event ? { work: event.work } : {}) },
    giveBack: true,
    discard: recovered.discard,
  }
}

export interface Trouble {
  readonly why: Failure
  readonly work: Work
  readonly attempt: number
  readonly provider: Pick<ProviderAbout, 'title' | 'resubmit'>
  readonly nowMs: number
  /** Dice, 0 to 1. */
  readonly unit: number
}

/** An answer that makes no sense is final before anything is paid for; a job that is paid for is asked again. */
function passes({ code }: Failure, { step }: Work): boolean {
  return code === 'answer-lost' || ((code === 'answer-bad' || code === 'provider-error') && (step === 'wait' || step === 'fetch'))
}

/** Troubles on the way to a result that a provider has: they say nothing about the job there, which is paid for. */
const onTheWay: ReadonlySet<FailureCode> = new Set([
  'network', 'provider-down', 'provider-error', 'answer-bad', 'key-missing', 'key-rejected', 'not-allowed', 'out-of-credit',
  'source-missing', 'source-unreadable', 'folder-missing', 'folder-read-only', 'disk-full', 'internal',
]) // prettier-ignore

/** After a failure. */
export function failed({ why, work, attempt, provider: { title, resubmit }, nowMs, unit }: Trouble): Settlement {
  if (why.code === 'output-exists') return { event: { type: 'skip', atMs: nowMs, why }, giveBack: false, discard: true }
  if (why.code === 'answer-lost' && resubmit === 'never') return { event: { type: 'doubt', why }, giveBack: false, discard: true }
  if (why.code === 'deadline') return { event: { type: 'doubt', why }, giveBack: false, discard: true }
  const retryable = passes(why, work) ? ({ ...why, code: 'provider-down' } as Failure) : why
  const ticket = ticketOf(work)
  // What is paid for is asked about for as long as a job may take, however often.
  const isYoung = ticket !== null && nowMs - ticket.submittedAtMs <= deadlineMs
  const dueAtMs = retryAtMs(retryable, isYoung ? Math.min(attempt, mostTries - 1) : attempt, nowMs, unit)
  const isLost = why.code === 'answer-lost'
  // Its key was sent before, and nobody knows more than at first: under a new one it could be paid for once more.
  const isDoubtful = isLost || isInDoubt(work)
  const sent = wasSent(work, resubmit)
  // Beginning anew would be paid for once more.
  const isOver = dueAtMs === null || ((isDoubtful || sent) && why.code === 'source-changed')
  if (isOver && isDoubtful) return { event: { type: 'doubt', why }, giveBack: false, discard: true }
  if (isOver && ticket !== null && onTheWay.has(why.code)) {
    const outOfReach = failure('out-of-reach', { provider: title, reason: describe(why).message })
    return { event: { type: 'doubt', why: outOfReach }, giveBack: false, discard: true }
  }
  if (isOver) return { event: { type: 'fail', atMs: nowMs, why, ...(sent && { sent }) }, giveBack: false, discard: true }
  return { event: { type: 'again', dueAtMs, why, work: goOn(why, work) }, giveBack: costsNoAttempt.has(why.code), discard: true }
}

/** Of a job whose result can still be had. */
function ticketOf(work: Work): Ticket | null {
  return work.step === 'wait' || work.step === 'fetch' || work.step === 'verify' ? work.ticket : null
}

function goOn({ code }: Failure, work: Work): Work {
  if (code === 'answer-lost' && work.step === 'submit') return { ...work, inDoubt: true }
  return code === 'source-changed' ? atStart : work
}
