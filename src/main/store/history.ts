/** Questions about finished jobs. Pages go by key; a search is a page over the search index, which gives its matches in that order. */
import type { HistoryQuery } from '../../shared/model.ts'
import type { Phase } from '../../shared/job.ts'
import type { Connection } from './connection.ts'
import type { HistoryRows } from './history-rows.ts'
import { boundsOf, type Bounds } from './history-bounds.ts'
import { createHistorySums } from './history-sums.ts'
import { jobColumns, type JobReader, type JobRow } from './rows.ts'
import type { HistoryStore, JobPage } from './store.ts'
import type { TotalsKeeper } from './totals.ts'

type Keyed = JobRow & { readonly key: number }

export function createHistory(
  db: Connection,
  { reader, totals, history }: { readonly reader: JobReader; readonly totals: TotalsKeeper; readonly history: HistoryRows },
): HistoryStore {
  const page = db.prepare<[Bounds & { limit: number; skip: number }], Keyed>(`
    SELECT history.key, ${jobColumns} FROM history CROSS JOIN jobs ON jobs.id = history.job_id
    WHERE history.key >= @fromKey AND history.key < @beforeKey AND finished_at >= @fromMs AND finished_at < @beforeMs
    ORDER BY history.key DESC LIMIT @limit OFFSET @skip`)
  // FTS5 seeks to a row number only where it comes as an integer.
  const found = db.prepare<[Bounds & { limit: number; skip: number; expression: string }], Keyed>(`
    SELECT history.key, ${jobColumns} FROM search CROSS JOIN history ON history.key = search.rowid
      CROSS JOIN jobs ON jobs.id = history.job_id
    WHERE search MATCH @expression AND search.rowid >= CAST(@fromKey AS INTEGER) AND search.rowid < CAST(@beforeKey AS INTEGER)
      AND finished_at >= @fromMs AND finished_at < @beforeMs
    ORDER BY search.rowid DESC LIMIT @limit OFFSET @skip`)
  const oldest = db.prepare<[number], number>('SELECT job_id FROM history ORDER BY key LIMIT ?').pluck()
  const finished = db.prepare<[number], number>('SELECT 1 FROM jobs WHERE id = ? AND history_key IS NOT NULL').pluck()
  const standing = db.prepare<[number], { batchId: number; phase: Phase }>(
    'SELECT batch_id AS batchId, phase FROM jobs WHERE id = ?',
  )
  const remove = db.prepare<[number]>('DELETE FROM jobs WHERE id = ?')

  const rows = (query: HistoryQuery, after: string | null, limit: number, skip: number): readonly Keyed[] => {
    const match = history.search.match(query)
    if (match.kind === 'none') return []
    const asked = { ...boundsOf(query, after), limit, skip }
    return match.kind === 'all' ? page.all(asked) : found.all({ ...asked, expression: match.expression })
  }
  const forgetOne = (id: number) => {
    const job = standing.get(id)
    if (job === undefined) return
    history.take(id)
    remove.run(id)
    totals.left(job.batchId, job.phase)
  }
  return {
    page: (query, after, limit, skip = 0): JobPage => {
      const some = rows(query, after, limit, skip)
      const last = some.at(-1)
      return { jobs: reader.readAll(some), next: last === undefined || some.length < limit ? null : String(last.key) }
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
