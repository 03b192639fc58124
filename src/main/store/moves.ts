/**
 * Every change of a job's state. A claim chooses and moves in one statement; any other is read, moved by `move` of shared/job.ts, and written
 * with all that follows from it: its place in the history, the counts, and which files are whose.
 */
import { sep } from 'node:path'
import { isFinished, type Job, type JobEvent, move, type Phase } from '../../shared/job.ts'
import { withoutWaiting, type StoreConnection } from './connection.ts'
import type { HistoryRows } from './history-rows.ts'
import { jobColumns, type JobReader, type JobRow } from './rows.ts'
import type { Outbox } from './outbox.ts'
import { isLive } from './schema.ts'
import type { JobStore, Moved } from './store.ts'
import type { TotalsKeeper } from './batches.ts'

/** A job that waits for a time is out of the index that claims read until that time has come; what is due is admitted first, some at a time, so
 * that a claim costs the same with any number of rows in any lane. */
export type Claims = Pick<JobStore, 'claim' | 'dueLanes' | 'queuedIn' | 'nextDueMs'>

/** What is due beyond these is admitted by the next claim. */
const maxAdmitted = 500

export function createClaims(db: StoreConnection, reader: JobReader, totals: TotalsKeeper): Claims {
  // The indexes are named: without figures about the rows the planner takes another and sorts the whole queue.
  const admitDue = db.prepare<[number, number]>(`
    UPDATE jobs SET due_at = 0 WHERE id IN (
      SELECT id FROM jobs INDEXED BY jobs_later WHERE phase = 'queued' AND due_at > 0 AND due_at <= ? ORDER BY due_at LIMIT ?)`)
  const readyIn = db
    .prepare<[string], number>(
      `SELECT count(*) FROM jobs INDEXED BY jobs_ready WHERE lane = ? AND phase = 'queued' AND due_at = 0`,
    )
    .pluck()
  // The same move as `move(state, claim)`, in the one statement that also chooses the job.
  const claimNext = db.prepare<[{ lane: string; nowMs: number }], JobRow>(`
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

  const admit = (nowMs: number): void => {
    const atMs = nextDue.get()
    if (atMs !== undefined && atMs <= nowMs) admitDue.run(nowMs, maxAdmitted)
  }
  const tryClaim = db.transaction((lane: string, nowMs: number): Job | null => {
    admit(nowMs)
    const row = claimNext.get({ lane, nowMs })
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
        // A claim that is lost is made again; nothing was done that did not say so in a step of its own.
        return withoutWaiting(db, () => tryClaim(lane, nowMs))
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error
        reader.endUnread(error.id)
      }
    }
  }
  return {
    claim,
    dueLanes: (nowMs) => {
      admit(nowMs)
      const lanes: string[] = []
      for (let lane = nextLane.get(''); lane !== undefined; lane = nextLane.get(lane)) lanes.push(lane)
      return lanes
    },
    queuedIn: (beginning) => {
      const found: { readonly lane: string; readonly jobs: number }[] = []
      for (let lane = nextLane.get(beginning); lane?.startsWith(beginning) === true; lane = nextLane.get(lane))
        found.push({ lane, jobs: readyIn.get(lane) ?? 0 })
      return found
    },
    nextDueMs: () => nextDue.get() ?? null,
  }
}

/** Undoes a claim. */
class Unreadable extends Error {
  readonly id: number

  constructor(id: number) {
    super(`job ${id} cannot be read`)
    this.id = id
  }
}

/** To be called inside a transaction. */
export interface Moves {
  /**
   * Null where the event means nothing in the job's phase, and where a finished job would come back while a live one already does
   * the same: that one goes on, and its twin stays finished.
   */
  apply(id: number, event: JobEvent): Job | null
  /** As `apply`; the answer says what was before, too. */
  applied(id: number, event: JobEvent): Moved | null
  giveBack(id: number, event: JobEvent): Job | null
}

interface Written {
  readonly id: number
  readonly phase: Phase
  readonly dueAt: number
  readonly attempt: number
  readonly historyKey: number | null
  readonly state: string
}

export function createMoves(
  db: StoreConnection,
  parts: {
    readonly reader: JobReader
    readonly totals: TotalsKeeper
    readonly history: HistoryRows
    readonly outputs: OutputsKeeper
    readonly outbox: Pick<Outbox, 'jobEnded'>
  },
): Moves {
  const { reader, totals, history, outputs, outbox } = parts
  const write = db.prepare<[Written]>(
    'UPDATE jobs SET phase = @phase, due_at = @dueAt, attempt = @attempt, history_key = @historyKey, state = @state WHERE id = @id',
  )
  // Steps are saved often; this one touches no index.
  const writeStep = db.prepare<[string, number]>('UPDATE jobs SET state = ? WHERE id = ?')
  const twin = db.prepare<[number], number>(`
    SELECT live.id FROM jobs AS old JOIN jobs AS live
      ON live.folder_hash = old.folder_hash AND live.name_hash = old.name_hash AND live.plan_id = old.plan_id AND live.${isLive}
    WHERE old.id = ?`).pluck() // prettier-ignore

  const moved = (id: number, event: JobEvent, attempts: number): Moved | null => {
    const before = reader.get(id)
    const state = before === null ? null : move(before.state, event)
    if (before === null || state === null) return null
    const attempt = isFresh(event) ? 0 : Math.max(0, before.attempt + attempts)
    const after: Job = { ...before, state, attempt }
    const json = JSON.stringify(state)
    if (event.type === 'step') {
      writeStep.run(json, id)
      reader.wrote(after, json)
      if (event.work.step === 'place') outputs.register(id, event.work.places.map(({ path }) => path)) // prettier-ignore
      return { job: after, was: before.state }
    }
    if (isFinished(before.state)) {
      if (twin.get(id) !== undefined) return null
      history.take(id)
    }
    const historyKey = isFinished(state) ? history.put(after) : null
    const dueAt = state.phase === 'queued' ? Math.max(0, Math.ceil(state.dueAtMs)) : 0
    write.run({ id, phase: state.phase, dueAt, attempt, historyKey, state: json })
    reader.wrote(after, json)
    if (isFinished(state)) {
      outputs.finish(after)
      outbox.jobEnded(after)
    }
    totals.moved(after.batchId, before.state.phase, state.phase)
    return { job: after, was: before.state }
  }
  return {
    apply: (id, event) => moved(id, event, 0)?.job ?? null,
    applied: (id, event) => moved(id, event, 0),
    giveBack: (id, event) => moved(id, event, -1)?.job ?? null,
  }
}

/** The user asks for it once more, or for something else: it has all its tries again. */
function isFresh(event: JobEvent): boolean {
  return event.type === 'retry' || event.type === 'change' || (event.type === 'resolve' && event.as === 'again')
}

interface OutputsKeeper {
  register(jobId: number, paths: readonly string[]): void
  /** With a job's last move: what it placed stays, what it only claimed goes. */
  finish(job: Job): void
  ownerOf(path: string): { readonly jobId: number; readonly batchId: number } | null
  hasIn(folder: string): boolean
}

export function createOutputs(db: StoreConnection): OutputsKeeper {
  const claim = db.prepare<[string, number]>(
    'INSERT INTO outputs VALUES (?, ?) ON CONFLICT DO UPDATE SET job_id = excluded.job_id',
  )
  const releaseAll = db.prepare<[number]>('DELETE FROM outputs WHERE job_id = ?')
  const isNotUndone = db.prepare<[number]>('UPDATE batches SET undone_at = NULL WHERE id = ? AND undone_at IS NOT NULL')
  const owner = db.prepare<[string], { jobId: number; batchId: number }>(`
    SELECT jobs.id AS jobId, jobs.batch_id AS batchId FROM outputs JOIN jobs ON jobs.id = outputs.job_id
    JOIN batches ON batches.id = jobs.batch_id WHERE outputs.path = ? AND batches.undone_at IS NULL`)
  const within = db.prepare<[string, string]>('SELECT 1 FROM outputs WHERE path > ? AND path < ? LIMIT 1')
  return {
    register: (jobId, paths) => {
      for (const path of paths) claim.run(path, jobId)
    },
    finish: ({ id, batchId, state }) => {
      releaseAll.run(id)
      if (state.phase !== 'done' || state.outputs.length === 0) return
      for (const { path } of state.outputs) claim.run(path, id)
      // Of an undone batch a job was done after all: there is something to undo again.
      isNotUndone.run(batchId)
    },
    ownerOf: (path) => owner.get(path) ?? null,
    // What comes after all paths that begin with the folder's.
    hasIn: (folder) =>
      within.get(`${folder}${sep}`, `${folder}${String.fromCodePoint((sep.codePointAt(0) ?? 0) + 1)}`) !== undefined,
  }
}
