/**
 * Rows of `jobs` to jobs. What comes off the disk is checked before anyone trusts it; a row that cannot be read must not hide all others
 * (see unread.ts). What the jobs of one folder have in common, the order without the source, is a plan: kept once, remembered while the program runs.
 */
import { failure } from '../../shared/failure.ts'
import { type Job, jobSchema, type JobState, type Order, type Phase, type RouteReason } from '../../shared/job.ts'
import type { Log } from '../engine/ports.ts'
import type { StoreConnection } from './connection.ts'
import type { HistoryRows } from './history-rows.ts'
import type { Outbox } from './outbox.ts'
import { isLive } from './schema.ts'
import type { TotalsKeeper } from './batches.ts'
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
  readonly siblings: number | null
  readonly output: number | null
}

export const jobColumns = [
  'id', 'batch_id', 'plan_id', 'source', 'bytes', 'mtime_ms', 'from_format', 'preset', 'counter', 'if_exists',
  'precedence', 'lane', 'provider', 'reason', 'attempt', 'created_at', 'state', 'repeats',
  'siblings', 'output',
].map((name) => `jobs.${name}`).join(', ') // prettier-ignore

export interface JobReader {
  /** Null for a row that cannot be read; nothing becomes of it. */
  parse(row: JobRow): Job | null
  /** The same, and what stands in the queue and cannot be read ends as failed (see unread.ts): it must hold up nobody. */
  read(row: JobRow): Job | null
  readAll(rows: readonly JobRow[]): readonly Job[]
  get(id: number): Job | null
  /** What has been written of a job that was read a moment ago. */
  wrote(job: Job, state: string): void
  /** Ends a live job that cannot be read as failed. @throws where that cannot be written. */
  endUnread(id: number): void
}

const unreadable = failure('internal', { because: 'job-unreadable' })

interface ReaderParts {
  readonly plans: Plans
  readonly totals: TotalsKeeper
  readonly history: HistoryRows
  readonly unread: UnreadKeeper
  readonly outbox: Pick<Outbox, 'jobEnded'>
  readonly log: Log
  readonly nowMs: () => number
}

export function createJobReader(
  db: StoreConnection,
  { plans, totals, history, unread, outbox, log, nowMs }: ReaderParts,
): JobReader {
  const select = db.prepare<[number], JobRow>(`SELECT ${jobColumns} FROM jobs WHERE id = ?`)
  const live = db.prepare<[number], { phase: Phase; step: string | null }>(
    `SELECT phase, state ->> '$.work.step' AS step FROM jobs WHERE id = ? AND ${isLive}`,
  )
  const write = db.prepare<[{ id: number; historyKey: number; state: string }]>(
    `UPDATE jobs SET phase = 'failed', due_at = 0, history_key = @historyKey, state = @state WHERE id = @id`,
  )
  const lately = createLately()
  const check = (row: JobRow): Checked => {
    const known = lately.get(row)
    if (known !== null) return { success: true, data: known }
    const checked = jobSchema.safeParse(unchecked(row, plans))
    if (checked.success) lately.put(row, checked.data)
    return checked
  }
  const end = db.transaction((row: JobRow) => {
    const before = live.get(row.id)
    if (before === undefined) return
    // Unless nothing can have been sent, the user is to know that another try may be paid for again.
    const isSent = row.provider !== 'local' && row.provider !== 'fleet' && before.step !== 'prepare'
    const state: JobState = { phase: 'failed', finishedAtMs: Math.floor(nowMs()), why: unreadable, ...(isSent && { sent: true }) }
    const shown = shownOf(row, state, plans)
    const historyKey = history.put(shown)
    write.run({ id: row.id, historyKey, state: JSON.stringify({ ...state, unread: JSON.parse(row.state) as unknown }) })
    outbox.jobEnded(shown)
    totals.moved(row.batch_id, before.phase, 'failed')
  })
  const report = ({ id }: JobRow, { message }: Error) => unread.report({ what: 'job', name: String(id), trouble: message })
  const read = (row: JobRow): Job | null => {
    const checked = check(row)
    if (checked.data !== undefined) return checked.data
    try {
      end(row)
    } catch (error) {
      // Reading must not fail where nothing can be written; the next one tries again.
      log.warn('a job that cannot be read stays where it is for now', { id: row.id, error: String(error) })
    }
    if (checked.error !== undefined) report(row, checked.error)
    return null
  }
  return {
    parse: (row) => check(row).data ?? null,
    read,
    wrote: lately.wrote,
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

type Checked = Pick<ReturnType<typeof jobSchema.safeParse>, 'success'> & {
  readonly data?: Job | undefined
  readonly error?: Error | undefined
}

/** So many run at once, at most. */
const maxLately = 500

/**
 * Jobs with the rows that they were read from: one that runs is read with each of its steps, and checking what has not changed costs more than all
 * else that a step does in this process.
 */
function createLately() {
  const known = new Map<number, { readonly row: JobRow; readonly job: Job }>()
  return {
    get: (row: JobRow): Job | null => {
      const found = known.get(row.id)
      return found !== undefined && isSameRow(found.row, row) ? found.job : null
    },
    put: (row: JobRow, job: Job): void => {
      if (job.state.phase !== 'running') return
      if (known.size >= maxLately) known.clear()
      known.set(row.id, { row, job })
    },
    wrote: (job: Job, state: string): void => {
      const found = known.get(job.id)
      if (found === undefined) return
      if (job.state.phase === 'running') known.set(job.id, { row: { ...found.row, state, attempt: job.attempt }, job })
      else known.delete(job.id)
    },
  }
}

function isSameRow(one: JobRow, other: JobRow): boolean {
  return (Object.keys(one) as (keyof JobRow)[]).every((column) => one[column] === other[column])
}

/** As much of a job that cannot be read as the history needs, to sort it, to count it and to find it, and as hooks are told. */
function shownOf(row: JobRow, state: JobState, plans: Plans): Job {
  const plan: Readonly<Record<string, unknown>> = { ...plans.get(row.plan_id) }
  const source = sourceOf(row)
  const named = { target: textIn(plan['target']), folder: textIn(plan['folder']), preset: row.preset }
  const order = { source, from: row.from_format, ...named }
  return { id: row.id, batchId: row.batch_id, provider: row.provider, attempt: row.attempt, order, state } as unknown as Job
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
  const policy = row.if_exists === null ? {} : { ifExists: row.if_exists }
  return {
    id: row.id,
    batchId: row.batch_id,
    order: { source, from: row.from_format, preset: row.preset, counter: row.counter, ...plans.get(row.plan_id), ...policy },
    state: JSON.parse(row.state),
    priority: row.precedence === 0 ? 0 : -row.precedence,
    provider: row.provider,
    lane: row.lane,
    reason: reasonOf(row.reason),
    attempt: row.attempt,
    createdAtMs: row.created_at,
    ...(row.repeats === null ? {} : { repeats: row.repeats }),
    ...(row.siblings === null ? {} : { sibling: { of: row.siblings, output: row.output } }),
  }
}

export interface Plans {
  /** The same number for orders that ask for the same, in whatever order their options were named. */
  idOf(order: Order): number
  /** The same number where such an order was ever kept, else null; keeps nothing. */
  known(order: Order): number | null
  /** As it was stored, not yet checked. */
  get(id: number): object
  /** After a transaction was taken back, and with it plans that are remembered. */
  forget(): void
}

/** Folders of one run, in most cases; forgotten all at once beyond that. */
const maxRemembered = 10_000

export function createPlans(db: StoreConnection): Plans {
  const insert = db.prepare<[string]>('INSERT INTO plans (json) VALUES (?) ON CONFLICT DO NOTHING')
  const find = db.prepare<[string], number>('SELECT id FROM plans WHERE json = ?').pluck()
  const read = db.prepare<[number], string>('SELECT json FROM plans WHERE id = ?').pluck()
  const ids = new Map<string, number>()
  let last: { readonly order: Order; readonly id: number } | null = null
  const plans = new Map<number, object>()

  const rowFor = (json: string): number => find.get(json) ?? Number(insert.run(json).lastInsertRowid)
  const idFor = (json: string): number => {
    const known = ids.get(json)
    if (known !== undefined) return known
    const id = rowFor(json)
    if (ids.size >= maxRemembered) ids.clear()
    ids.set(json, id)
    return id
  }
  return {
    idOf: (order) => {
      // The files of one folder come one after the other, with one and the same bag of options.
      if (last === null || !isSamePlan(last.order, order)) last = { order, id: idFor(planJson(order)) }
      return last.id
    },
    known: (order) => find.get(planJson(order)) ?? null,
    get: (id) => {
      const known = plans.get(id)
      if (known !== undefined) return known
      const plan = JSON.parse(read.get(id) ?? '{}') as object
      if (plans.size >= maxRemembered) plans.clear()
      plans.set(id, plan)
      return plan
    },
    forget: () => {
      last = null
      ids.clear()
      plans.clear()
    },
  }
}

export function planJson({
  others,
  target,
  options,
  with: choice,
  localOnly,
  folder,
  name,
  ifExists,
  keepDates,
  afterwards,
  confinement,
}: Order): string {
  const sorted = Object.fromEntries(Object.entries(options).toSorted(([one], [other]) => (one < other ? -1 : 1)))
  return JSON.stringify({
    target,
    options: sorted,
    with: choice,
    localOnly,
    folder,
    name,
    ifExists,
    keepDates,
    afterwards,
    others,
    confinement,
  })
}

function isSamePlan(one: Order, other: Order): boolean {
  return (
    one.options === other.options &&
    one.others === other.others &&
    one.confinement === other.confinement &&
    one.folder === other.folder &&
    one.target === other.target &&
    one.name === other.name &&
    one.with === other.with &&
    one.ifExists === other.ifExists &&
    one.afterwards === other.afterwards &&
    one.localOnly === other.localOnly &&
    one.keepDates === other.keepDates
  )
}
