/**
 * Jobs that make several results of one source, asked for together. Each is a job like any other; they can be claimed together, and nobody takes their
 * source away before its time. Apart, since neither adding nor moving jobs knows of them.
 */
import { move, type Job } from '../../shared/job.ts'
import type { TotalsKeeper } from './batches.ts'
import type { StoreConnection } from './connection.ts'
import { jobColumns, type JobReader, type JobRow } from './rows.ts'
import type { JobStore } from './store.ts'

export function createSiblings(
  db: StoreConnection,
  reader: JobReader,
  totals: TotalsKeeper,
): Pick<JobStore, 'claimSiblings' | 'siblingsOf'> {
  const others = 'FROM jobs INDEXED BY jobs_of_siblings WHERE siblings = ? AND id <> ?'
  const all = db.prepare<[number, number], JobRow>(`SELECT ${jobColumns} ${others} ORDER BY output`)
  const due = db.prepare<[number, number], JobRow>(
    `SELECT ${jobColumns} ${others} AND phase = 'queued' AND due_at = 0 ORDER BY output`,
  )
  const write = db.prepare<[string, number]>(
    `UPDATE jobs SET phase = 'running', attempt = attempt + 1, state = ? WHERE id = ? AND phase = 'queued'`,
  )
  return {
    siblingsOf: ({ id, sibling }) => (sibling === undefined ? [] : reader.readAll(all.all(sibling.of, id))),
    claimSiblings: db.transaction(({ id, sibling }: Job, isWanted: (other: Job) => boolean, nowMs: number) => {
      if (sibling === undefined) return []
      return due.all(sibling.of, id).flatMap((row): readonly Job[] => {
        // One that cannot be read ends when its own turn comes.
        const other = reader.parse(row)
        const state = other === null || !isWanted(other) ? null : move(other.state, { type: 'claim', atMs: nowMs })
        if (other === null || state === null) return []
        write.run(JSON.stringify(state), other.id)
        totals.moved(other.batchId, 'queued', 'running')
        return [{ ...other, state, attempt: other.attempt + 1 }]
      })
    }),
  }
}
