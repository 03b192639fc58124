/** What was done: found as you type, counted, run again. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDebouncedValue, useDisclosure } from '@mantine/hooks'
import { IconHistory, IconSearchOff } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { mostSorted } from '../../shared/model.ts'
import { useBeside } from '../app/context.tsx'
import { AgainDialog } from '../queue/rerun-dialog.tsx'
import { Details } from '../queue/details.tsx'
import { Empty } from '../ui/empty.tsx'
import { HistoryFigures } from './history-sums.tsx'
import { HistoryFilters } from './history-filters.tsx'
import { HistoryList } from './history-list.tsx'
import { noWish, queryOf, sortsAlways } from './history-filter.ts'
import { guarded } from '../queue/job-actions.ts'
import css from './history-view.module.css'

export function HistoryView() {
  const { t } = useTranslation()
  const { calls, live } = useBeside()
  const [wish, setWish] = useState(noWish)
  const [words] = useDebouncedValue(wish.text, 120)
  const [round, setRound] = useState(0)
  const [asksForget, { open, close }] = useDisclosure(false)

  const { outcome, provider, target, span } = wish
  const query = useMemo(() => queryOf({ text: words, outcome, provider, target, span }), [words, outcome, provider, target, span])
  // New rows come at the top; a list that moved under the pointer by itself would be no help, so figures follow and rows are asked for.
  useFinished(live, () => setRound((now) => now + 1))
  const sums = useQuery({
    queryKey: ['sums', query, round],
    queryFn: async () => await calls.history.sums(query),
    placeholderData: keepPreviousData,
  }).data
  const isFiltered = Object.keys(query).length > 0
  const isTooMuch = isFiltered && (sums?.jobs ?? 0) > mostSorted
  const sort = isTooMuch && !sortsAlways(wish.sort) ? 'newest' : wish.sort
  const forgetAll = async () => {
    await calls.history.forget({ ids: 'all' })
    setRound((now) => now + 1)
    close()
  }
  return (
    <>
      <HistoryFilters wish={wish} onWish={setWish} onForget={open} query={query} isTooMuch={isTooMuch} sort={sort} />
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
            <Button variant="light" onClick={() => setWish({ ...noWish, sort: wish.sort })}>
              {t('history.clear')}
            </Button>
          )}
        </Empty>
      ) : (
        <>
          <HistoryFigures query={query} sums={sums} round={round} />
          <HistoryList query={query} sort={sort} count={sums.jobs} round={round} />
        </>
      )}
      <Modal
        opened={asksForget}
        onClose={close}
        title={t('history.forgetTitle')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
        centered
      >
        <Stack>
          <Text>{t('history.forgetWhy')}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              {t('common.cancel')}
            </Button>
            <Button color="red" onClick={() => guarded(forgetAll)}>
              {t('history.forgetConfirm')}
            </Button>
          </Group>
        </Stack>
      </Modal>
      <Details />
      <AgainDialog />
    </>
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
