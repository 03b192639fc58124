/** Several files that become one: in which order, under what name, as what. */
import { ActionIcon, Alert, Button, Group, Input, ScrollArea, Stack, Text, TextInput } from '@mantine/core'
import { IconArrowsSort, IconGripVertical, IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState, type DragEvent, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { factsOf } from '../../shared/formats.ts'
import { templateTrouble } from '../../shared/naming.ts'
import { useAdding, useBeside } from '../app/context.tsx'
import { describeFailure } from '../app/outcomes.ts'
import { usePairings } from '../app/queries.ts'
import { RowPreview } from '../queue/preview.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { FormatSelect } from '../ui/format-select.tsx'
import { KindIcon } from '../ui/kind-icon.tsx'
import { OptionsForm } from '../ui/options-form.tsx'
import { folderOf, lastPart } from './adding.ts'
import { combinedTargets, movedTo, nameFor, sortedByName, type Combining, type CombinedFile } from './combining.ts'
import css from './combine-dialog.module.css'
import { useConversion } from './conversion.ts'
import { optionsOf } from './pairings.ts'

export function CombineDialog() {
  const { t } = useTranslation()
  const { combining } = useAdding()
  return (
    <Dialog
      opened={combining !== null}
      onClose={() => combining?.answer(null)}
      title={t('combine.title', { count: combining?.pieces.length ?? 0 })}
      size={620}
    >
      {combining !== null && <CombineForm combining={combining} />}
    </Dialog>
  )
}

function CombineForm({ combining }: { readonly combining: Combining }) {
  const { t } = useTranslation()
  const { adding } = useBeside()
  const pairings = usePairings()
  const { with: provider } = useConversion()
  const { pieces, leftOut, answer } = combining
  const [name, setName] = useState(() => nameFor(pieces))
  const [target, setTarget] = useState(combining.target)
  const [options, setOptions] = useState(combining.options)
  const trouble = templateTrouble(name)
  const targets = combinedTargets(pairings, pieces)
  const joining = pairings.filter(({ joins }) => joins === true)
  const possible = optionsOf(joining, target, provider)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (trouble === null && pieces.length > 0) answer({ pieces, name: name.trim(), target, options })
      }}
    >
      <Stack gap="md">
        {leftOut.length > 0 && <LeftOut leftOut={leftOut} />}
        <Group justify="space-between" gap="xs" wrap="nowrap">
          <Text size="sm" c="dimmed">
            {t('combine.hint')}
          </Text>
          <Button
            variant="subtle"
            size="compact-sm"
            className={css.sort ?? ''}
            leftSection={<IconArrowsSort size={15} aria-hidden />}
            onClick={() => adding.arrange(sortedByName(pieces))}
          >
            {t('combine.sort')}
          </Button>
        </Group>
        <PieceList pieces={pieces} arrange={adding.arrange} />
        <Group grow align="flex-start">
          <TextInput
            label={t('combine.name')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={trouble === null ? null : describeFailure(trouble).message}
            maxLength={200}
            spellCheck={false}
            rightSection={<span className={css.ending}>.{factsOf(target).extensions[0]}</span>}
            rightSectionWidth={64}
          />
          <Input.Wrapper label={t('combine.format')} labelElement="div">
            <FormatSelect
              label={t('combine.format')}
              value={target}
              formats={targets.includes(target) ? targets : [target, ...targets]}
              onChange={(chosen) => {
                setTarget(chosen)
                setOptions({})
              }}
            />
          </Input.Wrapper>
        </Group>
        {possible.names.length > 0 && <OptionsForm target={target} possible={possible} options={options} onChange={setOptions} />}
        <Group className={css.foot ?? ''} justify="flex-end">
          <Button variant="default" onClick={() => answer(null)}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" disabled={trouble !== null || pieces.length === 0} data-autofocus>
            {t('combine.confirm')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function LeftOut({ leftOut }: Pick<Combining, 'leftOut'>) {
  const { t } = useTranslation()
  return (
    <Alert color="yellow" title={t('combine.leftOut', { count: leftOut.length })} classNames={{ title: css.leftOutTitle ?? '' }}>
      <ScrollArea.Autosize mah={120} viewportProps={{ tabIndex: 0 }}>
        <ul className={css.leftOut}>
          {leftOut.map(({ source, why }, index) => (
            <li key={`${source} ${index}`}>
              <strong title={source}>{lastPart(source)}</strong> {describeFailure(why).message}
            </li>
          ))}
        </ul>
      </ScrollArea.Autosize>
    </Alert>
  )
}

interface PieceListProps {
  readonly pieces: readonly CombinedFile[]
  readonly arrange: (pieces: readonly CombinedFile[]) => void
}

function PieceList({ pieces, arrange }: PieceListProps) {
  const { t } = useTranslation()
  const list = useRef<HTMLOListElement>(null)
  const dragged = useRef<string | null>(null)
  /** The place that what is dragged would be put before. */
  const [gap, setGap] = useState<number | null>(null)
  const [moved, setMoved] = useState<CombinedFile | null>(null)
  const order = pieces.map(({ key }) => key).join(' ')
  // A row that moves in the page loses the focus; who moves it by keyboard wants to continue.
  useEffect(() => {
    if (moved !== null) list.current?.querySelector<HTMLElement>(`[data-piece='${moved.key}']`)?.focus()
  }, [order, moved])
  const put = (from: number, to: number) => {
    const piece = pieces[from]
    if (piece === undefined || to < 0 || to > pieces.length) return
    arrange(movedTo(pieces, from, to))
    setMoved(piece)
  }
  const remove = (place: number) => {
    arrange(pieces.toSpliced(place, 1))
    setMoved(pieces[place + 1] ?? pieces[place - 1] ?? null)
  }
  const press = (event: KeyboardEvent, place: number) => {
    if (event.target !== event.currentTarget) return
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0
    if (by !== 0) {
      event.preventDefault()
      if (event.altKey) return put(place, by === 1 ? place + 2 : place - 1)
      const neighbour = pieces[place + by]
      return list.current?.querySelector<HTMLElement>(`[data-piece='${neighbour?.key}']`)?.focus()
    }
    if (event.key !== 'Delete' && event.key !== 'Backspace') return
    event.preventDefault()
    remove(place)
  }
  const over = (event: DragEvent<HTMLLIElement>, place: number) => {
    if (dragged.current === null) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'move'
    const { top, height } = event.currentTarget.getBoundingClientRect()
    setGap(event.clientY < top + height / 2 ? place : place + 1)
  }
  const end = () => {
    dragged.current = null
    setGap(null)
  }
  return (
    <ScrollArea.Autosize mah="38vh" type="auto" className={css.frame ?? ''}>
      <ol className={css.pieces} ref={list} aria-label={t('combine.list')}>
        {pieces.map((piece, place) => (
          <li
            key={piece.key}
            data-piece={piece.key}
            data-gap={gap === place ? 'before' : gap === pieces.length && place === gap - 1 ? 'after' : undefined}
            tabIndex={0}
            aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Delete"
            draggable
            onKeyDown={(event) => press(event, place)}
            onDragStart={({ dataTransfer }) => {
              dragged.current = piece.key
              dataTransfer.effectAllowed = 'move'
              // A type of our own: to everything else, this is nothing.
              dataTransfer.setData('application/x-beside-piece', '')
            }}
            onDragOver={(event) => over(event, place)}
            onDrop={(event) => {
              const from = pieces.findIndex(({ key }) => key === dragged.current)
              if (from === -1 || gap === null) return
              event.preventDefault()
              put(from, gap)
              end()
            }}
            onDragEnd={end}
          >
            <IconGripVertical size={16} aria-hidden className={css.grip} />
            <span className={css.place}>{place + 1}</span>
            <PiecePreview piece={piece} />
            <span className={css.text} title={piece.name}>
              <span className={css.name}>{lastPart(piece.name)}</span>
              {folderOf(piece.name) !== piece.name && <small>{folderOf(piece.name)}</small>}
            </span>
            <ActionIcon
              variant="subtle"
              color="gray"
              tabIndex={-1}
              aria-label={t('combine.remove', { name: lastPart(piece.name) })}
              onClick={() => remove(place)}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </li>
        ))}
      </ol>
      <span className="visually-hidden" role="status">
        {moved !== null &&
          pieces.includes(moved) &&
          t('move.moved', { name: lastPart(moved.name), place: pieces.indexOf(moved) + 1, of: pieces.length })}
      </span>
    </ScrollArea.Autosize>
  )
}

/** A picture that is larger says no more, and takes long to draw. */
const maxShownBytes = 40_000_000

function PiecePreview({ piece: { at, from } }: { readonly piece: CombinedFile }) {
  const file = 'file' in at ? at.file.file : null
  const picture =
    file !== null && /^image\/(jpeg|png|webp|gif|avif|bmp|svg\+xml)$/.test(file.type) && file.size <= maxShownBytes ? file : null
  const [address, setAddress] = useState<string | null>(null)
  useEffect(() => {
    if (picture === null) return
    const made = URL.createObjectURL(picture)
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [picture])
  if ('job' in at) return <RowPreview job={at.job} />
  return (
    <span className={css.preview} data-picture={address !== null || undefined}>
      {address === null ? (
        <KindIcon family={from === null ? null : factsOf(from).family} size={19} />
      ) : (
        <img src={address} alt="" draggable={false} loading="lazy" decoding="async" onError={() => setAddress(null)} />
      )}
    </span>
  )
}
