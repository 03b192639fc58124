/**
 * Sums over the history. Whatever asks for whole quarters of an hour, providers, targets and outcomes is answered from the sums
 * that are kept; words, one batch, what was left behind or a time in between are added up from the rows.
 */
import type { HistoryQuery } from '../../shared/model.ts'
import type { StoreConnection } from './connection.ts'
import { type Bounds, boundsOf, slotMs } from './history-rows.ts'
import type { SearchIndex } from './search.ts'
import type { HistoryStore, HistorySums } from './store.ts'

interface SlotQuery {
  readonly from: number
  readonly before: number
  readonly outcomes: string | null
  readonly providers: string | null
  readonly targets: string | null
}
type DayRow = Omit<HistorySums, 'jobs'> & { readonly day: number }

const ofSlots = {
  columns: `coalesce(sum(jobs), 0) AS jobs,
    coalesce(sum(jobs) FILTER (WHERE phase = 'done'), 0) AS done, coalesce(sum(jobs) FILTER (WHERE phase = 'failed'), 0) AS failed,
    coalesce(sum(source_bytes), 0) AS sourceBytes, coalesce(sum(output_bytes), 0) AS outputBytes`,
  rows: `history_slots WHERE slot >= @from AND slot < @before
    AND (@outcomes IS NULL OR phase IN (SELECT value FROM json_each(@outcomes)))
    AND (@providers IS NULL OR provider IN (SELECT value FROM json_each(@providers)))
    AND (@targets IS NULL OR target IN (SELECT value FROM json_each(@targets)))`,
}
const ofRows = {
  columns: `count(*) AS jobs, count(*) FILTER (WHERE phase = 'done') AS done, count(*) FILTER (WHERE phase = 'failed') AS failed,
    coalesce(sum(source_bytes), 0) AS sourceBytes, coalesce(sum(output_bytes), 0) AS outputBytes`,
  rows: `history WHERE key >= @fromKey AND key < @beforeKey AND finished_at >= @fromMs AND finished_at < @beforeMs`,
  found: `search CROSS JOIN history ON history.key = search.rowid
    WHERE search MATCH @expression AND search.rowid >= CAST(@fromKey AS INTEGER) AND search.rowid < CAST(@beforeKey AS INTEGER)
    AND finished_at >= @fromMs AND finished_at < @beforeMs`,
}

export function createHistorySums(db: StoreConnection, search: SearchIndex): Pick<HistoryStore, 'sums' | 'days'> {
  const slotSums = db.prepare<[SlotQuery], HistorySums>(`SELECT ${ofSlots.columns} FROM ${ofSlots.rows}`)
  const rowSums = db.prepare<[Bounds], HistorySums>(`SELECT ${ofRows.columns} FROM ${ofRows.rows}`)
  const foundSums = db.prepare<[Bounds & { expression: string }], HistorySums>(`SELECT ${ofRows.columns} FROM ${ofRows.found}`)

  // Numbers are bound as REAL, and a day is a whole number.
  const slotDay = `(slot * ${slotMs} + CAST(@offsetMs AS INTEGER)) / 86400000 AS day`
  const rowDay = '(finished_at + CAST(@offsetMs AS INTEGER)) / 86400000 AS day'
  const slotDays = db.prepare<[SlotQuery & { offsetMs: number }], DayRow>(
    `SELECT ${slotDay}, ${ofSlots.columns} FROM ${ofSlots.rows} GROUP BY day HAVING sum(jobs) > 0 ORDER BY day`,
  )
  const rowDays = db.prepare<[Bounds & { offsetMs: number }], DayRow>(
    `SELECT ${rowDay}, ${ofRows.columns} FROM ${ofRows.rows} GROUP BY day ORDER BY day`,
  )
  const foundDays = db.prepare<[Bounds & { offsetMs: number; expression: string }], DayRow>(
    `SELECT ${rowDay}, ${ofRows.columns} FROM ${ofRows.found} GROUP BY day ORDER BY day`,
  )

  const dayRows = (query: HistoryQuery, offsetMs: number): readonly DayRow[] => {
    const slots = offsetMs % slotMs === 0 ? slotQuery(query) : null
    if (slots !== null) return slotDays.all({ ...slots, offsetMs })
    const match = search.match(query)
    if (match.kind === 'none') return []
    const bounds = { ...boundsOf(query, null), offsetMs }
    return match.kind === 'all' ? rowDays.all(bounds) : foundDays.all({ ...bounds, expression: match.expression })
  }
  return {
    sums: (query) => {
      const slots = slotQuery(query)
      if (slots !== null) return slotSums.get(slots) ?? nothing
      const match = search.match(query)
      if (match.kind === 'none') return nothing
      const bounds = boundsOf(query, null)
      const sums = match.kind === 'all' ? rowSums.get(bounds) : foundSums.get({ ...bounds, expression: match.expression })
      return sums ?? nothing
    },
    days: (query, zoneOffsetMinutes) =>
      dayRows(query, zoneOffsetMinutes * 60_000).map(({ day, done, failed, sourceBytes, outputBytes }) => ({
        day: dayName(day),
        done,
        failed,
        sourceBytes,
        outputBytes,
      })),
  }
}

/** Of a whole number of days since 1970. */
export function dayName(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10)
}

const nothing: HistorySums = { jobs: 0, done: 0, failed: 0, sourceBytes: 0, outputBytes: 0 }

/** Null where the kept sums cannot answer. */
function slotQuery({ text = '', batchId, left, fromMs, beforeMs, outcomes, providers, targets }: HistoryQuery): SlotQuery | null {
  if (text.trim() !== '' || batchId !== undefined || left === true) return null
  const { fromMs: from, beforeMs: before } = boundsOf(
    { ...(fromMs === undefined ? {} : { fromMs }), ...(beforeMs === undefined ? {} : { beforeMs }) },
    null,
  )
  if (from % slotMs !== 0 || (beforeMs !== undefined && before % slotMs !== 0)) return null
  return {
    from: from / slotMs,
    before: Math.ceil(before / slotMs),
    outcomes: listed(outcomes),
    providers: listed(providers),
    targets: listed(targets),
  }
}

function listed(values: readonly string[] = []): string | null {
  return values.length === 0 ? null : JSON.stringify(values)
}
