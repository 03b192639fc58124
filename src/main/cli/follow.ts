/** Follows the queue, or the watched folders, over changes of who holds them: first subscribed, then a snapshot, so that nothing passes by in between. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isOffline, type Session } from '../api/session.ts'
import type { Client } from '../api/client.ts'

export interface Following<Change> {
  changes(client: Client, signal: AbortSignal): Promise<AsyncIterable<readonly Change[]>>
  /** Where things stand now: at the beginning, and again whenever another process has taken the queue over. */
  snapshot(client: Client): Promise<void>
  change(change: Change): Promise<void> | void
}

/** Resolves when the signal is aborted. `begun` is called once changes are coming and the first snapshot is in. */
export async function follow<Change>(
  session: Session,
  following: Following<Change>,
  signal: AbortSignal,
  begun: () => void = () => undefined,
): Promise<void> {
  const isOver = () => signal.aborted
  while (!isOver()) {
    try {
      const changes = await following.changes(session.client, signal)
      await following.snapshot(session.client)
      begun()
      for await (const portion of changes) for (const change of portion) await following.change(change)
    } catch (error) {
      if (isOver()) return
      if (!isOffline(error)) throw error
    }
    if (isOver()) return
    await session.rejoin()
    // A holder ends its streams a moment before it hangs up.
    await sleep(20)
  }
}
