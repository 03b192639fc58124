/** Finished jobs in the order that is asked for, a million of them or three. Apart from its page for the sake of its virtual rows. */
import { useEffect, useMemo, useReducer, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Job } from '../../shared/job.ts'
import type { HistoryOrder, HistoryQuery } from '../../shared/model.ts'
import { useBeside } from '../app/context.tsx'
import { momentText, tookText } from '../ui/quantities.ts'
import { createPages } from '../queue/pages.ts'
import { JobGrid, type GridRows } from '../queue/job-grid.tsx'
import { JobRow } from '../queue/job-row.tsx'

/** Browsers cannot make a page taller than some thirty million pixels; what is further back is found by searching. */
const maxRows = 500_000

export function HistoryList({
  query,
  sort,
  count,
  round,
}: {
  readonly query: HistoryQuery
  readonly sort: HistoryOrder
  readonly count: number
  readonly round: number
}) {
  const { t } = useTranslation()
  const { calls, live } = useBeside()
  const [version, redraw] = useReducer((now: number) => now + 1, 0)
  const pages = useMemo(
    () => createPages(async (after, skip, limit) => await calls.history.page({ query, sort, after, skip, limit }), redraw),
    [calls, query, sort],
  )
  const seen = useRef(round)
  useEffect(() => {
    if (seen.current !== round) pages.stale()
    seen.current = round
  }, [pages, round])
  useEffect(
    () =>
      live.onChanges((changes) => {
        // Retried from here: it is in the queue again.
        if (changes.some((change) => change.type === 'job' && pages.replace(change.job))) redraw()
      }),
    [live, pages],
  )
  const rows = useMemo<GridRows>(
    () => ({
      count: Math.min(count, maxRows),
      jobAt: pages.at,
      jobsBetween: pages.rows,
      groupOf: () => [0, Math.min(count, maxRows) - 1],
    }),
    [pages, count, version],
  )
  return (
    <JobGrid
      label={t('history.list')}
      role="grid"
      rows={rows}
      draw={(state) => {
        const job = pages.at(state.index)
        if (job === undefined) return null
        return <JobRow job={job} {...state} {...whenOf(job, sort)} />
      }}
    />
  )
}

/** What rows are sorted by stands in them. */
function whenOf({ state }: Job, sort: HistoryOrder): { readonly when?: string } {
  if (sort === 'duration') return state.phase === 'done' && state.tookMs !== undefined ? { when: tookText(state.tookMs) } : {}
  return 'finishedAtMs' in state ? { when: momentText(state.finishedAtMs) } : {}
}
