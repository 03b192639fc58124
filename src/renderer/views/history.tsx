/** What was done: found as you type, counted, run again. */
import { Button, CloseButton, Group, Menu, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue, useDisclosure } from '@mantine/hooks'
import { IconChevronDown, IconHistory, IconSearch, IconSearchOff } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formats, type FormatId } from '../../shared/formats.ts'
import { finishedPhases } from '../../shared/job.ts'
import type { HistoryQuery } from '../../shared/model.ts'
import { useBeside, usePairings } from '../beside.tsx'
import { AgainDialog } from '../parts/again-dialog.tsx'
import { Details } from '../parts/details.tsx'
import { Empty } from '../parts/empty.tsx'
import { ExportMenu } from '../parts/export-menu.tsx'
import { HistoryFigures } from '../parts/history-figures.tsx'
import { HistoryList } from '../parts/history-list.tsx'
import { guarded } from '../parts/job-actions.ts'
import { search } from '../parts/shortcuts.tsx'
import { allTargets } from '../possible.ts'
import css from './history.module.css'

const spans = { day: 1, week: 7, month: 30, year: 365 } as const
type Span = keyof typeof spans

export function HistoryView() {
  const { t } = useTranslation()
  const { calls, live } = useBeside()
  const pairings = usePairings()
  const field = useRef<HTMLInputElement>(null)
  const isSearchWanted = search.use() !== null
  useEffect(() => {
    if (!isSearchWanted) return
    field.current?.focus()
    search.close()
  }, [isSearchWanted])
  const [text, setText] = useState('')
  const [words] = useDebouncedValue(text, 120)
  const [outcome, setOutcome] = useState<(typeof finishedPhases)[number] | null>(null)
  const [target, setTarget] = useState<FormatId | null>(null)
  const [span, setSpan] = useState<Span | null>(null)
  const [round, setRound] = useState(0)
  const [asksForget, { open, close }] = useDisclosure(false)

  const query = useMemo<HistoryQuery>(
    () => ({
      ...(words.trim() === '' ? {} : { text: words.trim() }),
      ...(outcome === null ? {} : { outcomes: [outcome] }),
      ...(target === null ? {} : { targets: [target] }),
      ...(span === null ? {} : { fromMs: startOf(span) }),
    }),
    [words, outcome, target, span],
  )
  // New rows come at the top; a list that moved under the pointer by itself would be no help, so figures follow and rows are asked for.
  useFinished(live, () => setRound((now) => now + 1))
  const sums = useQuery({
    queryKey: ['sums', query, round],
    queryFn: async () => await calls.history.sums(query),
    placeholderData: keepPreviousData,
  }).data
  const isFiltered = Object.keys(query).length > 0
  const clear = () => {
    setText('')
    setOutcome(null)
    setTarget(null)
    setSpan(null)
  }
  const forgetAll = async () => {
    await calls.history.forget({ ids: 'all' })
    setRound((now) => now + 1)
    close()
  }
  return (
    <>
      <header className={css.head}>
        <h1 className={css.title}>{t('history.title')}</h1>
        <TextInput
          className={css.search}
          ref={field}
          aria-label={t('history.search')}
          placeholder={t('history.search')}
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={
            text === '' ? null : <CloseButton size="sm" aria-label={t('history.clear')} onClick={() => setText('')} />
          }
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          maxLength={500}
        />
        <Select
          className={css.filter}
          aria-label={t('history.outcome')}
          placeholder={t('history.anyOutcome')}
          data={finishedPhases.map((phase) => ({ value: phase, label: t(`phase.${phase}`) }))}
          value={outcome}
          onChange={(value) => setOutcome(value)}
          clearable
          clearButtonProps={{ 'aria-label': t('history.clear') }}
        />
        <Select
          className={css.filter}
          aria-label={t('history.format')}
          placeholder={t('history.anyFormat')}
          data={allTargets(pairings).map((id) => ({ value: id, label: formats[id].title }))}
          value={target}
          onChange={(value) => setTarget(value)}
          clearable
          searchable
          clearButtonProps={{ 'aria-label': t('history.clear') }}
        />
        <Select
          className={css.filter}
          aria-label={t('history.when')}
          placeholder={t('history.anyTime')}
          data={(Object.keys(spans) as Span[]).map((each) => ({ value: each, label: t(`history.${each}`) }))}
          value={span}
          onChange={(value) => setSpan(value)}
          clearable
          clearButtonProps={{ 'aria-label': t('history.clear') }}
        />
        <ExportMenu query={query} />
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />}>
              {t('job.forget')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={open}>{t('history.forgetAll')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </header>
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
            <Button variant="light" onClick={clear}>
              {t('history.clear')}
            </Button>
          )}
        </Empty>
      ) : (
        <>
          <HistoryFigures query={query} sums={sums} round={round} />
          <HistoryList query={query} count={sums.jobs} round={round} />
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
              {t('history.forgetGo')}
            </Button>
          </Group>
        </Stack>
      </Modal>
      <Details />
      <AgainDialog />
    </>
  )
}

function startOf(span: Span): number {
  const day = new Date()
  day.setHours(0, 0, 0, 0)
  return day.getTime() - (spans[span] - 1) * 86_400_000
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
