/** What was dropped or named together. */
import type { Batch } from '../../shared/model.ts'
import type { Connection } from './connection.ts'
import type { BatchStore } from './store.ts'
import type { TotalsKeeper } from './totals.ts'

interface BatchRow {
  readonly id: number
  readonly label: string
  readonly created_at: number
  readonly undone_at: number | null
}

export function createBatches(db: Connection, totals: TotalsKeeper): BatchStore {
  const insert = db.prepare<[string, number]>('INSERT INTO batches (label, created_at) VALUES (?, ?)')
  const select = db.prepare<[number], BatchRow>('SELECT * FROM batches WHERE id = ?')
  const before = db.prepare<[number, number], BatchRow>('SELECT * FROM batches WHERE id < ? ORDER BY id DESC LIMIT ?')
  const undone = db.prepare<[number, number]>('UPDATE batches SET undone_at = ? WHERE id = ?')

  const read = (row: BatchRow): Batch => ({
    id: row.id,
    label: row.label,
    createdAtMs: row.created_at,
    totals: totals.ofBatch(row.id),
    undoneAtMs: row.undone_at,
  })
  return {
    open: (label, nowMs) => Number(insert.run(label, Math.floor(nowMs)).lastInsertRowid),
    get: (id) => {
      const row = select.get(id)
      return row === undefined ? null : read(row)
    },
    list: ({ after, limit }) => before.all(after ?? Number.MAX_SAFE_INTEGER, limit).map(read),
    markUndone: (id, nowMs) => void undone.run(Math.floor(nowMs), id),
  }
}

/** Batches that nothing came into, or whose jobs are all forgotten. To be called when no intake can be under way. */
export function sweepBatches(db: Connection): void {
  db.exec(`
    DELETE FROM batches WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.batch_id = batches.id);
    DELETE FROM plans WHERE NOT EXISTS (SELECT 1 FROM jobs)`)
}
