/**
 * Claims, and what is due. A job that waits for a time is out of the index that claims read until that time has come; what has
 * come is let in first, some at a time, so that a claim costs the same with any number of rows in any lane.
 */
import type { Job } from '../../shared/job.ts'
import type { Connection } from './connection.ts'
import { jobColumns, type JobReader, type JobRow } from './rows.ts'
import type { JobStore } from './store.ts'
import type { TotalsKeeper } from './totals.ts'

export type Claims = Pick<JobStore, 'claim' | 'dueLanes' | 'nextDueMs'>

/** The due ones beyond these have their turn at the next claim. */
const letInAtOnce = 500

export function createClaims(db: Connection, reader: JobReader, totals: TotalsKeeper): Claims {
  // The indexes are named: without figures about the rows the planner takes another and sorts the whole queue.
  const letIn = db.prepare<[number, number]>(`
    UPDATE jobs SET due_at = 0 WHERE id IN (
      SELECT id FROM jobs INDEXED BY jobs_later WHERE phase = 'queued' AND due_at > 0 AND due_at <= ? ORDER BY due_at LIMIT ?)`)
  // The same move as `move(state, claim)`, in the one statement that also chooses the job.
  const take = db.prepare<[{ lane: string; nowMs: number }], JobRow>(`
    UPDATE jobs SET phase = 'running', attempt = attempt + 1,
      state = json_object('phase', 'running', 'startedAtMs', @nowMs, 'work', state -> '$.work')
    WHERE id = (
      SELECT id FROM jobs INDEXED BY jobs_ready WHERE lane = @lane AND phase = 'queued' AND due_at = 0
      ORDER BY precedence, position, id LIMIT 1)
    RETURNING ${jobColumns.replaceAll('jobs.', '')}`)
  const nextLane = db
    .prepare<[string], string>(`
      SELECT lane FROM jobs INDEXED BY jobs_ready WHERE phase = 'queued' AND due_at = 0 AND lane > ? ORDER BY lane LIMIT 1`)
    .pluck()
  const nextDue = db
    .prepare<[], number>(`
      SELECT due_at FROM jobs INDEXED BY jobs_later WHERE phase = 'queued' AND due_at > 0 ORDER BY due_at LIMIT 1`)
    .pluck()

  const tryClaim = db.transaction((lane: string, nowMs: number): Job | null => {
    letIn.run(nowMs, letInAtOnce)
    const row = take.get({ lane, nowMs })
    if (row === undefined) return null
    totals.moved(row.batch_id, 'queued', 'running')
    const job = reader.parse(row)
    // Nothing of this claim stays: the row is to end with its state as it was.
    if (job === null) throw new Unreadable(row.id)
    return job
  })
  const claim = (lane: string, nowMs: number): Job | null => {
    for (;;) {
      try {
        return tryClaim(lane, nowMs)
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error
        reader.endUnread(error.id)
      }
    }
  }
  return {
    claim,
    dueLanes: (nowMs) => {
      letIn.run(nowMs, letInAtOnce)
      const lanes: string[] = []
      for (let lane = nextLane.get(''); lane !== undefined; lane = nextLane.get(lane)) lanes.push(lane)
      return lanes
    },
    nextDueMs: () => nextDue.get() ?? null,
  }
}

/** Takes a claim back. */
class Unreadable extends Error {
  readonly id: number

  constructor(id: number) {
    super(`job ${id} cannot be read`)
    this.id = id
  }
}
