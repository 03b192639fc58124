/** Follows the queue over changes of who holds it: first subscribed, then a snapshot, so that nothing passes by in between. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Change } from '../../shared/contract.ts'
import { isOffline, type Session } from '../api/session.ts'
import type { Client } from '../api/client.ts'

export interface Following {
  /** Where things stand now: at the beginning, and again whenever another process has taken the queue over. */
  snapshot(client: Client): Promise<void>
  change(change: Change): void
}

/** Resolves when the signal is aborted. `begun` is called once changes are coming and the first snapshot is in. */
export async function follow(session: Session, following: Following, signal: AbortSignal, begun: () => void): Promise<void> {
  const isOver = () => signal.aborted
  while (!isOver()) {
    try {
      const changes = await session.client.changes(undefined, { signal })
      await following.snapshot(session.client)
      begun()
      for await (const change of changes) following.change(change)
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
