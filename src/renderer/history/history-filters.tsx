/** What is shown of the history: what the user filters by, what that means as a query, and what can be done with all that is found. */
import { Button, CloseButton, Menu, Select, TextInput } from '@mantine/core'
import { IconArrowsSort, IconChevronDown, IconSearch } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type FormatId, factsOf } from '../../shared/formats.ts'
import { finishedPhases, type ProviderId } from '../../shared/job.ts'
import { useBeside } from '../app/context.tsx'
import { closeDialog, useDialogs } from '../app/dialogs.ts'
import { guarded } from '../app/outcomes.ts'
import { historyOrders, maxSorted, type HistoryOrder, type HistoryQuery } from '../../shared/model.ts'
import { usePairings, useProviders } from '../app/queries.ts'
import { countText } from '../ui/quantities.ts'
import { allTargets } from '../add/pairings.ts'
import css from './history-view.module.css'
import { saveFile } from '../ui/save-file.ts'
import { historyFile } from './export.ts'
import { providerName } from '../providers/provider-texts.ts'

export const spans = { day: 1, week: 7, month: 30, year: 365 } as const
export type Span = keyof typeof spans

export interface HistoryFilter {
  readonly text: string
  readonly outcome: (typeof finishedPhases)[number] | 'left' | null
  readonly provider: ProviderId | null
  readonly target: FormatId | null
  readonly span: Span | null
  readonly sort: HistoryOrder
}

export const noFilter: HistoryFilter = { text: '', outcome: null, provider: null, target: null, span: null, sort: 'newest' }

export function queryOf({ text, outcome, provider, target, span }: Omit<HistoryFilter, 'sort'>): HistoryQuery {
  return {
    ...(text.trim() === '' ? {} : { text: text.trim() }),
    ...(outcome === null ? {} : outcome === 'left' ? { left: true } : { outcomes: [outcome] }),
    ...(provider === null ? {} : { providers: [provider] }),
    ...(target === null ? {} : { targets: [target] }),
    ...(span === null ? {} : { fromMs: startOf(span) }),
  }
}

/** However much there is to sort. */
export function sortsAlways(order: HistoryOrder): boolean {
  return order === 'newest' || order === 'oldest'
}

function startOf(span: Span): number {
  const day = new Date()
  day.setHours(0, 0, 0, 0)
  day.setDate(day.getDate() - (spans[span] - 1))
  return day.getTime()
}

interface HistoryFiltersProps {
  readonly filter: HistoryFilter
  readonly onFilter: (filter: HistoryFilter) => void
  readonly onForget: () => void
  readonly query: HistoryQuery
  /** The order that rows are in. */
  readonly sort: HistoryOrder
  /** More is found than can be sorted, other than by time. */
  readonly isTooMuch: boolean
}

export function HistoryFilters({ filter, onFilter, onForget, query, sort, isTooMuch }: HistoryFiltersProps) {
  const { t } = useTranslation()
  const pairings = usePairings()
  const providers = useProviders()
  const field = useRef<HTMLInputElement>(null)
  const isSearchWanted = useDialogs(({ historySearch }) => historySearch !== null)
  useEffect(() => {
    if (!isSearchWanted) return
    field.current?.focus()
    closeDialog('historySearch')
  }, [isSearchWanted])
  const set = (change: Partial<HistoryFilter>) => onFilter({ ...filter, ...change })
  const leftOption = { value: 'left' as const, label: t('history.left') }
  const clearable = {
    clearable: true,
    clearButtonProps: { 'aria-label': t('history.clear') },
    className: css.filter ?? '',
    comboboxProps: { withinPortal: false },
    rightSectionWidth: 28,
  }
  return (
    <header className={css.head}>
      <h1 className={css.title}>{t('history.title')}</h1>
      <TextInput
        className={css.search}
        ref={field}
        aria-label={t('history.search')}
        placeholder={t('history.search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={
          filter.text === '' ? null : <CloseButton size="sm" aria-label={t('history.clear')} onClick={() => set({ text: '' })} />
        }
        value={filter.text}
        onChange={(event) => set({ text: event.currentTarget.value })}
        maxLength={500}
      />
      <ExportMenu query={query} sort={sort} />
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />}>
            {t('job.forget')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onForget}>{t('history.forgetAll')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <div className={css.filters}>
        <Select
          {...clearable}
          aria-label={t('history.outcome')}
          placeholder={t('history.anyOutcome')}
          data={[...finishedPhases.map((phase) => ({ value: phase, label: t(`phase.${phase}`) })), leftOption]}
          value={filter.outcome}
          onChange={(outcome) => set({ outcome })}
        />
        <Select
          {...clearable}
          aria-label={t('history.provider')}
          placeholder={t('history.anyProvider')}
          data={providers.map(({ id }) => ({ value: id, label: providerName(id, t) }))}
          value={filter.provider}
          onChange={(provider) => set({ provider })}
        />
        <Select
          {...clearable}
          aria-label={t('history.format')}
          placeholder={t('history.anyFormat')}
          data={allTargets(pairings).map((id) => ({ value: id, label: factsOf(id).title }))}
          value={filter.target}
          onChange={(target) => set({ target })}
        />
        <Select
          {...clearable}
          aria-label={t('history.when')}
          placeholder={t('history.anyTime')}
          data={(Object.keys(spans) as Span[]).map((each) => ({ value: each, label: t(`history.${each}`) }))}
          value={filter.span}
          onChange={(span) => set({ span })}
        />
        <Select
          className={css.sort}
          aria-label={t('history.sort')}
          leftSection={<IconArrowsSort size={16} aria-hidden />}
          data={historyOrders.map((order) => ({
            value: order,
            label: t(`history.by.${order}`),
            disabled: isTooMuch && !sortsAlways(order),
          }))}
          value={sort}
          onChange={(order) => set({ sort: order ?? 'newest' })}
          allowDeselect={false}
          comboboxProps={{ width: 210, position: 'bottom-end', withinPortal: false }}
        />
      </div>
      {isTooMuch && sort !== filter.sort && (
        <p className={css.note} role="status">
          {t('history.sortTooMany', { order: t(`history.by.${filter.sort}`), count: countText(maxSorted) })}
        </p>
      )}
    </header>
  )
}

/** The list as a file for other programs. */
function ExportMenu({ query, sort }: { readonly query: HistoryQuery; readonly sort: HistoryOrder }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const [count, setCount] = useState<number | null>(null)
  const save = (kind: 'csv' | 'json') =>
    guarded(async () => {
      setCount(0)
      try {
        const file = await historyFile(calls, { query, sort }, kind, setCount)
        saveFile(file, `beside-history.${kind}`)
      } finally {
        setCount(null)
      }
    })
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />} disabled={count !== null}>
          {count === null ? t('history.export') : t('history.exporting', { count: countText(count) })}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save('csv')}>{t('history.csv')}</Menu.Item>
        <Menu.Item onClick={() => save('json')}>{t('history.json')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
