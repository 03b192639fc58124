/** The ledger of what online providers cost. Rows stay when their job is forgotten: money was spent all the same. */
import type { Connection } from './connection.ts'
import type { SpendStore, SpentCost } from './store.ts'

export function createSpend(db: Connection): SpendStore {
  const insert = db.prepare('INSERT INTO spend (job_id, batch_id, provider, amount, unit, spent_at) VALUES (?, ?, ?, ?, ?, ?)')
  const correct = db.prepare('UPDATE spend SET amount = ?, unit = ? WHERE id = (SELECT max(id) FROM spend WHERE job_id = ?)')
  const since = db
    .prepare<[string, number], number>('SELECT total(amount) FROM spend WHERE provider = ? AND spent_at >= ?')
    .pluck()
  const ofBatch = db
    .prepare<[number, string], number>('SELECT total(amount) FROM spend WHERE batch_id = ? AND provider = ?')
    .pluck()
  const ofJob = db.prepare<[number], { amount: number; unit: string | null }>(
    'SELECT total(amount) AS amount, max(unit) AS unit FROM spend WHERE job_id = ?',
  )
  return {
    record: (job, cost, nowMs) => void insert.run(job.id, job.batchId, job.provider, cost.amount, cost.unit, nowMs),
    correct: (jobId, cost) => void correct.run(cost.amount, cost.unit, jobId),
    since: (provider, sinceMs) => since.get(provider, sinceMs) ?? 0,
    ofBatch: (provider, batchId) => ofBatch.get(batchId, provider) ?? 0,
    ofJob: (jobId): SpentCost | null => {
      const { amount, unit } = ofJob.get(jobId) ?? { amount: 0, unit: null }
      // Without a unit, nobody has said what it cost.
      return unit === null || unit === '' ? null : { amount, unit }
    },
  }
}
