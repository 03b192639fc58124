/** Which pairs there are, which of them a key may use, and which one a request asks for: the ending of a file's name tells what the file is, as the protocol has it. Apart, as it is pure. */
import { anyFormatNamed, endingOf, type FormatId } from '../../shared/formats.ts'
import { pairToken, servedPairOf, type FormatPair, type ServedRefusal } from '../../shared/served.ts'
import type { Pairing } from '../providers/provider.ts'

/** Each once, in the order in which they are stated. */
export function pairsOf(pairings: readonly Pick<Pairing, 'from' | 'to'>[]): readonly FormatPair[] {
  const pairs = new Map<string, FormatPair>()
  for (const pairing of pairings) {
    for (const from of pairing.from) for (const to of pairing.to) pairs.set(placeOf({ from, to }), { from, to })
  }
  return [...pairs.values()]
}

function placeOf({ from, to }: FormatPair): string {
  return `${from} ${to}`
}

/** @param allowed null: all. */
export function allowedOf(pairs: readonly FormatPair[], allowed: readonly FormatPair[] | null): readonly FormatPair[] {
  if (allowed === null) return pairs
  const places = new Set(allowed.map(placeOf))
  return pairs.filter((pair) => places.has(placeOf(pair)))
}

export interface Asked {
  readonly pair: FormatPair
  readonly token: string
}

/**
 * All files of a request have one pair.
 * @param pairs all that there are for whoever asks, whether allowed or not.
 */
export function pairAsked(
  { files, target }: { readonly files: readonly string[]; readonly target: string },
  pairs: readonly FormatPair[],
  allowed: readonly FormatPair[] | null,
): Asked | ServedRefusal {
  const to = anyFormatNamed(target)
  if (to === null) return { kind: 'target-unknown', target }
  let first: Asked | null = null
  for (const file of files) {
    const from = formatOfFile(file)
    if (from === null) return { kind: 'source-unnamed', file }
    const asked = { pair: { from, to }, token: pairToken(servedPairOf({ from, to })) }
    if (first !== null && first.token !== asked.token) return { kind: 'several-pairs', pair: first.token, other: asked.token }
    first ??= asked
  }
  if (first === null) return { kind: 'source-unnamed', file: '' }
  if (allowedOf(pairs, [first.pair]).length === 0) return { kind: 'pair-unsupported', pair: first.token }
  if (allowedOf([first.pair], allowed).length === 0) return { kind: 'pair-forbidden', pair: first.token }
  return first
}

function formatOfFile(name: string): FormatId | null {
  const ending = endingOf(name)
  return ending === null ? null : anyFormatNamed(ending)
}
