/**
 * Pure: what becomes of a job whose run ended before it was done. The table by step, ending and provider, with every failure code, is
 * `test/engine/job/outcome-table.txt`. In short, for a provider that is paid:
 *
 *   step              crashed, or stopped           failed, and another try helps    failed otherwise
 *   prepare           again, where it was           again, where it was              failed
 *   submit            again under the same key,     again under the same key         failed; in doubt where it may
 *                     or in doubt                                                    have been taken
 *   wait, fetch       again with the ticket         again with the ticket            in doubt, unless nothing is to be had
 *   verify, place     again with its files          again with its files             in doubt with its files, unless they are bad
 *   afterwards        again, where it was           done                             done
 *
 * What may have been accepted is never sent again by itself, and what is paid for is never thrown away: in doubt, the user is asked.
 *
 * For one that is `keyed` nothing is paid, but others work on it: a submit is sent again under its key, a ticket is kept while only the way
 * there is in trouble, and what nobody waits for any more is withdrawn (`handedOf`).
 */
import { failure, type Failure, type FailureCode } from '../../../shared/failure.ts'
import { atStart, workOf, type Job, type JobEvent, type Order, type Step, type Ticket, type Work } from '../../../shared/job.ts'
import type { Handed, ProviderAbout } from '../../providers/provider.ts'
import { costsNoAttempt, maxTries, retryAtMs } from './retry.ts'

export type Resubmit = ProviderAbout['resubmit']

/** Why a running job was told to end before it was done. */
export type Stop = 'cancel' | 'pause' | 'shutdown'

export type Ending =
  | { readonly kind: 'crashed' }
  /** `why`: how the step ended. An answer that nobody waits for any more is lost. */
  | { readonly kind: 'stopped'; readonly by: Stop; readonly why: Failure }
  | { readonly kind: 'failed'; readonly why: Failure }

export interface RunSoFar {
  readonly work: Work
  /** Tries so far, this one counted. */
  readonly tries: number
  /** The provider's title. */
  readonly provider: string
  /** For how long it may take there; Infinity where it takes as long as it takes. */
  readonly deadlineMs: number
}

export interface Outcome {
  readonly event: JobEvent
  /** Whether the claim counts as no attempt. */
  readonly refund: boolean
  /** Whether temporary files are of no more use. Never where the job keeps work that needs them. */
  readonly discard: boolean
}

/** @param random 0 to 1. */
export function outcomeOf(ending: Ending, run: RunSoFar, resubmit: Resubmit, nowMs: number, random: number): Outcome {
  switch (ending.kind) {
    case 'crashed': {
      const event = recovered(run.work, resubmit)
      return outcome(event, run.work, event.type === 'again', resubmit)
    }
    case 'stopped':
      return stopped(ending, run.work, resubmit, nowMs)
    case 'failed': {
      const event = afterFailure(ending.why, run, resubmit, nowMs, random)
      return outcome(event, run.work, event.type === 'again' && costsNoAttempt.has(ending.why.code), resubmit)
    }
  }
}

function outcome(event: JobEvent, work: Work, refund: boolean, resubmit: Resubmit): Outcome {
  const kept = 'work' in event ? event.work : event.type === 'doubt' ? work : undefined
  return { event, refund, discard: !keepsFiles(kept, resubmit) }
}

/** Whether there may be files of a job that nothing runs. */
export function mayHaveFiles(work: Work): boolean {
  return 'parts' in work || work.step === 'wait' || work.step === 'fetch'
}

/** Whether the files of the work that goes on are needed, or have their names already. */
function keepsFiles(kept: Work | undefined, resubmit: Resubmit): boolean {
  if (kept === undefined) return false
  if ('parts' in kept || kept.step === 'afterwards') return true
  // What others have made on the same storage is not fetched but taken over: there is no second one.
  return resubmit === 'keyed' && (kept.step === 'wait' || kept.step === 'fetch')
}

/** What goes on after a crash or a shutdown, or is left to the user. */
function recovered(work: Work, resubmit: Resubmit): Extract<JobEvent, { type: 'again' | 'doubt' }> {
  const goOn = (next: Work) => ({ type: 'again', dueAtMs: 0, why: failure('interrupted'), work: next }) as const
  if (work.step !== 'submit') return goOn(work)
  switch (resubmit) {
    case 'free':
      return goOn(atStart)
    case 'keyed':
      return goOn(work)
    case 'same-key':
      return goOn({ ...work, inDoubt: true })
    case 'never':
      return { type: 'doubt', why: failure('answer-lost') }
  }
}

function stopped({ by, why }: Extract<Ending, { kind: 'stopped' }>, work: Work, resubmit: Resubmit, nowMs: number): Outcome {
  if (by === 'cancel') {
    const isDone = work.step === 'afterwards' && costsMoney(resubmit)
    const sent = isDone || isPaid(work, resubmit) || (why.code === 'answer-lost' && resubmit !== 'keyed')
    return outcome({ type: 'cancel', atMs: nowMs, ...(sent && { sent }) }, work, false, resubmit)
  }
  const event = recovered(work, resubmit)
  if (by === 'shutdown' || event.type === 'doubt') return outcome(event, work, true, resubmit)
  // Whoever works on it for nothing makes room for somebody else.
  const isGivenUp = resubmit === 'keyed' && handedOf(event.work) !== null && !('parts' in event.work)
  return outcome({ type: 'pause', work: isGivenUp ? atStart : event.work }, work, true, resubmit)
}

function afterFailure(why: Failure, run: RunSoFar, resubmit: Resubmit, nowMs: number, random: number): JobEvent {
  const { work, tries } = run
  // It is done. A trouble with what comes after is none of the job's, and least of all worth paying for it once more.
  if (work.step === 'afterwards') {
    return { type: 'finish', atMs: nowMs, outputs: work.outputs, notes: work.notes, archivedTo: null }
  }
  const paid = isPaid(work, resubmit)
  if (why.code === 'output-exists' && !paid) return { type: 'skip', atMs: nowMs, why }
  if (why.code === 'deadline' || (why.code === 'answer-lost' && resubmit === 'never')) return { type: 'doubt', why }
  // Its key was sent before, and nobody knows more than at first: under a new one it could be paid for once more.
  const isDoubtful = why.code === 'answer-lost' || isInDoubt(work)
  const beginsAnew = why.code === 'source-changed'
  const ticket = paidTicketOf(work)
  // What is paid for is asked about for as long as a job may take, however often.
  const isYoung = ticket !== null && nowMs - ticket.submittedAtMs <= run.deadlineMs
  // Machines of our own come back, and nothing is spent by waiting for them.
  const isOwn = resubmit === 'keyed' && wayTroubles.has(why.code)
  const dueAtMs = retryAtMs(asTransient(why, work), isYoung || isOwn ? Math.min(tries, maxTries - 1) : tries, nowMs, random)
  if (dueAtMs !== null && !(beginsAnew && (isDoubtful || paid))) {
    return { type: 'again', dueAtMs, why, work: beginsAnew ? atStart : nextTry(why, work, resubmit) }
  }
  if (isDoubtful) return { type: 'doubt', why }
  if (paid && !isVerdict(why, work)) {
    return { type: 'doubt', why: { ...failure('out-of-reach', { provider: run.provider }), cause: why } }
  }
  return { type: 'fail', atMs: nowMs, why, ...(paid && { sent: true }) }
}

/** An answer that makes no sense is final before anything is paid for; a job that is paid for is asked about again. */
function asTransient(why: Failure, { step }: Work): Failure {
  const isAsked = step === 'wait' || step === 'fetch'
  const passes = why.code === 'answer-lost' || (isAsked && (why.code === 'answer-bad' || why.code === 'provider-error'))
  return passes ? ({ ...why, code: 'provider-down' } as Failure) : why
}

/** By these nothing is known of what was handed over: it is asked about again. By any other it is over there. */
const wayTroubles: ReadonlySet<FailureCode> = new Set([
  'network',
  'provider-down',
  'provider-error',
  'answer-bad',
  'rate-limited',
  'answer-lost',
  'queue-away',
  'queue-refused',
])

function nextTry({ code }: Failure, work: Work, resubmit: Resubmit): Work {
  if (resubmit === 'keyed') return handedOf(work) === null || wayTroubles.has(code) ? work : atStart
  return code === 'answer-lost' && work.step === 'submit' ? { ...work, inDoubt: true } : work
}

/** By these nothing is to be had of a job that is paid for. Any other trouble says nothing about its result, which can still be had. */
const verdicts: ReadonlySet<FailureCode> = new Set([
  'conversion-failed', 'gone', 'cancelled', 'too-large', 'pair-unsupported', 'target-unknown', 'option-unknown', 'option-invalid',
  'option-unsupported', 'source-empty', 'source-not-file', 'source-damaged', 'source-changed', 'source-unknown', 'source-unsupported', 'source-protected', 'source-not-local',
  'source-not-public', 'output-bad',
]) // prettier-ignore

/** What has passed its check is good: only that its file is gone for ever ends the hope for it. */
function isVerdict({ code }: Failure, { step }: Work): boolean {
  return step === 'place' ? code === 'output-bad' : verdicts.has(code)
}

/** Whether a provider that is paid has done the work, and its result is not safe yet. */
export function isPaid({ step }: Work, resubmit: Resubmit): boolean {
  switch (step) {
    case 'prepare':
    case 'submit':
    case 'afterwards':
      return false
    case 'wait':
    case 'fetch':
    case 'verify':
    case 'place':
      return costsMoney(resubmit)
  }
}

function costsMoney(resubmit: Resubmit): boolean {
  return resubmit === 'same-key' || resubmit === 'never'
}

/** What a provider has of the job, or may have; null: nothing, or no more than it has answered. */
export function handedOf(work: Work): Handed | null {
  if (work.step === 'submit') return { key: work.key }
  return work.step === 'wait' || work.step === 'fetch' ? { ticket: work.ticket } : null
}

/** What is withdrawn where a job goes on without it, or ends before it was answered. */
export function withdrawnBy({ event }: Outcome, work: Work): Handed | null {
  if (event.type === 'finish' || event.type === 'skip' || event.type === 'doubt') return null
  const kept = 'work' in event ? handedOf(event.work) : null
  return kept === null ? handedOf(work) : null
}

/** By which a result that is paid for and not safe yet can be had again: no step may be forgotten, or its failures throw it away. */
export function paidTicketOf(work: Work): Ticket | null {
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

/** Whether somebody may have the job already, although there is no ticket for it. */
export function isInDoubt(work: Work): boolean {
  return work.step === 'submit' && work.inDoubt === true
}

/**
 * Whether a step has to be on the disk before it is done: where money is spent, a file gets its name, or the source goes. After a power cut
 * anything else is done again from the step before, and nobody notices. Once the source is out of danger that holds of the end as well.
 * What the step before finds again as it was is not kept at all: the answer of our own machines, and a result without a name yet.
 */
export function keptBefore(
  work: Work,
  { afterwards }: Pick<Order, 'afterwards'>,
  resubmit: Resubmit,
): 'now' | 'soon' | 'not-at-all' {
  if (costsMoney(resubmit)) return 'now'
  if (work.step === 'place') return work.places.length > 0 ? 'now' : 'not-at-all'
  if (work.step === 'fetch' && resubmit === 'keyed') return 'not-at-all'
  return work.step === 'afterwards' && afterwards !== 'keep' ? 'now' : 'soon'
}

/** What the user's word makes of a job in doubt. */
export function resolution(
  { state }: Pick<Job, 'state'>,
  as: 'done' | 'again' | 'forget',
  resubmit: Resubmit,
  atMs: number,
): JobEvent {
  return as === 'again'
    ? { type: 'resolve', as, work: onceMore(workOf(state) ?? atStart, resubmit) }
    : { type: 'resolve', as, atMs }
}

/** Under the same key, what was accepted is not paid for twice. */
function onceMore(work: Work, resubmit: Resubmit): Work {
  if (work.step === 'submit') return resubmit === 'same-key' ? { ...work, inDoubt: true } : atStart
  return 'ticket' in work ? work : atStart
}

/** Steps that end by themselves within moments and must not be torn apart. */
export const unbreakable: ReadonlySet<Step> = new Set(['place', 'afterwards'])
