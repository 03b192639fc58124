/**
 * What the history keeps of a finished job, written with its last move: a narrow row under a key in the order of finishing, its words for the
 * search, and its share in the sums of its quarter of an hour. And which keys a query may touch.
 */
import { JobError } from '../../shared/failure.ts'
import { isFinished, type Job, type Phase } from '../../shared/job.ts'
import { bytesOf, locationOf } from '../../shared/job-sources.ts'
import type { HistoryQuery } from '../../shared/model.ts'
import type { StoreConnection } from './connection.ts'
import { createSearchIndex, type SearchIndex } from './search.ts'
import { sortName } from './words.ts'

/** The shortest step between the clocks of two time zones. */
export const slotMs = 15 * 60_000

/**
 * A key is the time of finishing, in milliseconds, with room for this many jobs within one. What does not fit, as when ten thousand
 * jobs are cancelled at once, runs over into the next.
 */
const keysPerMs = 2048

/** How far keys may have run over. A clock that was set back by more starts over in the past. */
export const slackMs = 10 * 60_000

export interface HistoryRows {
  readonly search: SearchIndex
  /** Answers the key under which the job stands in the history. */
  put(job: Job): number
  /** The row goes, and what hangs on it; the job itself is the caller's. */
  take(jobId: number): void
  /** To be called when rows were taken for good: what is left of an empty history goes too. */
  sweep(): void
}

interface Facts {
  readonly slot: number
  readonly provider: string
  readonly target: string
  readonly phase: Phase
  readonly sourceBytes: number
  readonly outputBytes: number
}

export function createHistoryRows(db: StoreConnection): HistoryRows {
  const lastBefore = db.prepare<[number], number>('SELECT key FROM history WHERE key < ? ORDER BY key DESC LIMIT 1').pluck()
  const insert = db.prepare<[number, number, Phase, number, number, number, string, number, number]>(`
    INSERT INTO history (key, job_id, phase, finished_at, source_bytes, output_bytes, sort_name, bytes, took_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const stored = db.prepare<[number], Facts & { key: number }>(`
    SELECT history.key, finished_at / ${slotMs} AS slot, jobs.provider, history.phase,
      CASE json_type(plans.json, '$.target') WHEN 'text' THEN plans.json ->> '$.target' ELSE '' END AS target,
      source_bytes AS sourceBytes, output_bytes AS outputBytes
    FROM jobs JOIN history ON history.key = jobs.history_key JOIN plans ON plans.id = jobs.plan_id WHERE jobs.id = ?`)
  const remove = db.prepare<[number]>('DELETE FROM history WHERE key = ?')
  const first = db.prepare<[], number>('SELECT key FROM history LIMIT 1').pluck()
  const count = db.prepare<[Facts]>(`
    INSERT INTO history_slots VALUES (@slot, @provider, @target, @phase, 1, @sourceBytes, @outputBytes)
    ON CONFLICT DO UPDATE SET jobs = jobs + 1,
      source_bytes = source_bytes + excluded.source_bytes, output_bytes = output_bytes + excluded.output_bytes`)
  const uncount = db.prepare<[Facts]>(`
    UPDATE history_slots SET jobs = jobs - 1, source_bytes = source_bytes - @sourceBytes, output_bytes = output_bytes - @outputBytes
    WHERE slot = @slot AND provider = @provider AND target = @target AND phase = @phase`)
  const search = createSearchIndex(db)

  return {
    search,
    put: (job) => {
      const atMs = finishedAt(job)
      const last = lastBefore.get((atMs + slackMs) * keysPerMs) ?? -1
      const key = Math.max(last + 1, atMs * keysPerMs)
      const facts = factsOf(job)
      insert.run(key, job.id, job.state.phase, atMs, facts.sourceBytes, facts.outputBytes, ...sortedBy(job))
      count.run(facts)
      search.put(key, job)
      return key
    },
    take: (jobId) => {
      const row = stored.get(jobId)
      if (row === undefined) return
      const { key, ...facts } = row
      remove.run(key)
      uncount.run(facts)
      search.take(key)
    },
    sweep: () => {
      if (first.get() === undefined) search.clear()
    },
  }
}

function finishedAt({ state }: Job): number {
  return 'finishedAtMs' in state && isFinished(state) ? Math.floor(state.finishedAtMs) : 0
}

/** What the history can be sorted by, besides what it adds up. */
function sortedBy({ order, state }: Job): [name: string, bytes: number, tookMs: number] {
  return [sortName(locationOf(order.source)), bytesOf(order) ?? 0, 'tookMs' in state ? Math.floor(state.tookMs ?? 0) : 0]
}

/** Bytes of sources count only where there is a result to compare them with. */
function factsOf(job: Job): Facts {
  const { order, provider, state } = job
  const outputs = state.phase === 'done' ? state.outputs : []
  return {
    slot: Math.floor(finishedAt(job) / slotMs),
    provider,
    target: order.target,
    phase: state.phase,
    sourceBytes: outputs.length > 0 ? (bytesOf(order) ?? 0) : 0,
    outputBytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

export interface Bounds {
  /** Keys run over by up to the slack: the key bounds the walk, the time decides. */
  readonly fromKey: number
  readonly beforeKey: number
  readonly fromMs: number
  readonly beforeMs: number
}

/** The last moment whose key a double holds exactly: in the year 2109. */
const endOfTimeMs = 2 ** 42

/** @param after key of the last row that was seen; what follows it is newer where the oldest come first. */
export function boundsOf(
  { fromMs = 0, beforeMs = endOfTimeMs }: HistoryQuery,
  after: string | null,
  order: 'newest' | 'oldest' = 'newest',
): Bounds {
  const begin = Math.floor(fromMs) * keysPerMs
  const end = Math.min((beforeMs + slackMs) * keysPerMs, Number.MAX_SAFE_INTEGER)
  const seen = after === null ? null : keyFrom(after)
  return {
    fromMs,
    beforeMs,
    fromKey: seen !== null && order === 'oldest' ? Math.max(begin, seen + 1) : begin,
    beforeKey: seen !== null && order === 'newest' ? Math.min(end, seen) : end,
  }
}

function keyFrom(cursor: string): number {
  const key = Number(cursor)
  if (!Number.isSafeInteger(key)) throw new JobError('usage', { because: 'bad-cursor', value: cursor })
  return key
}
