/** The whole window takes drops and pastes. While something is dragged over it, it says what will happen. */
import { IconArrowDown } from '@tabler/icons-react'
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { families, formatIds, formats, type FormatId } from '../../shared/formats.ts'
import { lastPart } from './adding.ts'
import { useBeside } from '../app/context.tsx'
import { usePairings } from '../app/queries.ts'
import { useConversion } from './conversion.ts'
import { filesOf, sourcesIn } from './dropped-files.ts'
import { navigate } from '../app/location.ts'
import { grouped } from './pairings.ts'
import css from './drop-area.module.css'

/** A page may not know names before the drop; their types are known. */
type Dragged = readonly { readonly name: string }[]

export function DropArea({ children }: { readonly children: ReactNode }) {
  const { adding } = useBeside()
  const [dragged, setDragged] = useState<Dragged | null>(null)
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
    if (step === 1) setDragged(draggedIn(event.dataTransfer))
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

function Overlay({ dragged }: { readonly dragged: Dragged }) {
  const { t } = useTranslation()
  const { host } = useBeside()
  const pairings = usePairings()
  const now = useConversion()
  const groups = grouped(dragged, ({ name }) => name, now, pairings)
  const where =
    now.out !== null
      ? t('drop.into', { folder: lastPart(now.out) })
      : t(host.results === 'beside' ? 'drop.beside' : 'drop.download')
  return (
    <div className={css.overlay} role="status">
      <div className={css.card}>
        <IconArrowDown size={40} stroke={1.4} aria-hidden className={css.arrow} />
        <strong className={css.title}>{t('drop.title')}</strong>
        {groups.map(({ family, files, target }) => (
          <span key={`${family} ${target}`} className={css.line}>
            {t('drop.line', {
              files: t('drop.files', { count: files.length }),
              target: target === null ? '?' : formats[target].title,
            })}
          </span>
        ))}
        <span className={css.where}>{where}</span>
      </div>
    </div>
  )
}

function takes({ types }: DataTransfer): boolean {
  return types.includes('Files') || types.includes('text/uri-list')
}

function draggedIn(data: DataTransfer): Dragged {
  return [...data.items]
    .filter(({ kind, type }) => kind === 'file' || type === 'text/uri-list')
    .map(({ type }) => ({ name: exampleOf(type) }))
}

/** A name of this kind: enough to say what would become of it. */
function exampleOf(mime: string): string {
  const exact: FormatId | undefined = formatIds.find(
    (id) => formats[id].mime === mime || mime === `audio/x-${id}` || mime === `video/x-${id}`,
  )
  const kind = families.find((family) => mime.startsWith(`${family}/`))
  const id = exact ?? (kind === undefined ? undefined : formatIds.find((each) => formats[each].family === kind))
  return id === undefined ? 'folder' : `x.${formats[id].extensions[0]}`
}
