/** What happens in the queue, for as long as the program runs, whoever holds it meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Session } from '../api/session.ts'
import type { Log } from '../engine/ports.ts'
import type { Totals } from '../../shared/model.ts'

export interface Follower {
  onTotals(now: { readonly totals: Totals; readonly paused: boolean }): void
  /** A job is done; its results. */
  onDone(outputs: readonly string[]): void
}

const betweenTriesMs = 1000

/** Resolves after the signal. */
export async function follow(session: Session, { onTotals, onDone }: Follower, signal: AbortSignal, log: Log): Promise<void> {
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
    await sleep(betweenTriesMs, undefined, { signal }).catch(() => {})
  }
}
