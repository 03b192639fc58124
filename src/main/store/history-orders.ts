/**
 * The history in orders other than the one of finishing: by name, size, what was saved, duration. Each has an index, which a page of
 * everything walks. What a query finds is sorted anew for each page, so that is done for so many rows only.
 */
import { JobError } from '../../shared/failure.ts'
import { mostSorted, type HistoryOrder, type HistoryQuery } from '../../shared/model.ts'
import type { Connection } from './connection.ts'
import { boundsOf, type Bounds } from './history-bounds.ts'
import type { Match } from './search-index.ts'

export type ValueOrder = Exclude<HistoryOrder, 'newest' | 'oldest'>

export interface OrderedKey {
  readonly key: number
  readonly jobId: number
  readonly value: string | number
}

export interface OrderedPage {
  readonly query: HistoryQuery
  readonly match: Exclude<Match, { kind: 'none' }>
  readonly after: string | null
  readonly limit: number
  readonly skip: number
}

type Cursor = Pick<OrderedKey, 'key' | 'value'>
type Wanted = Cursor & { readonly limit: number; readonly skip: number }

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
export function createHistoryOrders(db: Connection): (order: ValueOrder, page: OrderedPage) => readonly OrderedKey[] {
  const inTimeCount = db
    .prepare<[Bounds], number>(`SELECT count(*) FROM (SELECT 1 FROM history WHERE ${inTime} LIMIT ${mostSorted + 1})`)
    .pluck()
  const foundCount = db
    .prepare<[Bounds & { expression: string }], number>(`SELECT count(*) FROM (SELECT 1 FROM ${found} LIMIT ${mostSorted + 1})`)
    .pluck()
  const statements = Object.fromEntries(
    Object.entries(columns).map(([order, [column, direction]]) => [order, pagesBy(db, column, direction)]),
  ) as Readonly<Record<ValueOrder, ReturnType<typeof pagesBy>>>

  return (order, { query, match, after, limit, skip }) => {
    const asked = { ...cursorFrom(after, order), limit, skip }
    const pages = statements[order]
    const isAll = match.kind === 'all' && query.fromMs === undefined && query.beforeMs === undefined
    if (isAll) return pages.all.all(asked)
    const bounds = boundsOf(query, null)
    if (match.kind === 'all') {
      refuseMany(inTimeCount.get(bounds))
      return pages.inTime.all({ ...asked, ...bounds })
    }
    const { expression } = match
    refuseMany(foundCount.get({ ...bounds, expression }))
    return pages.found.all({ ...asked, ...bounds, expression })
  }
}

function pagesBy(db: Connection, column: string, direction: 'ASC' | 'DESC') {
  const beyond = direction === 'ASC' ? '>' : '<'
  const select = `SELECT key, job_id AS jobId, ${column} AS value`
  const page = (by: string) =>
    `(${by}, place) ${beyond} (@value, @key) ORDER BY ${by} ${direction}, place ${direction} LIMIT @limit OFFSET @skip`
  return {
    all: db.prepare<[Wanted], OrderedKey>(`${select} FROM history WHERE ${page(column)}`),
    // The plus keeps SQLite from walking the order's index past all that does not belong.
    inTime: db.prepare<[Wanted & Bounds], OrderedKey>(`${select} FROM history WHERE ${inTime} AND ${page(`+${column}`)}`),
    found: db.prepare<[Wanted & Bounds & { expression: string }], OrderedKey>(
      `${select} FROM ${found} AND ${page(`+${column}`)}`,
    ),
  }
}

function refuseMany(rows: number | undefined): void {
  if ((rows ?? 0) <= mostSorted) return
  throw new JobError('not-possible', {
    reason: `more than ${mostSorted} are found, and so many are sorted by time alone; narrow the search or take all filters away`,
  })
}

export function cursorOf({ value, key }: Cursor): string {
  return JSON.stringify([value, key])
}

function cursorFrom(after: string | null, order: ValueOrder): Cursor {
  const isText = order === 'name'
  if (after === null) return isText ? { value: '', key: -1 } : { value: Number.MAX_SAFE_INTEGER, key: Number.MAX_SAFE_INTEGER }
  const [value, key] = parsed(after)
  if (typeof value === (isText ? 'string' : 'number') && typeof key === 'number') return { value: value as string | number, key }
  throw new JobError('usage', { reason: `“${after}” is no place in the history.` })
}

function parsed(text: string): readonly unknown[] {
  try {
    const cursor: unknown = JSON.parse(text)
    return Array.isArray(cursor) ? cursor : []
  } catch {
    return []
  }
}
