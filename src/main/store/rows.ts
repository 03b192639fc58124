/** Rows of `jobs` to jobs. What comes off the disk is checked before anyone trusts it. */
import { failure } from '../../shared/failure.ts'
import { jobSchema, type Job, type JobState, type Phase, type RouteReason } from '../../shared/job.ts'
import type { Log } from '../engine/ports.ts'
import type { Connection } from './connection.ts'
import type { HistoryRows } from './history-rows.ts'
import type { Plans } from './plans.ts'
import { isLive } from './schema.ts'
import type { TotalsKeeper } from './totals.ts'
import type { UnreadKeeper } from './unread.ts'

export interface JobRow {
  readonly id: number
  readonly batch_id: number
  readonly plan_id: number
  readonly source: string
  readonly bytes: number | null
  readonly mtime_ms: number | null
  readonly from_format: string | null
  readonly preset: string | null
  readonly counter: number
  readonly if_exists: string | null
  readonly precedence: number
  readonly lane: string
  readonly provider: string
  readonly reason: string
  readonly attempt: number
  readonly created_at: number
  readonly state: string
  readonly repeats: number | null
}

export const jobColumns = [
  'id', 'batch_id', 'plan_id', 'source', 'bytes', 'mtime_ms', 'from_format', 'preset', 'counter', 'if_exists',
  'precedence', 'lane', 'provider', 'reason', 'attempt', 'created_at', 'state', 'repeats',
].map((name) => `jobs.${name}`).join(', ') // prettier-ignore

export interface JobReader {
  /** Null for a row that cannot be read; nothing becomes of it. */
  parse(row: JobRow): Job | null
  /** The same, and what stands in the queue and cannot be read ends as failed (see unread.ts): it must hold up nobody. */
  read(row: JobRow): Job | null
  readAll(rows: readonly JobRow[]): readonly Job[]
  get(id: number): Job | null
  /** Ends a live job that cannot be read as failed. @throws where that cannot be written. */
  endUnread(id: number): void
}

const unreadable = failure('internal', { because: 'job-unreadable' })

export interface ReaderParts {
  readonly plans: Plans
  readonly totals: TotalsKeeper
  readonly history: HistoryRows
  readonly unread: UnreadKeeper
  readonly log: Log
  readonly nowMs: () => number
}

export function createJobReader(db: Connection, { plans, totals, history, unread, log, nowMs }: ReaderParts): JobReader {
  const select = db.prepare<[number], JobRow>(`SELECT ${jobColumns} FROM jobs WHERE id = ?`)
  const live = db.prepare<[number], { phase: Phase; step: string | null }>(
    `SELECT phase, state ->> '$.work.step' AS step FROM jobs WHERE id = ? AND ${isLive}`,
  )
  const write = db.prepare<[{ id: number; historyKey: number; state: string }]>(
    `UPDATE jobs SET phase = 'failed', due_at = 0, history_key = @historyKey, state = @state WHERE id = @id`,
  )
  const check = (row: JobRow) => jobSchema.safeParse(unchecked(row, plans))
  const end = db.transaction((row: JobRow) => {
    const before = live.get(row.id)
    if (before === undefined) return
    // Unless nothing can have been sent, the user is told that another try may be paid for again.
    const isSent = row.provider !== 'local' && before.step !== 'prepare'
    const state: JobState = { phase: 'failed', finishedAtMs: Math.floor(nowMs()), why: unreadable, ...(isSent && { sent: true }) }
    const historyKey = history.put(shownOf(row, state, plans))
    write.run({ id: row.id, historyKey, state: JSON.stringify({ ...state, unread: JSON.parse(row.state) as unknown }) })
    totals.moved(row.batch_id, before.phase, 'failed')
  })
  const report = ({ id }: JobRow, { message }: Error) => unread.report({ what: 'job', name: String(id), trouble: message })
  const read = (row: JobRow): Job | null => {
    const checked = check(row)
    if (checked.success) return checked.data
    try {
      end(row)
    } catch (error) {
      // Reading must not fail where nothing can be written; the next one tries again.
      log.warn('a job that cannot be read stays where it is for now', { id: row.id, error: String(error) })
    }
    report(row, checked.error)
    return null
  }
  return {
    parse: (row) => check(row).data ?? null,
    read,
    endUnread: (id) => {
      const row = select.get(id)
      if (row === undefined) return
      const { error } = check(row)
      if (error === undefined) throw new Error(`job ${id} can be read, but not when it is claimed`)
      end(row)
      report(row, error)
    },
    readAll: (rows) => rows.map(read).filter((job) => job !== null),
    get: (id) => {
      const row = select.get(id)
      return row === undefined ? null : read(row)
    },
  }
}

/** As much of a job that cannot be read as the history needs: to sort it, to count it and to find it. */
function shownOf(row: JobRow, state: JobState, plans: Plans): Job {
  const plan: Readonly<Record<string, unknown>> = { ...plans.get(row.plan_id) }
  const source = sourceOf(row)
  const order = { source, from: row.from_format, target: textIn(plan['target']), folder: textIn(plan['folder']) }
  return { id: row.id, batchId: row.batch_id, provider: row.provider, order, state } as unknown as Job
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** As the column keeps it: a code, and what it needs behind it. */
export function reasonText(reason: RouteReason): string {
  return reason.code === 'took-over' ? ['took-over', reason.why, reason.from ?? ''].join(' ').trim() : reason.code
}

/** What versions before codes wrote. */
const sentences: Readonly<Record<string, RouteReason>> = {
  'you chose it': { code: 'chosen' },
  'first in your order': { code: 'first' },
  'first in your order that can do it': { code: 'first-able' },
}

function reasonOf(column: string): unknown {
  const [code = '', why, from] = column.replace(/^took over: /, 'took-over ').split(' ')
  if (code === 'took-over') return { code, why, ...(from !== undefined && { from }) }
  return sentences[column] ?? { code }
}

function sourceOf(row: JobRow): unknown {
  return row.bytes === null
    ? { kind: 'url', url: row.source }
    : { kind: 'file', path: row.source, bytes: row.bytes, mtimeMs: row.mtime_ms }
}

function unchecked(row: JobRow, plans: Plans): unknown {
  const source = sourceOf(row)
  const clash = row.if_exists === null ? {} : { ifExists: row.if_exists }
  return {
    id: row.id,
    batchId: row.batch_id,
    order: { source, from: row.from_format, preset: row.preset, counter: row.counter, ...plans.get(row.plan_id), ...clash },
    state: JSON.parse(row.state),
    priority: row.precedence === 0 ? 0 : -row.precedence,
    provider: row.provider,
    lane: row.lane,
    reason: reasonOf(row.reason),
    attempt: row.attempt,
    createdAtMs: row.created_at,
    ...(row.repeats === null ? {} : { repeats: row.repeats }),
  }
}
