/**
 * The queue as the desktop shows it: how much is left, and how far the present burst of work has come. A burst begins when work
 * appears where there was none and ends when none is left; what was finished before it does not count.
 */
import { finishedPhases } from '../../shared/job.ts'
import type { Totals } from '../../shared/model.ts'

export interface Burst {
  /** Queued and running; what waits for the user does not go on by itself. */
  readonly left: number
  readonly running: number
  /** All of it. */
  readonly paused: boolean
  /** Paused one by one. */
  readonly held: number
  /** Goes on only with an answer of the user: waiting and uncertain. */
  readonly waiting: number
  /** Set in the one state in which something has begun to wait for the user, for the first time in this burst. */
  readonly asks: boolean
  readonly hasAsked: boolean
  /** Of this burst, 0 to 1; null where nothing is to be done. */
  readonly progress: number | null
  /** Finished counts when the burst began. */
  readonly since: Totals | null
  /** Set in the one state in which a burst has just ended. */
  readonly ended: { readonly done: number; readonly failed: number } | null
}

export const calm: Burst = {
  left: 0,
  running: 0,
  paused: false,
  held: 0,
  waiting: 0,
  asks: false,
  hasAsked: false,
  progress: null,
  since: null,
  ended: null,
}

export function advance(before: Burst, { totals, paused }: { readonly totals: Totals; readonly paused: boolean }): Burst {
  const left = totals.queued + totals.running
  const waiting = totals.waiting + totals.uncertain
  // What waited before this program looked is no news, and of many that begin to wait the first one is enough.
  const asks = before.since !== null && !before.hasAsked && waiting > before.waiting
  const now = { left, running: totals.running, paused, held: totals.paused, waiting, asks }
  if (left === 0) {
    const { since } = before
    if (since === null) return { ...calm, ...now }
    const done = Math.max(0, totals.done - since.done)
    const failed = Math.max(0, totals.failed - since.failed)
    return { ...calm, ...now, ended: done + failed === 0 ? null : { done, failed } }
  }
  // History may be forgotten meanwhile; then the burst is counted from there.
  const since = before.since === null || finished(totals) < finished(before.since) ? totals : before.since
  const over = finished(totals) - finished(since)
  const hasAsked = waiting > 0 && (before.hasAsked || asks)
  return { ...now, hasAsked, since, progress: over / (over + left), ended: null }
}

/** Nothing is left in the queue that could still become a result, not even with a word of the user. */
export function isAllDone({ left, held, waiting }: Burst): boolean {
  return left + held + waiting === 0
}

function finished(totals: Totals): number {
  return finishedPhases.reduce((sum, phase) => sum + totals[phase], 0)
}
