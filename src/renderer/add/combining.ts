/**
 * Several files that become one: put in order and looked at before anything is queued. What cannot be part of the result is said there, too,
 * since nobody sees in a result what is missing.
 */
import { failure } from '../../shared/failure.ts'
import { formatOfName, factsOf, type FormatId } from '../../shared/formats.ts'
import type { Job } from '../../shared/job.ts'
import type { Options } from '../../shared/options.ts'
import type { DroppedFile } from '../wire/host.ts'
import type { Conversion } from './conversion.ts'
import type { RefusedFile } from './dropped-files.ts'
import { joinedTargetsOf, type Pairings } from './pairings.ts'

export interface CombinedFile {
  readonly key: string
  /** As it was dropped, with the folders that were dropped along; or a path of the engine's machine. */
  readonly name: string
  /** Null: not known by its name. */
  readonly from: FormatId | null
  /** A file of this page, a place that the engine finds, or one that a waiting conversion was to convert. */
  readonly at: { readonly file: DroppedFile } | { readonly path: string } | { readonly path: string; readonly job: Job }
}

export interface Combination {
  readonly pieces: readonly CombinedFile[]
  readonly name: string
  readonly target: FormatId
  readonly options: Options
}

export interface Combining {
  readonly pieces: readonly CombinedFile[]
  readonly leftOut: readonly RefusedFile[]
  /** What is proposed. */
  readonly target: FormatId
  readonly options: Options
  readonly answer: (combination: Combination | null) => void
}

/** Whether several files can become one of this format. */
export function canCombine(pairings: Pairings, { target, with: choice }: Pick<Conversion, 'target' | 'with'>): boolean {
  return pairings.some(
    ({ joins, to, provider }) => joins === true && to.includes(target) && (choice === 'auto' || choice === provider),
  )
}

/** What these can become as one; what is not known by name may be of any kind. */
export function combinedTargets(pairings: Pairings, pieces: readonly Pick<CombinedFile, 'from'>[]): readonly FormatId[] {
  return joinedTargetsOf(pairings, [...new Set(pieces.flatMap(({ from }) => from ?? []))])
}

/** Those that can become parts of one result of that format, and why the others cannot. */
export function parted(pieces: readonly CombinedFile[], target: FormatId, pairings: Pairings) {
  const joining = pairings.filter(({ joins, to }) => joins === true && to.includes(target))
  const readable = (each: FormatId | null) => each === null || joining.some(({ from }) => from.includes(each))
  const leftOut: RefusedFile[] = []
  const taken: CombinedFile[] = []
  for (const piece of pieces) {
    const { name, from } = piece
    if (/^https?:\/\//i.test(name)) leftOut.push({ source: name, why: failure('source-not-local') })
    else if (readable(from)) taken.push(piece)
    else {
      const facts = { from: from === null ? '' : factsOf(from).title, target: factsOf(target).title }
      leftOut.push({ source: name, why: failure('pair-unsupported', { because: 'not-together', ...facts }) })
    }
  }
  return { taken, leftOut }
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Page 2 before page 10, and what lies in one folder together. */
export function sortedByName(pieces: readonly CombinedFile[]): readonly CombinedFile[] {
  return pieces.toSorted((one, other) => byName.compare(one.name, other.name))
}

/** With the one at `from` before the one that is at `to` now; the end where there is none. */
export function movedTo(pieces: readonly CombinedFile[], from: number, to: number): readonly CombinedFile[] {
  const piece = pieces[from]
  if (piece === undefined) return pieces
  const rest = pieces.toSpliced(from, 1)
  return rest.toSpliced(to > from ? to - 1 : to, 0, piece)
}

let keys = 0

export function pieceOf(name: string, at: CombinedFile['at']): CombinedFile {
  keys += 1
  return { key: String(keys), name, from: formatOfName(name), at }
}

/** What the result is called unless somebody says otherwise: the folder that was dropped, else the first file. */
export function nameFor(pieces: readonly CombinedFile[]): string {
  const tops = new Set(pieces.map(({ name, at }) => ('file' in at && name.includes('/') ? name.split('/')[0] : null)))
  const [top] = tops
  if (tops.size === 1 && typeof top === 'string') return withoutFields(top)
  const last = pieces[0]?.name.split(/[/\\]/).at(-1) ?? ''
  return withoutFields(last.replace(/(?<=.)\.[^.]{1,8}$/, ''))
}

/** A name is written as a template, and braces of a file's name are none. */
function withoutFields(name: string): string {
  return name.replaceAll(/[{}]/g, '')
}
