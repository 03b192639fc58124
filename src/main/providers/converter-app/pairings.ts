/**
 * The catalogue of Converter App: pairs of names, each of which becomes a pairing, whether Beside knows its formats or not. Keys are restricted
 * by pair tokens (`mp42mp3`), which cannot be taken apart, as names may hold a 2 themselves: tokens are built from known pairs and compared.
 */
import * as z from 'zod'
import { anyFormatNamed, type FormatId } from '../../../shared/formats.ts'
import type { Pairing } from '../provider.ts'

/** As the service writes them. */
export interface NamedPair {
  readonly from: string
  readonly to: string
}

export const pairSchema = z.object({ from: z.string().min(1), to: z.string().min(1) })
const entrySchema = z.union([pairSchema, z.string().min(1)])
type Entry = z.infer<typeof entrySchema>

/**
 * A list of pairs or tokens, bare or in an object. ASSUMED for a key's own pairs, whose form is not shown; documented for the public
 * ones, which stand under `supported_pairs`. Entries of another form are passed over.
 */
export const pairList = z
  .union([z.array(z.unknown()), z.record(z.string(), z.unknown()).transform(firstList)])
  .transform((list): readonly Entry[] => list.flatMap((entry) => entrySchema.safeParse(entry).data ?? []))

function firstList(value: Readonly<Record<string, unknown>>, context: z.RefinementCtx): readonly unknown[] {
  const list = value['supported_pairs'] ?? value['pairs'] ?? Object.values(value).find(Array.isArray)
  if (Array.isArray(list)) return list
  context.addIssue({ code: 'custom', message: 'no list of pairs' })
  return z.NEVER
}

export function tokenOf({ from, to }: NamedPair): string {
  return `${from}2${to}`
}

/** The pairs of a list that may hold tokens. @param known all there are. */
export function pairsOf(entries: readonly Entry[], known: readonly NamedPair[]): readonly NamedPair[] {
  const tokens = new Set(entries.filter((entry) => typeof entry === 'string').map((token) => token.toLowerCase()))
  const plain = entries.filter((entry) => typeof entry !== 'string')
  return [...plain, ...known.filter((pair) => tokens.has(tokenOf(pair).toLowerCase()))]
}

export interface Catalogue {
  readonly pairings: readonly Pairing[]
  /** How the service calls a pair, or null where it does not have it. */
  named(from: FormatId, target: FormatId): NamedPair | null
}

export function catalogueOf(pairs: readonly NamedPair[]): Catalogue {
  const names = new Map<string, NamedPair>()
  const targets = new Map<FormatId, Set<FormatId>>()
  for (const pair of pairs) {
    const [from, to] = [anyFormatNamed(pair.from), anyFormatNamed(pair.to)]
    // A name that could be no ending of a file is none that a file could be given.
    if (from === null || to === null || names.has(`${from} ${to}`)) continue
    names.set(`${from} ${to}`, pair)
    targets.set(from, (targets.get(from) ?? new Set()).add(to))
  }
  const pairings = [...targets].map(([from, to]): Pairing => ({ from: [from], to: [...to], options: [] }))
  return { pairings, named: (from, target) => names.get(`${from} ${target}`) ?? null }
}
