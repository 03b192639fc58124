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
  readonly paused: boolean
  /** Of this burst, 0 to 1; null where nothing is to be done. */
  readonly progress: number | null
  /** Finished counts when the burst began. */
  readonly since: Totals | null
  /** Set in the one state in which a burst has just ended. */
  readonly ended: { readonly done: number; readonly failed: number } | null
}

export const calm: Burst = { left: 0, running: 0, paused: false, progress: null, since: null, ended: null }

export function advance(before: Burst, { totals, paused }: { readonly totals: Totals; readonly paused: boolean }): Burst {
  const left = totals.queued + totals.running
  const now = { left, running: totals.running, paused }
  if (left === 0) {
    const { since } = before
    if (since === null) return { ...calm, paused }
    const done = Math.max(0, totals.done - since.done)
    const failed = Math.max(0, totals.failed - since.failed)
    return { ...calm, paused, ended: done + failed === 0 ? null : { done, failed } }
  }
  // History may be forgotten meanwhile; then the burst is counted from there.
  const since = before.since === null || finished(totals) < finished(before.since) ? totals : before.since
  const over = finished(totals) - finished(since)
  return { ...now, since, progress: over / (over + left), ended: null }
}

function finished(totals: Totals): number {
  return finishedPhases.reduce((sum, phase) => sum + totals[phase], 0)
}
