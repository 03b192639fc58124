/** Questions about finished jobs. Pages go by key; a search is a page over the search index, which gives its matches in that order. */
import type { HistoryOrder, HistoryQuery } from '../../shared/model.ts'
import type { Phase } from '../../shared/job.ts'
import type { Connection } from './connection.ts'
import type { HistoryRows } from './history-rows.ts'
import { boundsOf, type Bounds } from './history-bounds.ts'
import { createHistoryOrders, cursorOf } from './history-orders.ts'
import { createHistorySums } from './history-sums.ts'
import { jobColumns, type JobReader, type JobRow } from './rows.ts'
import type { Match } from './search-index.ts'
import type { HistoryStore, JobPage } from './store.ts'
import type { TotalsKeeper } from './totals.ts'

type Keyed = JobRow & { readonly key: number }

interface Asked {
  readonly query: HistoryQuery
  readonly after: string | null
  readonly limit: number
  readonly skip: number
}

export function createHistory(
  db: Connection,
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
  const standing = db.prepare<[number], { batchId: number; phase: Phase }>(
    'SELECT batch_id AS batchId, phase FROM jobs WHERE id = ?',
  )
  const remove = db.prepare<[number]>('DELETE FROM jobs WHERE id = ?')

  const timely = (asked: Asked, match: Match, order: 'newest' | 'oldest'): JobPage => {
    const { query, after, limit, skip } = asked
    const wanted = { ...boundsOf(query, after, order), limit, skip }
    const statements = byTime[order]
    const some =
      match.kind === 'some' ? statements.found.all({ ...wanted, expression: match.expression }) : statements.all.all(wanted)
    const last = some.at(-1)
    return { jobs: reader.readAll(some), next: last === undefined || some.length < limit ? null : String(last.key) }
  }
  const paged = (asked: Asked, order: HistoryOrder): JobPage => {
    const match = history.search.match(asked.query)
    if (match.kind === 'none') return { jobs: [], next: null }
    if (order === 'newest' || order === 'oldest') return timely(asked, match, order)
    const some = sorted(order, { ...asked, match })
    const last = some.at(-1)
    const jobs = some.map(({ jobId }) => reader.get(jobId)).filter((job) => job !== null)
    return { jobs, next: last === undefined || some.length < asked.limit ? null : cursorOf(last) }
  }
  const forgetOne = (id: number) => {
    const job = standing.get(id)
    if (job === undefined) return
    history.take(id)
    remove.run(id)
    totals.left(job.batchId, job.phase)
  }
  return {
    page: (query, after, limit, skip = 0, order = 'newest') => paged({ query, after, limit, skip }, order),
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
