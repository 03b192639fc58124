/**
 * Batches (what was dropped or named batched), and how many jobs are in each phase, overall and by batch. The counts are kept in the transaction
 * that changes a phase: asking counts nothing.
 */
import { finishedPhases, livePhases, type Phase, phases } from '../../shared/job.ts'
import type { Batch, Totals } from '../../shared/model.ts'
import { withoutWaiting, type StoreConnection } from './connection.ts'
import type { Outbox } from './outbox.ts'
import { isLive } from './schema.ts'
import type { BatchStore } from './store.ts'

interface BatchRow {
  readonly id: number
  readonly label: string
  readonly created_at: number
  readonly undone_at: number | null
  readonly filling: number
  /** Its jobs have all ended while it was being filled. */
  readonly rested: number
}

interface Batches {
  readonly store: BatchStore
  /** The last of its live jobs has ended. For the inside of a transaction. */
  ended(batchId: number): void
}

export function createBatches(db: StoreConnection, totals: TotalsKeeper, outbox: Pick<Outbox, 'batchOver'>): Batches {
  const insert = db.prepare<[string, number]>('INSERT INTO batches (label, created_at, filling) VALUES (?, ?, 1)')
  const select = db.prepare<[number], BatchRow>('SELECT * FROM batches WHERE id = ?')
  const before = db.prepare<[number, number], BatchRow>('SELECT * FROM batches WHERE id < ? ORDER BY id DESC LIMIT ?')
  const undone = db.prepare<[number, number]>('UPDATE batches SET undone_at = ? WHERE id = ?')
  const fill = db.prepare<[number]>('UPDATE batches SET filling = 1 WHERE id = ? AND filling = 0')
  const rest = db.prepare<[number]>('UPDATE batches SET rested = 1 WHERE id = ? AND rested = 0')
  const setFilled = db.prepare<[number]>('UPDATE batches SET filling = 0, rested = 0 WHERE id = ?')
  const beingFilled = db.prepare<[], number>('SELECT id FROM batches WHERE filling = 1 ORDER BY id').pluck()

  const read = (row: BatchRow): Batch => ({
    id: row.id,
    label: row.label,
    createdAtMs: row.created_at,
    totals: totals.ofBatch(row.id),
    undoneAtMs: row.undone_at,
  })
  const endFilling = (id: number): void => {
    const row = select.get(id)
    if (row === undefined || row.filling === 0) return
    setFilled.run(id)
    const batch = read(row)
    if (row.rested === 1 && livePhases.every((phase) => batch.totals[phase] === 0)) outbox.batchOver(batch)
  }
  const filled = db.transaction(endFilling)
  const store: BatchStore = {
    open: (label, nowMs) => Number(insert.run(label, Math.floor(nowMs)).lastInsertRowid),
    fill: (id) => void fill.run(id),
    filled: (id) => withoutWaiting(db, () => filled(id)),
    recoverFilling: db.transaction(() => beingFilled.all().forEach(endFilling)),
    get: (id) => {
      const row = select.get(id)
      return row === undefined ? null : read(row)
    },
    list: ({ after, limit }) => before.all(after ?? Number.MAX_SAFE_INTEGER, limit).map(read),
    markUndone: (id, nowMs) => void undone.run(Math.floor(nowMs), id),
  }
  return {
    store,
    ended: (batchId) => {
      const row = select.get(batchId)
      if (row === undefined) return
      if (row.filling === 1) rest.run(batchId)
      else outbox.batchOver(read(row))
    },
  }
}

/** Batches that nothing added into, or whose jobs are all forgotten. To be called when no intake can be under way. */
export function sweepBatches(db: StoreConnection): void {
  db.exec(`
    DELETE FROM batches WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.batch_id = batches.id);
    DELETE FROM plans WHERE NOT EXISTS (SELECT 1 FROM jobs)`)
}

export interface TotalsKeeper {
  added(batchId: number, phase: Phase, jobs: number): void
  moved(batchId: number, from: Phase, to: Phase): void
  /** What is moved during `work` is added up and written once, at its end. For the inside of a transaction. */
  batched<T>(work: () => T): T
  removedOne(batchId: number, phase: Phase): void
  all(): Totals
  ofBatch(batchId: number): Totals
}

interface Count {
  readonly phase: Phase
  readonly jobs: number
}

interface Moved {
  readonly batchId: number
  readonly from: Phase
  readonly to: Phase
  readonly jobs: number
}

/** @param ended called within the transaction in which the last live job of a batch ends. */
export function createTotals(db: StoreConnection, ended: (batchId: number) => void): TotalsKeeper {
  const add = db.prepare<[Phase, number]>(
    'INSERT INTO totals VALUES (?, ?) ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs',
  )
  const addInBatch = db.prepare<[number, Phase, number]>(
    'INSERT INTO batch_totals VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs',
  )
  const take = db.prepare<[number, Phase]>('UPDATE totals SET jobs = jobs - ? WHERE phase = ?')
  const takeInBatch = db.prepare<[number, number, Phase]>(
    'UPDATE batch_totals SET jobs = jobs - ? WHERE batch_id = ? AND phase = ?',
  )
  const all = db.prepare<[], Count>('SELECT phase, jobs FROM totals')
  const ofBatch = db.prepare<[number], Count>('SELECT phase, jobs FROM batch_totals WHERE batch_id = ?')
  const live = db.prepare<[number], number>(`SELECT total(jobs) FROM batch_totals WHERE batch_id = ? AND ${isLive}`).pluck()

  const added = (batchId: number, phase: Phase, jobs: number) => {
    add.run(phase, jobs)
    addInBatch.run(batchId, phase, jobs)
  }
  const removed = (batchId: number, phase: Phase, jobs: number) => {
    take.run(jobs, phase)
    takeInBatch.run(jobs, batchId, phase)
  }
  const write = (moves: readonly Moved[]) => {
    for (const { batchId, from, to, jobs } of moves) {
      removed(batchId, from, jobs)
      added(batchId, to, jobs)
    }
    const batches = new Set(moves.filter(({ to }) => isEnd(to)).map(({ batchId }) => batchId))
    for (const batchId of batches) if (live.get(batchId) === 0) ended(batchId)
  }
  let collected: Map<string, Moved> | null = null
  return {
    added,
    removedOne: (batchId, phase) => removed(batchId, phase, 1),
    moved: (batchId, from, to) => {
      if (from === to) return
      if (collected === null) return write([{ batchId, from, to, jobs: 1 }])
      const key = `${batchId} ${from} ${to}`
      collected.set(key, { batchId, from, to, jobs: 1 + (collected.get(key)?.jobs ?? 0) })
    },
    batched: (work) => {
      const own = (collected = new Map<string, Moved>())
      try {
        const result = work()
        write([...own.values()])
        return result
      } finally {
        collected = null
      }
    },
    all: () => complete(all.all()),
    ofBatch: (batchId) => complete(ofBatch.all(batchId)),
  }
}

function isEnd(phase: Phase): boolean {
  return (finishedPhases as readonly Phase[]).includes(phase)
}

function complete(counts: readonly Count[]): Totals {
  const none = Object.fromEntries(phases.map((phase) => [phase, 0])) as Totals
  return { ...none, ...Object.fromEntries(counts.map(({ phase, jobs }) => [phase, jobs])) }
}
