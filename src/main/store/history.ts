/**
 * Questions about finished jobs, in pages that go by key. By time, a search is a page over the search index, which gives its matches in that order.
 * Each other order (name, size, what was saved, duration) has an index, which a page of everything walks; what a query finds is sorted again
 * for each page, so that is done for so many rows only.
 */
import { JobError } from '../../shared/failure.ts'
import type { Phase } from '../../shared/job.ts'
import { type HistoryOrder, type HistoryQuery, maxSorted } from '../../shared/model.ts'
import type { StoreConnection } from './connection.ts'
import { type Bounds, boundsOf, type HistoryRows } from './history-rows.ts'
import { createHistorySums } from './history-sums.ts'
import { jobColumns, type JobReader, type JobRow } from './rows.ts'
import type { Match } from './search.ts'
import type { HistoryStore, JobPage } from './store.ts'
import type { TotalsKeeper } from './batches.ts'

type Keyed = JobRow & { readonly key: number }

interface PageRequest {
  readonly query: HistoryQuery
  readonly after: string | null
  readonly limit: number
  readonly skip: number
}

export function createHistory(
  db: StoreConnection,
  { reader, totals, history }: { readonly reader: JobReader; readonly totals: TotalsKeeper; readonly history: HistoryRows },
): HistoryStore {
  const page = (direction: 'ASC' | 'DESC') =>
    db.prepare<[Bounds & { limit: number; skip: number }], Keyed>(`
    SELECT history.key, ${jobColumns} FROM history CROSS JOIN jobs ON jobs.id = history.job_id
    WHERE history.key >= @fromKey AND history.key < @beforeKey AND finished_at >= @fromMs AND finished_at < @beforeMs
    ORDER BY history.key ${direction} LIMIT @limit OFFSET @skip`)
  // FTS5 seeks to a row number only where it comes as an integer.
  const found = (direction: 'ASC' | 'DESC') =>
    db.prepare<[Bounds & { limit: number; skip: number; expression: string }], Keyed>(`
    SELECT history.key, ${jobColumns} FROM search CROSS JOIN history ON history.key = search.rowid
      CROSS JOIN jobs ON jobs.id = history.job_id
    WHERE search MATCH @expression AND search.rowid >= CAST(@fromKey AS INTEGER) AND search.rowid < CAST(@beforeKey AS INTEGER)
      AND finished_at >= @fromMs AND finished_at < @beforeMs
    ORDER BY search.rowid ${direction} LIMIT @limit OFFSET @skip`)
  const byTime = {
    newest: { all: page('DESC'), found: found('DESC') },
    oldest: { all: page('ASC'), found: found('ASC') },
  }
  const sorted = createHistoryOrders(db)
  const oldest = db.prepare<[number], number>('SELECT job_id FROM history ORDER BY key LIMIT ?').pluck()
  const finished = db.prepare<[number], number>('SELECT 1 FROM jobs WHERE id = ? AND history_key IS NOT NULL').pluck()
  const firstOf = db.prepare<[number], number>('SELECT coalesce(repeats, id) FROM jobs WHERE id = ?').pluck()
  const first = db.prepare<[number], number>('SELECT id FROM jobs WHERE id = ?').pluck()
  const repeating = db.prepare<[number], number>('SELECT id FROM jobs WHERE repeats = ? ORDER BY id').pluck()
  const batchAndPhase = db.prepare<[number], { batchId: number; phase: Phase }>(
    'SELECT batch_id AS batchId, phase FROM jobs WHERE id = ?',
  )
  const remove = db.prepare<[number]>('DELETE FROM jobs WHERE id = ?')

  const pageByTime = (request: PageRequest, match: Match, order: 'newest' | 'oldest'): JobPage => {
    const { query, after, limit, skip } = request
    const bounds = { ...boundsOf(query, after, order), limit, skip }
    const statements = byTime[order]
    const some =
      match.kind === 'some' ? statements.found.all({ ...bounds, expression: match.expression }) : statements.all.all(bounds)
    const last = some.at(-1)
    return { jobs: reader.readAll(some), next: last === undefined || some.length < limit ? null : String(last.key) }
  }
  const pageOf = (request: PageRequest, order: HistoryOrder): JobPage => {
    const match = history.search.match(request.query)
    if (match.kind === 'none') return { jobs: [], next: null }
    if (order === 'newest' || order === 'oldest') return pageByTime(request, match, order)
    const some = sorted(order, { ...request, match })
    const last = some.at(-1)
    const jobs = some.map(({ jobId }) => reader.get(jobId)).filter((job) => job !== null)
    return { jobs, next: last === undefined || some.length < request.limit ? null : cursorOf(last) }
  }
  const forgetOne = (id: number) => {
    const job = batchAndPhase.get(id)
    if (job === undefined) return
    history.take(id)
    remove.run(id)
    totals.removedOne(job.batchId, job.phase)
  }
  return {
    page: (query, after, limit, skip = 0, order = 'newest') => pageOf({ query, after, limit, skip }, order),
    runs: (jobId) => {
      const id = firstOf.get(jobId)
      if (id === undefined) return []
      return [...first.all(id), ...repeating.all(id)].map((each) => reader.get(each)).filter((job) => job !== null)
    },
    ...createHistorySums(db, history.search),
    forget: db.transaction((ids: readonly number[] | 'all', limit: number) => {
      const chosen =
        ids === 'all' ? oldest.all(limit) : [...new Set(ids)].filter((id) => finished.get(id) !== undefined).slice(0, limit)
      for (const id of chosen) forgetOne(id)
      history.sweep()
      return chosen.length
    }),
  }
}

type ValueOrder = Exclude<HistoryOrder, 'newest' | 'oldest'>

interface OrderedKey {
  readonly key: number
  readonly jobId: number
  readonly value: string | number
}

interface OrderedPage {
  readonly query: HistoryQuery
  readonly match: Exclude<Match, { kind: 'none' }>
  readonly after: string | null
  readonly limit: number
  readonly skip: number
}

type Cursor = Pick<OrderedKey, 'key' | 'value'>
type Slice = Cursor & { readonly limit: number; readonly skip: number }

const columns: Readonly<Record<ValueOrder, readonly [column: string, direction: 'ASC' | 'DESC']>> = {
  name: ['sort_name', 'ASC'],
  size: ['bytes', 'DESC'],
  saved: ['saved', 'DESC'],
  duration: ['took_ms', 'DESC'],
}

const inTime = 'key >= @fromKey AND key < @beforeKey AND finished_at >= @fromMs AND finished_at < @beforeMs'
const found = `search CROSS JOIN history ON history.key = search.rowid WHERE search MATCH @expression AND ${inTime
  .replace('key >= @fromKey', 'search.rowid >= CAST(@fromKey AS INTEGER)')
  .replace('key < @beforeKey', 'search.rowid < CAST(@beforeKey AS INTEGER)')}`

/** @throws JobError `not-possible` for more found rows than are sorted. */
function createHistoryOrders(db: StoreConnection): (order: ValueOrder, page: OrderedPage) => readonly OrderedKey[] {
  const inTimeCount = db
    .prepare<[Bounds], number>(`SELECT count(*) FROM (SELECT 1 FROM history WHERE ${inTime} LIMIT ${maxSorted + 1})`)
    .pluck()
  const foundCount = db
    .prepare<[Bounds & { expression: string }], number>(`SELECT count(*) FROM (SELECT 1 FROM ${found} LIMIT ${maxSorted + 1})`)
    .pluck()
  const statements = Object.fromEntries(
    Object.entries(columns).map(([order, [column, direction]]) => [order, pagesBy(db, column, direction)]),
  ) as Readonly<Record<ValueOrder, ReturnType<typeof pagesBy>>>

  return (order, { query, match, after, limit, skip }) => {
    const request = { ...cursorFrom(after, order), limit, skip }
    const pages = statements[order]
    const isAll = match.kind === 'all' && query.fromMs === undefined && query.beforeMs === undefined
    if (isAll) return pages.all.all(request)
    const bounds = boundsOf(query, null)
    if (match.kind === 'all') {
      refuseTooMany(inTimeCount.get(bounds))
      return pages.inTime.all({ ...request, ...bounds })
    }
    const { expression } = match
    refuseTooMany(foundCount.get({ ...bounds, expression }))
    return pages.found.all({ ...request, ...bounds, expression })
  }
}

function pagesBy(db: StoreConnection, column: string, direction: 'ASC' | 'DESC') {
  const beyond = direction === 'ASC' ? '>' : '<'
  const select = `SELECT key, job_id AS jobId, ${column} AS value`
  const page = (by: string) =>
    `(${by}, place) ${beyond} (@value, @key) ORDER BY ${by} ${direction}, place ${direction} LIMIT @limit OFFSET @skip`
  return {
    all: db.prepare<[Slice], OrderedKey>(`${select} FROM history WHERE ${page(column)}`),
    // The plus keeps SQLite from walking the order's index past all that does not belong.
    inTime: db.prepare<[Slice & Bounds], OrderedKey>(`${select} FROM history WHERE ${inTime} AND ${page(`+${column}`)}`),
    found: db.prepare<[Slice & Bounds & { expression: string }], OrderedKey>(`${select} FROM ${found} AND ${page(`+${column}`)}`),
  }
}

function refuseTooMany(rows: number | undefined): void {
  if ((rows ?? 0) <= maxSorted) return
  throw new JobError('not-possible', { because: 'too-many-to-sort', limit: maxSorted })
}

export function cursorOf({ value, key }: Cursor): string {
  return JSON.stringify([value, key])
}

function cursorFrom(after: string | null, order: ValueOrder): Cursor {
  const isText = order === 'name'
  if (after === null) return isText ? { value: '', key: -1 } : { value: Number.MAX_SAFE_INTEGER, key: Number.MAX_SAFE_INTEGER }
  const [value, key] = parsed(after)
  if (typeof value === (isText ? 'string' : 'number') && typeof key === 'number') return { value: value as string | number, key }
  throw new JobError('usage', { because: 'bad-cursor', value: after })
}

function parsed(text: string): readonly unknown[] {
  try {
    const cursor: unknown = JSON.parse(text)
    return Array.isArray(cursor) ? cursor : []
  } catch {
    return []
  }
}
