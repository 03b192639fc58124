/**
 * What can be said of files while they are dragged: a page learns how many there are and of which type, and neither names nor contents
 * before the drop. Where that leaves a doubt, the doubt is what is said. Apart, since it needs no page.
 */
import { extensionOf, families, formatIds, type Family, type FormatId, factsOf } from '../../shared/formats.ts'
import type { Conversion } from './conversion.ts'
import { grouped, type Pairings } from './pairings.ts'

export type DraggedLine =
  | { readonly kind: 'becomes'; readonly family: Family; readonly count: number; readonly target: FormatId }
  /** Not the format of the bar: what they become is asked once they are dropped. */
  | { readonly kind: 'asked'; readonly family: Family; readonly count: number }
  /** Nothing that Beside writes. */
  | { readonly kind: 'left-out'; readonly family: Family; readonly count: number }
  /** Folders have no type, and a type may say too little. `family` null: not even that is known. */
  | { readonly kind: 'checked'; readonly family: Family | null; readonly count: number }
  /** Addresses are not counted before the drop. */
  | { readonly kind: 'addresses'; readonly family: null }

export type DraggedItem = Pick<DataTransferItem, 'kind' | 'type'>

/** Line by line, for each kind: first what becomes something, last what only the drop will show. */
export function foretold(items: readonly DraggedItem[], now: Conversion, pairings: Pairings): readonly DraggedLine[] {
  const files = items.filter(({ kind }) => kind === 'file').map(({ type }) => type.toLowerCase())
  if (files.length === 0) return items.some(({ type }) => type === 'text/uri-list') ? [{ kind: 'addresses', family: null }] : []
  const known = files.flatMap((type) => formatOfType(type) ?? [])
  const lines = families.flatMap((family) =>
    grouped(
      known.filter((id) => factsOf(id).family === family),
      (id) => `name.${extensionOf(id)}`,
      now,
      pairings,
    ).map(({ files: { length: count }, target, targets }): DraggedLine =>
      target !== null
        ? { kind: 'becomes', family, count, target }
        : targets.length > 0
          ? { kind: 'asked', family, count }
          : { kind: 'left-out', family, count },
    ),
  )
  const unsure = files.filter((type) => formatOfType(type) === null).map(familyOfType)
  const checked = [...families, null].flatMap((family): readonly DraggedLine[] => {
    const count = unsure.filter((each) => each === family).length
    return count === 0 ? [] : [{ kind: 'checked', family, count }]
  })
  const order: readonly DraggedLine['kind'][] = ['becomes', 'asked', 'left-out']
  return [...order.flatMap((kind) => lines.filter((line) => line.kind === kind)), ...checked]
}

function familyOfType(type: string): Family | null {
  return families.find((family) => type.startsWith(`${family}/`)) ?? null
}

/** Systems write the same type in several ways: `audio/x-flac`, `audio/vnd.wave`, `image/heif`. */
function formatOfType(type: string): FormatId | null {
  const plain = type.replace(/\/(x-|vnd\.)/, '/')
  const found = formatIds.find((id) => {
    const { family, mime, extensions } = factsOf(id)
    return plain === mime.replace('/x-', '/') || [id, ...extensions].some((name) => plain === `${family}/${name}`)
  })
  return found ?? null
}
