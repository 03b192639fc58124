/** Drafts to rows. A hundred thousand at a time must cost little more than SQLite asks for the bare rows. */
import { atStart, type Draft, type JobState } from '../../shared/job.ts'
import { JobError } from '../../shared/failure.ts'
import type { Connection } from './connection.ts'
import type { Plans } from './plans.ts'
import { isLive } from './schema.ts'
import { sourceHash, type SourceHash } from './source-hash.ts'
import type { Added, JobStore } from './store.ts'
import type { TotalsKeeper } from './totals.ts'
import { reasonText } from './rows.ts'

export type Adding = Pick<JobStore, 'add'>

const fresh: JobState = { phase: 'queued', dueAtMs: 0, work: atStart, last: null }

export function createAdding(db: Connection, plans: Plans, totals: TotalsKeeper, positions: Positions): Adding {
  const insert = db.prepare(`
    INSERT INTO jobs (batch_id, plan_id, source, folder_hash, name_hash, bytes, mtime_ms, from_format, preset, counter,
      phase, lane, due_at, precedence, position, provider, reason, attempt, created_at, repeats, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, 0, ?, ?, ?, ?, 0, ?, ?, '${JSON.stringify(fresh)}')
    ON CONFLICT (folder_hash, name_hash, plan_id) WHERE ${isLive} DO NOTHING`)
  const same = db
    .prepare<[number, number, number, string], number>(
      `SELECT id FROM jobs WHERE folder_hash = ? AND name_hash = ? AND plan_id = ? AND ${isLive} AND source = ?`,
    )
    .pluck()
  const batch = db.prepare<[number], number>('SELECT id FROM batches WHERE id = ?').pluck()

  const addOne = (batchId: number, draft: Draft, position: number, nowMs: number): Added => {
    const { order, lane, priority, provider, reason, repeats = null } = draft
    const { source: from } = order
    const [source, bytes, mtimeMs] = from.kind === 'file' ? [from.path, from.bytes, from.mtimeMs] : [from.url, null, null]
    const planId = plans.idOf(order)
    const row = (hash: SourceHash, name: number | null) =>
      insert.run(
        batchId, planId, source, hash.folder, name, bytes, mtimeMs, order.from, order.preset, order.counter,
        lane, -priority, position, provider, reasonText(reason), nowMs, repeats,
      ) // prettier-ignore
    const hash = sourceHash(source)
    const added = row(hash, hash.name)
    if (added.changes > 0) return { id: Number(added.lastInsertRowid), joined: false }
    const id = same.get(hash.folder, hash.name, planId, source)
    if (id !== undefined) return { id, joined: true }
    // Another source with the very same hashes: this one is queued without, it only cannot be joined.
    return { id: Number(row(hash, null).lastInsertRowid), joined: false }
  }
  const add = db.transaction((batchId: number, drafts: readonly Draft[], nowMs: number): readonly Added[] => {
    if (batch.get(batchId) === undefined) throw new JobError('not-found', { because: 'batch', id: String(batchId) })
    const first = positions.take(drafts.length)
    const added = drafts.map((draft, index) => addOne(batchId, draft, first + index, nowMs))
    const rows = added.filter(({ joined }) => !joined).length
    if (rows > 0) totals.came(batchId, 'queued', rows)
    return added
  })
  return {
    add: (batchId, drafts, nowMs) => {
      try {
        return add(batchId, drafts, nowMs)
      } catch (error) {
        plans.forget()
        throw error
      }
    },
  }
}

export interface Positions {
  /** The first of so many whole numbers, all of them behind every position in use. */
  take(count: number): number
}

export function createPositions(db: Connection): Positions {
  const read = db.prepare<[], string>(`SELECT value FROM meta WHERE name = 'position'`).pluck()
  const write = db.prepare<[string]>(`UPDATE meta SET value = ? WHERE name = 'position'`)
  return {
    take: (count) => {
      const first = Number(read.get() ?? 0) + 1
      write.run(String(first + count - 1))
      return first
    },
  }
}
