/** A store in a temporary folder. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { Log } from '../../src/main/engine/ports.ts'
import { openStore } from '../../src/main/store/open.ts'
import type { Store } from '../../src/main/store/store.ts'
import type { Draft, JobEvent, Output } from '../../src/shared/job.ts'
import { startMs } from './drafts.ts'
import { temporaryFolder } from './folder.ts'
import { testLog } from './log.ts'

/** Closed at the end of the test, which must leave no log of SQLite's behind. */
export async function temporaryStore(): Promise<Store> {
  return storeIn(await temporaryFolder())
}

export function storeIn(folder: string, log: Log = testLog): Store {
  const store = openStore({ folder, log, nowMs: () => startMs, randomHex: (bytes) => 'a1'.repeat(bytes) })
  onTestFinished(() => {
    store.close()
    expect(existsSync(join(folder, 'beside.sqlite-wal'))).toBe(false)
  })
  return store
}

/** Queues drafts in a batch of their own; answers their numbers. */
export function queued(store: Store, drafts: readonly Draft[]): readonly number[] {
  return store.jobs.add(store.batches.open('drop', startMs), drafts, startMs).map(({ id }) => id)
}

export function finishedAt(atMs: number, outputs: readonly Output[] = []): JobEvent {
  return { type: 'finish', atMs, outputs: [...outputs], notes: [], archivedTo: null }
}

/** Claims and finishes a job that is next in its lane. */
export function finishNext(store: Store, atMs: number, outputs: readonly Output[] = [], lane = 'local:audio'): number {
  const job = store.jobs.claim(lane, atMs)
  if (job === null) throw new Error('nothing to claim')
  store.jobs.apply(job.id, finishedAt(atMs, outputs))
  return job.id
}
