/** The activity of a folder: a line for each file that was seen, with its state and why. However many there are. */
import { Button, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { sightingStates, type Folder, type Sighting, type SightingState } from '../../shared/folders.ts'
import { useBeside } from '../app/context.tsx'
import { momentText } from '../ui/quantities.ts'
import { describeWhy, guarded } from '../app/outcomes.ts'
import { useFoldersChanged, useLedger } from './folder-queries.ts'
import css from './folder-ledger.module.css'

const rowPixels = 52

interface FolderLedgerProps {
  readonly folder: Folder
  readonly state: SightingState | null
  readonly onState: (state: SightingState | null) => void
}

export function FolderLedger({ folder, state, onState }: FolderLedgerProps) {
  const { t } = useTranslation()
  const { id, rule } = folder
  const [text, setText] = useState('')
  const [searched] = useDebouncedValue(text.trim(), 150)
  const query = useMemo(() => ({ folderId: id, states: state === null ? [] : [state], text: searched }), [id, state, searched])
  const { lines, more } = useLedger(query)
  const isFiltered = state !== null || searched !== ''
  return (
    <section className={css.ledger} aria-label={t('folders.ledger')}>
      <div className={css.filters}>
        <TextInput
          className={css.search}
          aria-label={t('ledger.search')}
          placeholder={t('ledger.search')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          maxLength={500}
        />
        <Select
          aria-label={t('ledger.state')}
          placeholder={t('ledger.anyState')}
          data={sightingStates.map((each) => ({ value: each, label: t(`folders.state.${each}`) }))}
          value={state}
          onChange={onState}
          clearable
          clearButtonProps={{ 'aria-label': t('history.clear') }}
          comboboxProps={{ withinPortal: false }}
          w={170}
        />
      </div>
      {lines === undefined ? null : lines.length === 0 ? (
        <p className={css.none}>{t(isFiltered ? 'ledger.none' : 'folders.nothing')}</p>
      ) : (
        <Lines lines={lines} root={rule.path} more={more} />
      )}
    </section>
  )
}

interface LinesProps {
  readonly lines: readonly Sighting[]
  readonly root: string
  readonly more: () => void
}

function Lines({ lines, root, more }: LinesProps) {
  const { t } = useTranslation()
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    getItemKey: (index) => lines[index]?.id ?? index,
    overscan: 6,
    useFlushSync: false,
  })
  const shown = virtual.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= lines.length - 20) more()
  })
  return (
    <div ref={scroller} className={css.scroller} tabIndex={0} role="region" aria-label={t('ledger.lines')}>
      <ul className={css.lines} aria-label={t('folders.ledger')} style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index, start, key }) => {
          const sighting = lines[index]
          return sighting === undefined ? null : <LedgerRow key={key} sighting={sighting} root={root} top={start} />
        })}
      </ul>
    </div>
  )
}

function LedgerRow({ sighting, root, top }: { readonly sighting: Sighting; readonly root: string; readonly top: number }) {
  const { t } = useTranslation()
  const { calls } = useBeside()
  const changed = useFoldersChanged()
  const { id, path, state, why, gone, sinceMs } = sighting
  const reason = describeWhy(why)
  return (
    <li
      data-state={state}
      data-gone={gone || undefined}
      className={css.line}
      style={{ height: rowPixels, transform: `translateY(${top}px)` }}
    >
      <div className={css.file}>
        <strong title={path}>{path.startsWith(root) ? path.slice(root.length + 1) : path}</strong>
        <span title={reason}>{reason}</span>
      </div>
      <span className={css.state}>{gone ? t('ledger.gone') : t(`folders.state.${state}`)}</span>
      <time dateTime={new Date(sinceMs).toISOString()}>{momentText(sinceMs)}</time>
      <span className={css.do}>
        {!gone && state !== 'queued' && state !== 'waiting' && (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`${t('folders.again')}: ${path}`}
            onClick={() =>
              guarded(async () => {
                await calls.folders.again({ ids: [id] })
                await changed()
              })
            }
          >
            {t('folders.again')}
          </Button>
        )}
      </span>
    </li>
  )
}
