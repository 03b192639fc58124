/** Rows of `jobs` to jobs. What comes off the disk is checked before anyone trusts it. */
import { jobSchema, type Job, type RouteReason } from '../../shared/job.ts'
import type { Log } from '../engine/ports.ts'
import type { Connection } from './connection.ts'
import type { Plans } from './plans.ts'

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
  /** Null, and a line in the log, for a row that cannot be understood: one such row must not hide all others. */
  read(row: JobRow): Job | null
  readAll(rows: readonly JobRow[]): readonly Job[]
  get(id: number): Job | null
}

export function createJobReader(db: Connection, plans: Plans, log: Log): JobReader {
  const select = db.prepare<[number], JobRow>(`SELECT ${jobColumns} FROM jobs WHERE id = ?`)
  const read = (row: JobRow): Job | null => {
    const checked = jobSchema.safeParse(unchecked(row, plans))
    if (checked.success) return checked.data
    log.error('a job in the database cannot be understood', { id: row.id, trouble: checked.error.message })
    return null
  }
  return {
    read,
    readAll: (rows) => rows.map(read).filter((job) => job !== null),
    get: (id) => {
      const row = select.get(id)
      return row === undefined ? null : read(row)
    },
  }
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

function unchecked(row: JobRow, plans: Plans): unknown {
  const source =
    row.bytes === null
      ? { kind: 'url', url: row.source }
      : { kind: 'file', path: row.source, bytes: row.bytes, mtimeMs: row.mtime_ms }
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
