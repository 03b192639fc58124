/** What was done: found as you type, counted, run again. */
import { Button } from '@mantine/core'
import { useDebouncedValue, useDisclosure } from '@mantine/hooks'
import { IconHistory, IconSearchOff } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { maxSorted, type HistoryQuery } from '../../shared/model.ts'
import { useBeside } from '../app/context.tsx'
import { RerunDialog } from '../queue/rerun-dialog.tsx'
import { Details } from '../queue/details.tsx'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { Empty } from '../ui/empty.tsx'
import { HistoryChart } from './history-chart.tsx'
import { bytesText, countText } from '../ui/quantities.ts'
import { HistoryFilters, noFilter, queryOf, sortsAlways } from './history-filters.tsx'
import { HistoryList } from './history-list.tsx'
import { guarded } from '../app/outcomes.ts'
import css from './history-view.module.css'

export function HistoryView() {
  const { t } = useTranslation()
  const { calls, live } = useBeside()
  const [filter, setFilter] = useState(noFilter)
  const [text] = useDebouncedValue(filter.text, 120)
  const [round, setRound] = useState(0)
  const [isAskingForget, { open, close }] = useDisclosure(false)

  const { outcome, provider, target, span } = filter
  const query = useMemo(() => queryOf({ text, outcome, provider, target, span }), [text, outcome, provider, target, span])
  // New rows come at the top; a list that moved under the pointer by itself would be no help, so figures follow and rows are asked for.
  useFinished(live, () => setRound((now) => now + 1))
  const sums = useQuery({
    queryKey: ['sums', query, round],
    queryFn: async () => await calls.history.sums(query),
    placeholderData: keepPreviousData,
  }).data
  const isFiltered = Object.keys(query).length > 0
  const isTooMuch = isFiltered && (sums?.jobs ?? 0) > maxSorted
  const sort = isTooMuch && !sortsAlways(filter.sort) ? 'newest' : filter.sort
  const forgetAll = async () => {
    await calls.history.forget({ ids: 'all' })
    setRound((now) => now + 1)
    close()
  }
  return (
    <>
      <HistoryFilters filter={filter} onFilter={setFilter} onForget={open} query={query} isTooMuch={isTooMuch} sort={sort} />
      {sums === undefined ? (
        <p className={css.loading} role="status">
          {t('history.loading')}
        </p>
      ) : sums.jobs === 0 ? (
        <Empty
          icon={isFiltered ? IconSearchOff : IconHistory}
          title={t(isFiltered ? 'history.noneTitle' : 'history.emptyTitle')}
          why={t(isFiltered ? 'history.noneWhy' : 'history.emptyWhy')}
        >
          {isFiltered && (
            <Button variant="light" onClick={() => setFilter({ ...noFilter, sort: filter.sort })}>
              {t('history.clear')}
            </Button>
          )}
        </Empty>
      ) : (
        <>
          <HistorySums query={query} sums={sums} round={round} />
          <HistoryList query={query} sort={sort} count={sums.jobs} round={round} />
        </>
      )}
      <ConfirmDialog
        opened={isAskingForget}
        onClose={close}
        title={t('history.forgetTitle')}
        confirm={t('history.forgetConfirm')}
        tone="dangerous"
        onConfirm={() => guarded(forgetAll)}
      >
        {t('history.forgetWhy')}
      </ConfirmDialog>
      <Details />
      <RerunDialog />
    </>
  )
}

interface Sums {
  readonly jobs: number
  readonly done: number
  readonly failed: number
  readonly sourceBytes: number
  readonly outputBytes: number
}

/** Totals of what is shown, and how much of it there was on which day. */
function HistorySums({ query, sums, round }: { readonly query: HistoryQuery; readonly sums: Sums; readonly round: number }) {
  const { t } = useTranslation()
  const saved = sums.sourceBytes - sums.outputBytes
  const figures = [
    { name: t('history.files'), value: countText(sums.done) },
    ...(sums.failed > 0 ? [{ name: t('history.failed'), value: countText(sums.failed) }] : []),
    { name: t('history.before'), value: bytesText(sums.sourceBytes) },
    { name: t('history.after'), value: bytesText(sums.outputBytes) },
    { name: t(saved >= 0 ? 'history.saved' : 'history.grown'), value: bytesText(Math.abs(saved)) },
  ]
  return (
    <section className={css.figures}>
      <dl className={css.sums}>
        {figures.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <HistoryChart query={query} round={round} />
    </section>
  )
}

/** At most once in a while: figures need not follow every job of a thousand. */
function useFinished(live: ReturnType<typeof useBeside>['live'], then: () => void): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null
    const stop = live.onChanges((changes) => {
      if (timer !== null || !changes.some((change) => change.type === 'job' && 'finishedAtMs' in change.job.state)) return
      timer = setTimeout(() => {
        timer = null
        then()
      }, 1000)
    })
    return () => {
      stop()
      if (timer !== null) clearTimeout(timer)
    }
    // The setter of a state never changes.
  }, [live])
}
