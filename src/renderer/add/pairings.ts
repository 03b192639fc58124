/** What can become what, from the data that the providers state. */
import { isOnlineProvider } from '../../shared/providers.ts'
import type * as z from 'zod'
import type { pairingSchema } from '../../shared/wire/pairing.ts'
import {
  anyFormatNamed,
  endingOf,
  formatOfName,
  inTableOrder,
  isKnown,
  type Family,
  type FormatId,
  factsOf,
  type KnownFormat,
} from '../../shared/formats.ts'
import type { Order, ProviderChoice, ProviderId } from '../../shared/job.ts'
import type { OptionDefaults } from '../../shared/option-defaults.ts'
import { optionNames, type OptionName, type OptionValue } from '../../shared/options.ts'
import type { Conversion } from './conversion.ts'

export type Pairings = readonly Readonly<z.infer<typeof pairingSchema>>[]

export function possibleNow(all: Pairings): Pairings {
  return all.filter(({ missing }) => missing === undefined)
}

/** A program that is not there, and how to get it. */
export type MissingProgram = NonNullable<Pairings[number]['missing']>

/** What it takes to get a format: nothing, somebody online, or a program that is not there. */
export interface Offer {
  readonly here: readonly FormatId[]
  /** With who makes it: of several the first. */
  readonly online: ReadonlyMap<FormatId, ProviderId>
  readonly missing: ReadonlyMap<FormatId, MissingProgram>
}

/**
 * What files of these formats can become, or anything where none is named.
 * @param all with those of programs that are missing
 */
export function offerOf(all: Pairings, from: readonly FormatId[] = []): Offer {
  const present = possibleNow(all)
  const targets = (some: Pairings) => (from.length === 0 ? allTargets(some) : targetsOf(some, from))
  const here = targets(present.filter(({ provider }) => !isOnlineProvider(provider)))
  const isHere = new Set(here)
  const online = new Map<FormatId, ProviderId>()
  for (const provider of new Set(present.map((pairing) => pairing.provider))) {
    for (const id of targets(present.filter((pairing) => pairing.provider === provider))) {
      if (!isHere.has(id) && !online.has(id)) online.set(id, provider)
    }
  }
  const missing = all.flatMap((pairing) =>
    pairing.missing !== undefined && from.every((each) => pairing.from.includes(each))
      ? pairing.to.map((id) => [id, pairing.missing] as const)
      : [],
  )
  const program = new Map<FormatId, MissingProgram>()
  for (const [id, found] of missing) {
    if (found !== undefined && !isHere.has(id) && !online.has(id) && !program.has(id)) program.set(id, found)
  }
  return { here, online, missing: program }
}

export function targetsOf(pairings: Pairings, from: readonly FormatId[]): readonly FormatId[] {
  const each = from.map((id) => new Set(pairings.filter((pairing) => pairing.from.includes(id)).flatMap(({ to }) => to)))
  return allTargets(pairings).filter((target) => each.every((targets) => targets.has(target)))
}

/** What several files of these formats can become as one. */
export function joinedTargetsOf(pairings: Pairings, from: readonly FormatId[]): readonly FormatId[] {
  return allTargets(joining(pairings, from))
}

function joining(pairings: Pairings, from: readonly FormatId[]): Pairings {
  return pairings.filter((pairing) => pairing.joins === true && from.every((each) => pairing.from.includes(each)))
}

type Sources = Pick<Order, 'from' | 'others'>

/** Those by which the same job could become something else, as far as names tell. */
function pairingsOf(pairings: Pairings, { from, others }: Sources): Pairings {
  if (others === undefined) return from === null ? pairings : pairings.filter((pairing) => pairing.from.includes(from))
  const formats = [from, ...others.map(({ path }) => formatOfName(path))]
  return joining(
    pairings,
    formats.filter((format) => format !== null),
  )
}

/** What the same job can become instead. */
export function targetsOfOrder(pairings: Pairings, order: Sources): readonly FormatId[] {
  return allTargets(pairingsOf(pairings, order))
}

/** What some of these jobs can become instead. @param all with those of programs that are missing */
export function offerOfOrders(all: Pairings, orders: readonly Sources[]): Offer {
  const kinds = new Map(orders.map((order) => [order.others === undefined ? order.from : order, order]))
  const able = new Set([...kinds.values()].flatMap((order) => pairingsOf(all, order)))
  return offerOf(all.filter((pairing) => able.has(pairing)))
}

/** Who makes it, of those that take all the options: the first. What its program is, where the provider has several. */
export function makerOf(
  pairings: Pairings,
  order: Sources & Pick<Order, 'target' | 'options' | 'with'>,
): Pick<Pairings[number], 'provider' | 'by'> | null {
  const names = Object.keys(order.options) as OptionName[]
  const maker = pairingsOf(pairings, order).find(
    ({ provider, to, options }) =>
      (order.with === 'auto' || order.with === provider) &&
      to.includes(order.target) &&
      names.every((name) => options.includes(name)),
  )
  return maker ?? null
}

export function allTargets(pairings: Pairings): readonly FormatId[] {
  return inTableOrder(pairings.flatMap(({ to }) => to))
}

export function allSources(pairings: Pairings): readonly FormatId[] {
  return inTableOrder(pairings.flatMap(({ from }) => from))
}

export function readBy(pairings: Pairings, provider: ProviderId): readonly FormatId[] {
  return allSources(pairings.filter((pairing) => pairing.provider === provider && pairing.packs !== true))
}

export function writtenBy(pairings: Pairings, provider: ProviderId): readonly FormatId[] {
  return allTargets(pairings.filter((pairing) => pairing.provider === provider))
}

export function canBecome(pairings: Pairings, from: FormatId, target: FormatId): boolean {
  return pairings.some(({ from: sources, to }) => sources.includes(from) && to.includes(target))
}

/** What can be said about a conversion to a format, in the order of the vocabulary. */
export interface TargetOptions {
  readonly names: readonly OptionName[]
  /** Who is the first to take each: its values and its default are those that count. */
  readonly takenBy: Readonly<Partial<Record<OptionName, ProviderId>>>
  /** Where they are fewer than the vocabulary's. */
  readonly values: Readonly<Partial<Record<OptionName, readonly OptionValue[]>>>
  readonly defaults: OptionDefaults
  /** In which the conversions that are looked at together differ. */
  readonly mixed?: ReadonlySet<OptionName>
}

export function optionsOf(pairings: Pairings, target: FormatId, provider: ProviderChoice): TargetOptions {
  const able = pairings.filter((pairing) => pairing.to.includes(target) && (provider === 'auto' || pairing.provider === provider))
  const found = optionNames.flatMap((name) => {
    const takers = able.filter(({ options }) => options.includes(name))
    const by = takers[0]?.provider
    const own = takers.filter((pairing) => pairing.provider === by)
    const values = own.every((pairing) => pairing.values[name] !== undefined)
      ? [...new Set(own.flatMap((pairing) => pairing.values[name] ?? []))]
      : undefined
    return by === undefined ? [] : [{ name, by, values, settled: own.find(({ defaults }) => defaults[name])?.defaults[name] }]
  })
  const table = <T>(of: (each: (typeof found)[number]) => T | undefined) =>
    Object.fromEntries(found.flatMap((each) => (of(each) === undefined ? [] : [[each.name, of(each)]]))) as Partial<
      Record<OptionName, T>
    >
  return {
    names: found.map(({ name }) => name),
    takenBy: table(({ by }) => by),
    values: table(({ values }) => values),
    defaults: table(({ settled }) => settled),
  }
}

/** Files of one kind that become the same. `target` null: somebody has to say what. */
export interface Group<T> {
  readonly family: Family | null
  readonly from: readonly FormatId[]
  readonly files: readonly T[]
  readonly target: FormatId | null
  /** What they could become; empty: nothing. */
  readonly targets: readonly FormatId[]
}

/**
 * Groups what was dropped. Whatever can become the bar's format does; other kinds become what was chosen for them before. What
 * has no known ending is taken along: the engine inspects it.
 */
export function grouped<T>(
  files: readonly T[],
  nameOf: (file: T) => string,
  { target, others }: Conversion,
  pairings: Pairings,
): readonly Group<T>[] {
  const byKey = new Map<string, { family: Family | null; from: Set<FormatId>; files: T[]; target: FormatId | null }>()
  for (const file of files) {
    const from = sourceOf(nameOf(file), pairings)
    const family = from === null ? null : factsOf(from).family
    const other = family === null ? undefined : others[family]
    const chosen =
      from === null || canBecome(pairings, from, target)
        ? target
        : other !== undefined && canBecome(pairings, from, other)
          ? other
          : null
    const key = chosen ?? `${family} ${targetsOf(pairings, from === null ? [] : [from]).length > 0}`
    const group = byKey.get(key) ?? { family, from: new Set(), files: [], target: chosen }
    byKey.set(key, group)
    group.files.push(file)
    if (from !== null) group.from.add(from)
  }
  return [...byKey.values()].map((group) => ({ ...group, from: [...group.from], targets: targetsOf(pairings, [...group.from]) }))
}

/** What nobody knows is what its name says where somebody takes that; null: the engine looks into it. */
function sourceOf(name: string, pairings: Pairings): FormatId | null {
  const known = formatOfName(name)
  if (known !== null) return known
  const named = anyFormatNamed(endingOf(name) ?? '')
  return named !== null && pairings.some(({ from }) => from.includes(named)) ? named : null
}

/** A sensible first guess for a kind: what most people make of it. */
const preferred: Readonly<Record<Family, readonly FormatId[]>> = {
  audio: ['mp3', 'm4a'],
  video: ['mp4', 'webm'],
  image: ['jpeg', 'webp', 'png'],
  document: ['pdf', 'docx', 'jpeg', 'png'],
  spreadsheet: ['xlsx', 'csv', 'pdf'],
  presentation: ['pdf', 'pptx'],
  book: ['pdf', 'epub'],
  markup: ['pdf', 'html', 'docx'],
  data: ['json', 'yaml', 'csv'],
  subtitle: ['srt', 'vtt'],
  archive: ['zip', '7z'],
  font: ['woff2', 'ttf'],
  other: ['pdf'],
}

/** Of single formats, where it is another than of their kind. */
const preferredOf: Readonly<Partial<Record<KnownFormat, readonly FormatId[]>>> = {
  pdf: ['jpeg', 'docx', 'png'],
  xlsx: ['pdf', 'csv'],
  csv: ['xlsx', 'json'],
  md: ['html', 'pdf'],
  html: ['pdf', 'md'],
  srt: ['vtt'],
  zip: ['7z', 'tar.gz'],
  json: ['yaml', 'csv'],
}

function guesses(family: Family | null, from: readonly FormatId[]): readonly FormatId[] {
  const [only, ...others] = from
  const own = only !== undefined && others.length === 0 && isKnown(only) ? (preferredOf[only] ?? []) : []
  return [...own, ...preferred[family ?? 'audio']]
}

export function defaultTarget({ family, from, targets }: Group<unknown>): FormatId | null {
  return (
    guesses(family, from).find((id) => targets.includes(id) && !from.includes(id)) ??
    targets.find((id) => !from.includes(id)) ??
    targets[0] ??
    null
  )
}
