/**
 * What can be said of files while they are dragged: a page learns how many there are and of which type, and neither names nor contents
 * before the drop. Where that leaves a doubt, the doubt is what is said. Apart, since it needs no page.
 */
import { extensionOf, families, formatIds, type Family, type FormatId, factsOf } from '../../shared/formats.ts'
import { canCombine } from './combining.ts'
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
  const isOne = becomeOne(items, now, pairings)
  const lines = families.flatMap((family): readonly DraggedLine[] =>
    isOne
      ? asParts(
          known.filter((id) => factsOf(id).family === family),
          family,
          now,
          pairings,
        )
      : grouped(
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

/** Whether the drop opens the list of what becomes one; a folder is taken to have something for it. */
export function becomeOne(items: readonly DraggedItem[], now: Conversion, pairings: Pairings): boolean {
  if (!now.together || !canCombine(pairings, now)) return false
  const formats = items.filter(({ kind }) => kind === 'file').map(({ type }) => formatOfType(type.toLowerCase()))
  return formats.filter((format) => format === null || isPart(format, now, pairings)).length > 1
}

function isPart(format: FormatId, { target }: Conversion, pairings: Pairings): boolean {
  return pairings.some(({ joins, from, to }) => joins === true && to.includes(target) && from.includes(format))
}

function asParts(known: readonly FormatId[], family: Family, now: Conversion, pairings: Pairings): readonly DraggedLine[] {
  const taken = known.filter((format) => isPart(format, now, pairings)).length
  const left = known.length - taken
  return [
    ...(taken === 0 ? [] : [{ kind: 'becomes', family, count: taken, target: now.target } as const]),
    ...(left === 0 ? [] : [{ kind: 'left-out', family, count: left } as const]),
  ]
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
