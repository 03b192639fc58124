/**
 * The queue as the desktop shows it: how much is left, and how far the present burst of work has come. A burst begins when work
 * appears where there was none and ends when none is left; what was finished before it does not count.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { finishedPhases } from '../../shared/job.ts'
import type { Totals } from '../../shared/model.ts'
import type { Session } from '../api/session.ts'
import type { Log } from '../engine/ports.ts'

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

export const idleBurst: Burst = {
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
    if (since === null) return { ...idleBurst, ...now }
    const done = Math.max(0, totals.done - since.done)
    const failed = Math.max(0, totals.failed - since.failed)
    return { ...idleBurst, ...now, ended: done + failed === 0 ? null : { done, failed } }
  }
  // History may be forgotten meanwhile; then the burst is counted from there.
  const since = before.since === null || finished(totals) < finished(before.since) ? totals : before.since
  const over = finished(totals) - finished(since)
  const hasAsked = waiting > 0 && (before.hasAsked || asks)
  return { ...now, hasAsked, since, progress: over / (over + left), ended: null }
}

/** Nothing is left in the queue that could still become a result, not even with an answer of the user. */
export function isAllDone({ left, held, waiting }: Burst): boolean {
  return left + held + waiting === 0
}

function finished(totals: Totals): number {
  return finishedPhases.reduce((sum, phase) => sum + totals[phase], 0)
}

export interface Follower {
  onTotals(now: { readonly totals: Totals; readonly paused: boolean }): void
  /** A job is done; its results. */
  onDone(outputs: readonly string[]): void
}

const retryDelayMs = 1000

/** Follows the queue for as long as the program runs, whichever process holds it meanwhile. Resolves after the signal. */
export async function followQueue(
  session: Session,
  { onTotals, onDone }: Follower,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  const isOver = () => signal.aborted
  while (!isOver()) {
    try {
      // The stream first, then the snapshot: nothing can fall between the two.
      // Without rests: work that begins and ends within one would not be seen.
      const changes = await session.client.changes({ restMs: 0 }, { signal })
      onTotals(await session.client.queue.totals())
      for await (const portion of changes)
        for (const change of portion) {
          if (change.type === 'totals') onTotals(change)
          if (change.type === 'job' && change.job.state.phase === 'done') onDone(change.job.state.outputs.map(({ path }) => path))
        }
    } catch (error) {
      if (isOver()) return
      log.warn('the queue is out of sight', { error: String(error) })
    }
    if (isOver()) return
    await session.rejoin().catch((error: unknown) => log.warn('cannot rejoin', { error: String(error) }))
    await sleep(retryDelayMs, undefined, { signal }).catch(() => {})
  }
}
