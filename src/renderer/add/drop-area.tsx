/** The whole window takes drops and pastes. While something is dragged over it, it says what will happen. */
import { IconArrowDown, IconLink } from '@tabler/icons-react'
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { factsOf, type Family } from '../../shared/formats.ts'
import { lastPart } from './adding.ts'
import { useBeside } from '../app/context.tsx'
import { usePairings, usePresets } from '../app/queries.ts'
import { KindIcon } from '../ui/kind-icon.tsx'
import { presetText } from '../ui/preset-texts.ts'
import { useConversion } from './conversion.ts'
import { becomeOne, foretold, type DraggedItem, type DraggedLine } from './dragged.ts'
import { filesOf, sourcesIn } from './dropped-files.ts'
import { navigate } from '../app/location.ts'
import css from './drop-area.module.css'

export function DropArea({ children }: { readonly children: ReactNode }) {
  const { adding } = useBeside()
  const [dragged, setDragged] = useState<readonly DraggedItem[] | null>(null)
  // Entering a child is leaving its parent: only the last leave is one.
  const depth = useRef(0)

  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const { clipboardData, target } = event
      if (clipboardData === null || (target instanceof HTMLElement && target.matches('input, textarea'))) return
      if (clipboardData.files.length > 0) {
        void filesOf(clipboardData).then(async (dropped) => await adding.addFiles(dropped))
        return navigate('queue')
      }
      const sources = sourcesIn(clipboardData.getData('text/plain'))
      if (sources.length === 0) return
      void adding.addSources(sources)
      navigate('queue')
    }
    document.addEventListener('paste', paste)
    return () => document.removeEventListener('paste', paste)
  }, [adding])

  const over = (event: DragEvent, step: 1 | 0 | -1) => {
    if (!takes(event.dataTransfer)) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    depth.current = Math.max(0, depth.current + step)
    if (step === 1) setDragged([...event.dataTransfer.items].map(({ kind, type }) => ({ kind, type })))
    if (depth.current === 0 && step === -1) setDragged(null)
  }
  const drop = (event: DragEvent) => {
    if (!takes(event.dataTransfer)) return
    event.preventDefault()
    depth.current = 0
    setDragged(null)
    navigate('queue')
    const text = event.dataTransfer.getData('text/uri-list') || event.dataTransfer.getData('text/plain')
    if (event.dataTransfer.files.length === 0) return void adding.addSources(sourcesIn(text))
    void filesOf(event.dataTransfer).then(async (dropped) => await adding.addFiles(dropped))
  }
  return (
    <div
      onDragEnter={(event) => over(event, 1)}
      onDragOver={(event) => over(event, 0)}
      onDragLeave={(event) => over(event, -1)}
      onDrop={drop}
    >
      {children}
      {dragged !== null && <Overlay dragged={dragged} />}
    </div>
  )
}

function Overlay({ dragged }: { readonly dragged: readonly DraggedItem[] }) {
  const { t } = useTranslation()
  const { host } = useBeside()
  const pairings = usePairings()
  const now = useConversion()
  const isOne = becomeOne(dragged, now, pairings)
  const where =
    now.out !== null
      ? t('drop.into', { folder: lastPart(now.out) })
      : t(host.results !== 'beside' ? 'drop.download' : isOne ? 'drop.besideFirst' : 'drop.beside')
  return (
    <div className={css.overlay} role="status">
      <div className={css.card}>
        <IconArrowDown size={40} stroke={1.4} aria-hidden className={css.arrow} />
        <strong className={css.title}>
          {isOne ? t('drop.combine', { target: factsOf(now.target).title }) : t('drop.title')}
        </strong>
        <ul className={css.lines}>
          {foretold(dragged, now, pairings).map((line) => (
            <Line key={`${line.kind} ${line.family} ${line.kind === 'becomes' ? line.target : ''}`} line={line} />
          ))}
        </ul>
        <span className={css.where}>{where}</span>
      </div>
    </div>
  )
}

function Line({ line }: { readonly line: DraggedLine }) {
  const { t } = useTranslation()
  const { presets } = usePresets()
  const now = useConversion()
  const followed = presets.find(({ name }) => name === now.preset)
  const files =
    line.kind === 'addresses' ? t('drop.addresses') : t(`drop.kind.${countedKind(line.family)}`, { count: line.count })
  const about = { files, target: factsOf(now.target).title }
  const words = {
    becomes: () => files,
    asked: () => t('drop.asked', about),
    'left-out': () => t('drop.leftOut', about),
    checked: () => t('drop.checked', about),
    addresses: () => t('drop.checked', about),
  }[line.kind]()
  return (
    <li className={css.line}>
      {line.kind === 'addresses' ? (
        <IconLink size={20} stroke={1.6} aria-hidden color="var(--ink-3)" />
      ) : (
        <KindIcon family={line.family} size={20} />
      )}
      <span>
        {words}
        {line.kind === 'becomes' && <strong className={css.becomes}> → {factsOf(line.target).title}</strong>}
        {/* Only what becomes the format of the bar follows its preset. */}
        {line.kind === 'becomes' &&
          line.target === now.target &&
          followed !== undefined &&
          ` · ${t('drop.preset', { name: presetText(followed, t).title })}`}
      </span>
    </li>
  )
}

/** What is no file that is known may be a folder. */
function countedKind(family: Family | null): Family {
  return family ?? 'other'
}

function takes({ types }: DataTransfer): boolean {
  return types.includes('Files') || types.includes('text/uri-list')
}
