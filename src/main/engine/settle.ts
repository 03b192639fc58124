/** Pure: what becomes of a job whose step threw. The code of the failure, the step and the provider's nature decide. */
import { costsNoAttempt, deadlineMs, mostTries, retryAtMs } from './retry.ts'
import { isInDoubt, recovery, wasSent } from './recover.ts'
import { atStart, type JobEvent, type Ticket, type Work } from '../../shared/job.ts'
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

/** By these nothing is to be had of a job that is paid for. Any other trouble says nothing about its result, which can still be had. */
const verdicts: ReadonlySet<FailureCode> = new Set([
  'conversion-failed', 'gone', 'cancelled', 'too-large', 'pair-unsupported', 'target-unknown', 'option-unknown', 'option-invalid',
  'option-unsupported', 'source-empty', 'source-not-file', 'source-damaged', 'source-changed', 'source-unknown', 'source-not-local',
  'source-not-public', 'output-bad',
]) // prettier-ignore

/** What has passed its check is good: only that its file is gone for ever ends the hope for it. */
function isVerdict({ code }: Failure, { step }: Work): boolean {
  return step === 'place' ? code === 'output-bad' : verdicts.has(code)
}

/** After a failure. */
export function failed({ why, work, attempt, provider: { title, resubmit }, nowMs, unit }: Trouble): Settlement {
  const sent = wasSent(work, resubmit)
  // It is done. A trouble with what comes after is none of the job's, and least of all worth paying for it once more.
  if (work.step === 'afterwards') {
    const event = { type: 'finish', atMs: nowMs, outputs: work.outputs, notes: work.notes, archivedTo: null } as const
    return { event, giveBack: false, discard: true }
  }
  // Parts that another try goes on with stay; they may be all that there is of a result.
  const discard = !('parts' in work)
  if (why.code === 'output-exists' && !sent) return { event: { type: 'skip', atMs: nowMs, why }, giveBack: false, discard: true }
  if (why.code === 'answer-lost' && resubmit === 'never') return { event: { type: 'doubt', why }, giveBack: false, discard }
  if (why.code === 'deadline') return { event: { type: 'doubt', why }, giveBack: false, discard }
  const retryable = passes(why, work) ? ({ ...why, code: 'provider-down' } as Failure) : why
  const ticket = ticketOf(work)
  // What is paid for is asked about for as long as a job may take, however often.
  const isYoung = ticket !== null && nowMs - ticket.submittedAtMs <= deadlineMs
  const dueAtMs = retryAtMs(retryable, isYoung ? Math.min(attempt, mostTries - 1) : attempt, nowMs, unit)
  const isLost = why.code === 'answer-lost'
  // Its key was sent before, and nobody knows more than at first: under a new one it could be paid for once more.
  const isDoubtful = isLost || isInDoubt(work)
  // Beginning anew would be paid for once more.
  const isOver = dueAtMs === null || ((isDoubtful || sent) && why.code === 'source-changed')
  if (isOver && isDoubtful) return { event: { type: 'doubt', why }, giveBack: false, discard }
  if (isOver && sent && !isVerdict(why, work)) {
    const outOfReach = { ...failure('out-of-reach', { provider: title }), cause: why }
    return { event: { type: 'doubt', why: outOfReach }, giveBack: false, discard }
  }
  if (isOver) return { event: { type: 'fail', atMs: nowMs, why, ...(sent && { sent }) }, giveBack: false, discard: true }
  const next = goOn(why, work)
  return {
    event: { type: 'again', dueAtMs, why, work: next },
    giveBack: costsNoAttempt.has(why.code),
    discard: !('parts' in next),
  }
}

/** By which a result that is not safe yet can be had again: no step may be forgotten here, or its failures would throw away what is paid for. */
function ticketOf(work: Work): Ticket | null {
  switch (work.step) {
    case 'prepare':
    case 'submit':
    case 'afterwards':
      return null
    case 'wait':
    case 'fetch':
    case 'verify':
    case 'place':
      return work.ticket
  }
}

function goOn({ code }: Failure, work: Work): Work {
  if (code === 'answer-lost' && work.step === 'submit') return { ...work, inDoubt: true }
  return code === 'source-changed' ? atStart : work
}
