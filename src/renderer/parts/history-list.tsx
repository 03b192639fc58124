/** Finished jobs, newest first, a million of them or three. */
import { useEffect, useMemo, useReducer, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { HistoryQuery } from '../../shared/model.ts'
import { useBeside } from '../beside.tsx'
import { momentText } from '../figures.ts'
import { createPages } from '../pages.ts'
import { JobGrid, type GridRows } from './job-grid.tsx'
import { JobRow } from './job-row.tsx'

/** Browsers cannot make a page taller than some thirty million pixels; what is further back is found by searching. */
const mostRows = 500_000

export function HistoryList({
  query,
  count,
  round,
}: {
  readonly query: HistoryQuery
  readonly count: number
  readonly round: number
}) {
  const { t } = useTranslation()
  const { calls, live } = useBeside()
  const [version, tell] = useReducer((now: number) => now + 1, 0)
  const pages = useMemo(
    () => createPages(async (after, skip, limit) => await calls.history.page({ query, after, skip, limit }), tell),
    [calls, query],
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
        if (changes.some((change) => change.type === 'job' && pages.replace(change.job))) tell()
      }),
    [live, pages],
  )
  const rows = useMemo<GridRows>(
    () => ({
      count: Math.min(count, mostRows),
      jobAt: pages.at,
      jobsBetween: pages.rows,
      around: () => [0, Math.min(count, mostRows) - 1],
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
        const when = 'finishedAtMs' in job.state ? { when: momentText(job.state.finishedAtMs) } : {}
        return <JobRow job={job} {...state} {...when} />
      }}
    />
  )
}
