/** Which job wrote the file at a path. Paths are compared byte by byte, as they were given. */
import type { Job } from '../../shared/job.ts'
import type { Connection } from './connection.ts'

export interface OutputsKeeper {
  register(jobId: number, paths: readonly string[]): void
  /** With a job's last move: what it placed stays, what it only claimed goes. */
  settle(job: Job): void
  ownerOf(path: string): { readonly jobId: number; readonly batchId: number } | null
}

export function createOutputs(db: Connection): OutputsKeeper {
  const claim = db.prepare<[string, number]>(
    'INSERT INTO outputs VALUES (?, ?) ON CONFLICT DO UPDATE SET job_id = excluded.job_id',
  )
  const letGo = db.prepare<[number]>('DELETE FROM outputs WHERE job_id = ?')
  const isNotUndone = db.prepare<[number]>('UPDATE batches SET undone_at = NULL WHERE id = ? AND undone_at IS NOT NULL')
  const owner = db.prepare<[string], { jobId: number; batchId: number }>(`
    SELECT jobs.id AS jobId, jobs.batch_id AS batchId FROM outputs JOIN jobs ON jobs.id = outputs.job_id
    JOIN batches ON batches.id = jobs.batch_id WHERE outputs.path = ? AND batches.undone_at IS NULL`)
  return {
    register: (jobId, paths) => {
      for (const path of paths) claim.run(path, jobId)
    },
    settle: ({ id, batchId, state }) => {
      letGo.run(id)
      if (state.phase !== 'done' || state.outputs.length === 0) return
      for (const { path } of state.outputs) claim.run(path, id)
      // Of an undone batch a job was done after all: there is something to take back again.
      isNotUndone.run(batchId)
    },
    ownerOf: (path) => owner.get(path) ?? null,
  }
}
