/** The formats to choose from: a search over all of them, and a tab for each kind with the common ones first. */
import { Button, Tabs, TextInput } from '@mantine/core'
import {
  IconBadgeCc,
  IconBrandApple,
  IconBrandWindows,
  IconCheck,
  IconCloud,
  IconDevices,
  IconDiamond,
  IconFeather,
  IconGif,
  IconMicrophone,
  IconPhoto,
  IconPrinter,
  IconScissors,
  IconSearch,
  IconWorld,
  IconDeviceTv,
  IconDeviceMobile,
  IconVector,
} from '@tabler/icons-react'
import type { TFunction } from 'i18next'
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import * as z from 'zod'
import { extensionOf, families, inTableOrder, type Family, type FormatId, factsOf } from '../../shared/formats.ts'
import type { ProviderId } from '../../shared/job.ts'
import { formatSchema } from '../../shared/media.ts'
import type { MissingProgram, Offer } from '../add/pairings.ts'
import { createPersisted } from '../app/persisted.ts'
import { providerName } from '../providers/provider-texts.ts'
import css from './format-list.module.css'
import { KindIcon } from './kind-icon.tsx'
import { formatsFound, mainPurpose, offeredOf, whenText, type MainPurpose } from './format-purposes.ts'

const maxRecent = 5
/** The last chosen first. */
const useRecent = createPersisted('beside.formats', z.object({ recent: z.array(formatSchema).max(maxRecent) }), { recent: [] })

export function rememberFormat(id: FormatId): void {
  useRecent.setState(({ recent }) => ({ recent: [id, ...recent.filter((each) => each !== id)].slice(0, maxRecent) }))
}

type Tab = 'recent' | Family
interface Group {
  /** Null: it needs none. */
  readonly title: string | null
  readonly ids: readonly FormatId[]
}

interface FormatListProps {
  readonly label: string
  readonly value: FormatId | null
  readonly offer: Offer
  readonly onChoose: (id: FormatId) => void
}

export function FormatList({ label, value, offer, onChoose }: FormatListProps) {
  const { t } = useTranslation()
  const { online } = offer
  const offered = useMemo(() => new Set([...offer.here, ...online.keys()]), [offer, online])
  const known = useMemo(() => inTableOrder([...offered, ...offer.missing.keys()]), [offered, offer])
  const recent = useRecent(({ recent: all }) => all).filter((id) => offered.has(id))
  const tabs: readonly Tab[] = [
    ...(recent.length > 0 ? (['recent'] as const) : []),
    ...families.filter((family) => known.some((id) => factsOf(id).family === family)),
  ]
  const [tab, setTab] = useState<Tab>(value === null ? (tabs[0] ?? 'audio') : factsOf(value).family)
  const [search, setSearch] = useState('')
  const isSearching = search.trim() !== ''
  // What only somebody online makes is folded where there is something else to choose.
  const [isOnlineShown, setOnlineShown] = useState(value !== null && online.has(value))
  const hasOther = offer.here.some((id) => factsOf(id).family === tab)
  const foldable = isSearching || !hasOther ? [] : [...online.keys()].filter((id) => factsOf(id).family === tab)
  const isFolded = foldable.length > 0 && !isOnlineShown
  const found = useMemo(() => (isSearching ? formatsFound(known, search, t) : []), [isSearching, known, search, t])
  const inTab = useMemo(() => (tab === 'recent' ? [] : groupsOf(tab, offer, isFolded, t)), [tab, offer, isFolded, t])
  const all: readonly Group[] = isSearching
    ? [{ title: null, ids: found }]
    : tab === 'recent'
      ? [{ title: null, ids: recent }]
      : inTab
  const count = all.reduce((sum, { ids }) => sum + ids.length, 0)
  const groups = firstOf(all, maxRows)
  const listed = groups.flatMap(({ ids }) => ids)
  const shown = listed.filter((id) => !offer.missing.has(id))
  // The one that Enter takes: that of the arrow keys or the pointer while it is shown, else the best guess.
  const [pointed, setPointed] = useState<FormatId | null>(null)
  const active =
    pointed !== null && shown.includes(pointed)
      ? pointed
      : !isSearching && value !== null && shown.includes(value)
        ? value
        : (shown[0] ?? null)
  const listId = useId()
  const optionId = (id: FormatId) => `${listId}${id}`
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [active, tab, isSearching])

  const step = (by: 1 | -1) => {
    const at = active === null ? -1 : shown.indexOf(active)
    setPointed(shown.at((at + by) % shown.length) ?? null)
  }
  const switchTab = (by: 1 | -1) => {
    setTab(tabs.at((tabs.indexOf(tab) + by) % tabs.length) ?? tab)
    setPointed(null)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return
    const isBare = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey
    const act = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      // The caret has nowhere to go.
      ...(search === '' && isBare && { ArrowRight: () => switchTab(1), ArrowLeft: () => switchTab(-1) }),
      Enter: () => {
        if (active !== null) onChoose(active)
      },
    }[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }
  const options = (
    <div ref={list} id={listId} role="listbox" aria-label={label} className={css.list}>
      {groups.map(({ title, ids }) => {
        const rows = ids.map((id) => (
          <FormatRow
            key={id}
            id={id}
            elementId={optionId(id)}
            isActive={id === active}
            isChosen={id === value}
            withFamily={isSearching || tab === 'recent'}
            online={online.get(id) ?? null}
            missing={offer.missing.get(id) ?? null}
            onPoint={() => setPointed(id)}
            onChoose={() => onChoose(id)}
          />
        ))
        if (title === null) return rows
        return (
          <div key={title} role="group" aria-label={title}>
            <div className={css.group} aria-hidden>
              {title}
            </div>
            {rows}
          </div>
        )
      })}
      {count > listed.length && <div className={css.found}>{t('format.narrow', { count: count - listed.length })}</div>}
    </div>
  )
  return (
    <>
      <TextInput
        data-autofocus
        data-mantine-stop-propagation
        role="combobox"
        aria-label={t('format.find')}
        aria-expanded={shown.length > 0}
        aria-autocomplete="list"
        aria-controls={shown.length > 0 ? listId : undefined}
        aria-activedescendant={active === null ? undefined : optionId(active)}
        placeholder={t('format.find')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value)
          setPointed(null)
        }}
        onKeyDown={onKeyDown}
        spellCheck={false}
        autoComplete="off"
      />
      {isSearching ? (
        <>
          <div role="status" className={css.found}>
            {count === 0 ? t('conversion.noFormat') : t('format.found', { count })}
          </div>
          {listed.length > 0 && options}
        </>
      ) : (
        <Tabs
          value={tab}
          onChange={(chosen) => {
            setTab(tabs.find((each) => each === chosen) ?? tab)
            setPointed(null)
          }}
          classNames={{ tab: css.tab ?? '' }}
        >
          <Tabs.List aria-label={t('format.families')} className={css.tabs ?? ''}>
            {tabs.map((each) => (
              <Tabs.Tab key={each} value={each} data-mantine-stop-propagation>
                {each === 'recent' ? t('format.recent') : t(`family.${each}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {tabs.map((each) => (
            <Tabs.Panel key={each} value={each} tabIndex={-1}>
              {each === tab && options}
              {each === tab && foldable.length > 0 && (
                <Button
                  variant="subtle"
                  size="compact-sm"
                  className={css.fold ?? ''}
                  leftSection={<IconCloud size={15} aria-hidden />}
                  aria-expanded={!isFolded}
                  onClick={() => setOnlineShown(isFolded)}
                >
                  {isFolded ? t('format.online', { count: foldable.length }) : t('format.fewer')}
                </Button>
              )}
            </Tabs.Panel>
          ))}
        </Tabs>
      )}
    </>
  )
}

/** More than anybody looks through, and few enough to be drawn at once. */
const maxRows = 200

function firstOf(groups: readonly Group[], maxIds: number): readonly Group[] {
  let left = maxIds
  return groups.flatMap(({ title, ids }) => {
    const shown = ids.slice(0, left)
    left -= shown.length
    return shown.length === 0 ? [] : [{ title, ids: shown }]
  })
}

function groupsOf(family: Family, { here, online, missing }: Offer, isFolded: boolean, t: TFunction): readonly Group[] {
  const { common, more } = offeredOf(family, here)
  const own = (ids: Iterable<FormatId>) => inTableOrder(ids).filter((id) => factsOf(id).family === family)
  const groups: readonly Group[] = [
    { title: null, ids: common.length === 0 ? more : common },
    { title: t('format.more'), ids: common.length === 0 ? [] : more },
    { title: t('format.onlineOnly'), ids: isFolded ? [] : own(online.keys()) },
    { title: t('format.needsProgram'), ids: own(missing.keys()) },
  ]
  return groups.filter(({ ids }) => ids.length > 0)
}

interface FormatRowProps {
  readonly id: FormatId
  readonly elementId: string
  readonly isActive: boolean
  readonly isChosen: boolean
  readonly withFamily: boolean
  /** Who makes it online; null: it needs nobody there. */
  readonly online: ProviderId | null
  /** What has to be installed first; null: nothing. */
  readonly missing: MissingProgram | null
  readonly onPoint: () => void
  readonly onChoose: () => void
}

function FormatRow({ id, elementId, isActive, isChosen, withFamily, online, missing, onPoint, onChoose }: FormatRowProps) {
  const { t } = useTranslation()
  const isMissing = missing !== null
  const { title, family } = factsOf(id)
  // What a document is for does not tell it from another as its kind does.
  const purpose = family === 'audio' || family === 'video' || family === 'image' ? mainPurpose(id) : null
  const Icon = purpose === null ? null : purposeIcons[purpose]
  return (
    <div
      id={elementId}
      role="option"
      aria-selected={isActive}
      aria-disabled={isMissing}
      className={css.row}
      onPointerMove={isActive || isMissing ? undefined : onPoint}
      // The focus stays in the search.
      onPointerDown={(event) => event.preventDefault()}
      onClick={isMissing ? undefined : onChoose}
    >
      {Icon === null ? (
        <KindIcon family={family} size={20} />
      ) : (
        <Icon size={20} stroke={1.5} aria-hidden color={`var(--k-${family})`} />
      )}
      <span className={css.words}>
        <span className={css.name}>
          <span>{title}</span>
          {!title.toLowerCase().includes(extensionOf(id)) && <span className={css.ending}>.{extensionOf(id)}</span>}
        </span>
        <span className={css.when}>
          {missing === null ? whenText(id, t) : t('format.missing', { program: missing.program })}
          {missing?.install !== undefined && <code className={css.install}>{missing.install}</code>}
        </span>
      </span>
      {online !== null && (
        <span className={css.online}>
          <IconCloud size={16} stroke={1.6} aria-label={t('format.onlineOnly')} role="img" />
          {providerName(online, t)}
        </span>
      )}
      {withFamily && <span className={css.family}>{t(`family.${family}`)}</span>}
      {isChosen && <IconCheck size={17} aria-hidden className={css.chosen} />}
    </div>
  )
}

const purposeIcons: Readonly<Record<MainPurpose, typeof IconWorld>> = {
  everywhere: IconDevices,
  web: IconWorld,
  phone: IconDeviceMobile,
  lossless: IconDiamond,
  small: IconFeather,
  apple: IconBrandApple,
  windows: IconBrandWindows,
  speech: IconMicrophone,
  editing: IconScissors,
  print: IconPrinter,
  animated: IconGif,
  graphics: IconVector,
  photo: IconPhoto,
  tv: IconDeviceTv,
  subtitles: IconBadgeCc,
}
