/** How many jobs are in each phase, overall and by batch, kept in the transaction that changes a phase: asking counts nothing. */
import { phases, type Phase } from '../../shared/job.ts'
import type { Totals } from '../../shared/model.ts'
import type { Connection } from './connection.ts'

export interface TotalsKeeper {
  came(batchId: number, phase: Phase, jobs: number): void
  moved(batchId: number, from: Phase, to: Phase): void
  /** What is moved during `work` is added up and written once, at its end. For the inside of a transaction. */
  together<T>(work: () => T): T
  left(batchId: number, phase: Phase): void
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

export function createTotals(db: Connection): TotalsKeeper {
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

  const came = (batchId: number, phase: Phase, jobs: number) => {
    add.run(phase, jobs)
    addInBatch.run(batchId, phase, jobs)
  }
  const went = (batchId: number, phase: Phase, jobs: number) => {
    take.run(jobs, phase)
    takeInBatch.run(jobs, batchId, phase)
  }
  const write = ({ batchId, from, to, jobs }: Moved) => {
    went(batchId, from, jobs)
    came(batchId, to, jobs)
  }
  let collected: Map<string, Moved> | null = null
  return {
    came,
    left: (batchId, phase) => went(batchId, phase, 1),
    moved: (batchId, from, to) => {
      if (from === to) return
      if (collected === null) return write({ batchId, from, to, jobs: 1 })
      const key = `${batchId} ${from} ${to}`
      collected.set(key, { batchId, from, to, jobs: 1 + (collected.get(key)?.jobs ?? 0) })
    },
    together: (work) => {
      const own = (collected = new Map<string, Moved>())
      try {
        const result = work()
        own.forEach(write)
        return result
      } finally {
        collected = null
      }
    },
    all: () => complete(all.all()),
    ofBatch: (batchId) => complete(ofBatch.all(batchId)),
  }
}

function complete(counts: readonly Count[]): Totals {
  const none = Object.fromEntries(phases.map((phase) => [phase, 0])) as Totals
  return { ...none, ...Object.fromEntries(counts.map(({ phase, jobs }) => [phase, jobs])) }
}
