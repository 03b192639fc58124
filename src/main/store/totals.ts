/** How many jobs are in each phase, overall and by batch, kept in the transaction that changes a phase: asking counts nothing. */
import { phases, type Phase } from '../../shared/job.ts'
import type { Totals } from '../../shared/model.ts'
import type { Connection } from './connection.ts'

export interface TotalsKeeper {
  came(batchId: number, phase: Phase, jobs: number): void
  moved(batchId: number, from: Phase, to: Phase): void
  left(batchId: number, phase: Phase): void
  all(): Totals
  ofBatch(batchId: number): Totals
}

interface Count {
  readonly phase: Phase
  readonly jobs: number
}

export function createTotals(db: Connection): TotalsKeeper {
  const add = db.prepare<[Phase, number]>(
    'INSERT INTO totals VALUES (?, ?) ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs',
  )
  const addInBatch = db.prepare<[number, Phase, number]>(
    'INSERT INTO batch_totals VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs',
  )
  const take = db.prepare<[Phase]>('UPDATE totals SET jobs = jobs - 1 WHERE phase = ?')
  const takeInBatch = db.prepare<[number, Phase]>('UPDATE batch_totals SET jobs = jobs - 1 WHERE batch_id = ? AND phase = ?')
  const all = db.prepare<[], Count>('SELECT phase, jobs FROM totals')
  const ofBatch = db.prepare<[number], Count>('SELECT phase, jobs FROM batch_totals WHERE batch_id = ?')

  const came = (batchId: number, phase: Phase, jobs: number) => {
    add.run(phase, jobs)
    addInBatch.run(batchId, phase, jobs)
  }
  const left = (batchId: number, phase: Phase) => {
    take.run(phase)
    takeInBatch.run(batchId, phase)
  }
  return {
    came,
    left,
    moved: (batchId, from, to) => {
      if (from === to) return
      left(batchId, from)
      came(batchId, to, 1)
    },
    all: () => complete(all.all()),
    ofBatch: (batchId) => complete(ofBatch.all(batchId)),
  }
}

function complete(counts: readonly Count[]): Totals {
  const none = Object.fromEntries(phases.map((phase) => [phase, 0])) as Totals
  return { ...none, ...Object.fromEntries(counts.map(({ phase, jobs }) => [phase, jobs])) }
}
