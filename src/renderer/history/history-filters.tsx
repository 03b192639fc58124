/** What is looked for in the history, in which order, and what can be done with all of it. */
import { Button, CloseButton, Menu, Select, TextInput } from '@mantine/core'
import { IconArrowsSort, IconChevronDown, IconSearch } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { formats } from '../../shared/formats.ts'
import { finishedPhases } from '../../shared/job.ts'
import { historyOrders, mostSorted, type HistoryOrder, type HistoryQuery } from '../../shared/model.ts'
import { usePairings, useProviders } from '../app/context.tsx'
import { countText } from '../ui/quantities.ts'
import { allTargets } from '../add/pairings.ts'
import css from './history-view.module.css'
import { ExportMenu } from './export-menu.tsx'
import { sortsAlways, spans, type Span, type Wish } from './history-filter.ts'
import { providerName } from '../providers/provider-texts.ts'
import { search } from '../app/shortcuts.tsx'

interface HistoryFiltersProps {
  readonly wish: Wish
  readonly onWish: (wish: Wish) => void
  readonly onForget: () => void
  readonly query: HistoryQuery
  /** The order that rows are in. */
  readonly sort: HistoryOrder
  /** More is found than can be sorted, other than by time. */
  readonly isTooMuch: boolean
}

export function HistoryFilters({ wish, onWish, onForget, query, sort, isTooMuch }: HistoryFiltersProps) {
  const { t } = useTranslation()
  const pairings = usePairings()
  const providers = useProviders()
  const field = useRef<HTMLInputElement>(null)
  const isSearchWanted = search.use() !== null
  useEffect(() => {
    if (!isSearchWanted) return
    field.current?.focus()
    search.close()
  }, [isSearchWanted])
  const set = (change: Partial<Wish>) => onWish({ ...wish, ...change })
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
          wish.text === '' ? null : <CloseButton size="sm" aria-label={t('history.clear')} onClick={() => set({ text: '' })} />
        }
        value={wish.text}
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
          data={finishedPhases.map((phase) => ({ value: phase, label: t(`phase.${phase}`) }))}
          value={wish.outcome}
          onChange={(outcome) => set({ outcome })}
        />
        <Select
          {...clearable}
          aria-label={t('history.provider')}
          placeholder={t('history.anyProvider')}
          data={providers.map(({ id }) => ({ value: id, label: providerName(id, t) }))}
          value={wish.provider}
          onChange={(provider) => set({ provider })}
        />
        <Select
          {...clearable}
          aria-label={t('history.format')}
          placeholder={t('history.anyFormat')}
          data={allTargets(pairings).map((id) => ({ value: id, label: formats[id].title }))}
          value={wish.target}
          onChange={(target) => set({ target })}
        />
        <Select
          {...clearable}
          aria-label={t('history.when')}
          placeholder={t('history.anyTime')}
          data={(Object.keys(spans) as Span[]).map((each) => ({ value: each, label: t(`history.${each}`) }))}
          value={wish.span}
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
      {isTooMuch && sort !== wish.sort && (
        <p className={css.note} role="status">
          {t('history.sortTooMany', { order: t(`history.by.${wish.sort}`), count: countText(mostSorted) })}
        </p>
      )}
    </header>
  )
}
