/**
 * From an event to the deliveries that it is worth, in the transaction of the event: a crash leaves both or neither. Where no hook is for
 * an event, it costs a look at a list.
 */
import { batchEvent, folderEvent, jobEvent, type HookEvent } from '../../shared/hook-events.ts'
import { isFor, type DeliveryState } from '../../shared/hooks.ts'
import type { Job } from '../../shared/job.ts'
import type { Batch } from '../../shared/model.ts'
import type { StoreConnection } from './connection.ts'
import type { DeliveryStore, HookStore } from './hook-store.ts'

/** To be called inside a transaction. */
export interface Outbox {
  jobEnded(job: Job): void
  /** The last of its jobs has ended, and it gets no more. */
  batchOver(batch: Batch): void
  folderAtRest(folder: Parameters<typeof folderEvent>[0]): void
  readonly subscribe: DeliveryStore['subscribe']
}

interface OutboxParts {
  readonly hooks: Pick<HookStore, 'list'>
  readonly nowMs: () => number
  readonly randomHex: (bytes: number) => string
}

const fresh: DeliveryState = { phase: 'due', dueAtMs: 0 }

export function createOutbox(db: StoreConnection, { hooks, nowMs, randomHex }: OutboxParts): Outbox {
  const insert = db.prepare<[number, string, string, number]>(`
    INSERT INTO deliveries (hook_id, key, event, phase, due_at, attempt, state, created_at)
    VALUES (?, ?, ?, 'due', 0, 0, '${JSON.stringify(fresh)}', ?)`)
  const folderOf = db.prepare<[number], number>('SELECT folder_id FROM folder_batches WHERE batch_id = ?').pluck()
  const listeners = new Set<() => void>()

  /** @param eventOf asked only where a hook is for such an event. */
  const record = (about: HookEvent['about'], eventOf: () => HookEvent): void => {
    const candidates = hooks.list().filter(({ on, after }) => on && after === about)
    if (candidates.length === 0) return
    const event = eventOf()
    const meant = candidates.filter((hook) => isFor(hook, event))
    const json = JSON.stringify(event)
    for (const { id } of meant) insert.run(id, randomHex(16), json, Math.floor(nowMs()))
    if (meant.length > 0) for (const listener of listeners) listener()
  }
  return {
    jobEnded: (job) => record('job', () => jobEvent(job, folderOf.get(job.batchId) ?? null)),
    batchOver: (batch) => record('batch', () => batchEvent(batch, folderOf.get(batch.id) ?? null, nowMs())),
    folderAtRest: (folder) => record('folder', () => folderEvent(folder, nowMs())),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
