/**
 * Pure: which provider takes a draft, and why. It looks at what each provider states as data, at the user's wish and order, and at
 * privacy; the first that fits is taken, and the reasons of those passed over become the explanation when none does.
 */
import { failure, type Failure } from '../../../shared/failure.ts'
import { formats, type FormatId } from '../../../shared/formats.ts'
import type { ProviderChoice, ProviderId, RouteReason, Source } from '../../../shared/job.ts'
import { allowedValues, optionNames, type OptionName, type Options } from '../../../shared/options.ts'
import type { Capabilities, Pairing, ProviderAbout } from '../../providers/provider.ts'

export interface Candidate {
  readonly about: ProviderAbout
  /** Null where they are not known, which `unready` explains. */
  readonly capabilities: Capabilities | null
  /** Why it cannot take anything now (switched off, no key, out of order), or null. */
  readonly unready: Failure | null
}

export interface Wanted {
  readonly source: Source['kind']
  /** Null for files. */
  readonly address: string | null
  readonly bytes: number | null
  /** Null where it is not known yet, as of an address whose name does not tell. */
  readonly from: FormatId | null
  readonly target: FormatId
  readonly options: Options
  readonly with: ProviderChoice
  readonly localOnly: boolean
}

export type Routed =
  | { readonly ok: true; readonly provider: ProviderId; readonly reason: RouteReason }
  | { readonly ok: false; readonly why: Failure }

/** @param candidates in the user's order. */
export function route(wanted: Wanted, candidates: readonly Candidate[]): Routed {
  if (wanted.with !== 'auto') {
    const named = candidates.find((candidate) => candidate.about.id === wanted.with)
    if (named === undefined) return { ok: false, why: failure('provider-unknown', { provider: wanted.with }) }
    const why = refusal(wanted, named)
    return why === null ? { ok: true, provider: named.about.id, reason: { code: 'chosen' } } : { ok: false, why }
  }
  let best: Failure | null = null
  let passed = 0
  for (const candidate of candidates) {
    const why = refusal(wanted, candidate)
    if (why === null) {
      return { ok: true, provider: candidate.about.id, reason: { code: passed === 0 ? 'first' : 'first-able' } }
    }
    passed += 1
    if (best === null || weight(why) > weight(best)) best = why
  }
  return { ok: false, why: best ?? pairUnsupported(wanted) }
}

/**
 * `route` over providers that stay as they are: a batch of 100,000 songs asks the same question 100,000 times. Of a file's size it counts
 * only which limits it passes; what an address holds, and what a refusal says of a size, is each one's own.
 */
export function routerOver(candidates: readonly Candidate[]): (wanted: Wanted) => Routed {
  const limits = candidates.flatMap(({ capabilities }) => capabilities?.maxBytes ?? [])
  const answers = new Map<string, Routed>()
  return (wanted) => {
    if (wanted.address !== null) return route(wanted, candidates)
    const { bytes, from, target, options, with: choice, localOnly } = wanted
    const passed = limits.filter((limit) => (bytes ?? 0) > limit).length
    const key = JSON.stringify([from, target, choice, localOnly, passed, options])
    const answer = answers.get(key) ?? route(wanted, candidates)
    if (answer.ok || answer.why.code !== 'too-large') answers.set(key, answer)
    return answer
  }
}

/** The refusal that got furthest says most: a wrong option tells more than a pair that is not offered at all. */
function weight(why: Failure): number {
  // Of a provider that was never set up, nobody expects anything.
  if (why.code === 'key-missing' || why.code === 'provider-disabled') return -1
  if (why.code === 'pair-unsupported') return 0
  return why.code === 'source-not-local' || why.code === 'source-not-public' ? 1 : 2
}

function refusal(wanted: Wanted, { about, capabilities, unready }: Candidate): Failure | null {
  if (about.cloud && wanted.localOnly) return failure('private', { reason: `${about.title} would send it away` })
  if (capabilities === null) return unready ?? pairUnsupported(wanted, about)
  if (!capabilities.sources.includes(wanted.source)) {
    return wanted.source === 'url' ? failure('source-not-local') : failure('source-not-public', { provider: about.title })
  }
  const pairings = pairingsFor(capabilities, wanted.from, wanted.target)
  if (pairings.length === 0) return pairUnsupported(wanted, about)
  const trouble = optionTrouble(wanted, pairings, about)
  if (trouble !== null) return trouble
  const unreachable = wanted.address === null ? null : (capabilities.unreachable?.(wanted.address) ?? null)
  if (unreachable !== null) return unreachable
  if (capabilities.maxBytes !== null && (wanted.bytes ?? 0) > capabilities.maxBytes) {
    return failure('too-large', { provider: about.title, reason: `${wanted.bytes} bytes; it takes ${capabilities.maxBytes}` })
  }
  return unready
}

/** What is not known to be of a kind may be of any. */
export function pairingsFor(capabilities: Capabilities, from: FormatId | null, target: FormatId): readonly Pairing[] {
  return capabilities.pairings.filter((pairing) => (from === null || pairing.from.includes(from)) && pairing.to.includes(target))
}

function pairUnsupported({ from, target }: Wanted, about?: ProviderAbout): Failure {
  const facts = { from: titleOf(from), target: formats[target].title, ...(from !== null && { id: from }) }
  return failure('pair-unsupported', about === undefined || !about.cloud ? facts : { ...facts, provider: about.title })
}

/** The first option that no pairing of the provider takes, or null. Never dropped silently. */
function optionTrouble({ from, target, options }: Wanted, pairings: readonly Pairing[], about: ProviderAbout): Failure | null {
  for (const name of optionNames) {
    const value = options[name]
    if (value === undefined) continue
    const takers = pairings.filter((pairing) => pairing.options.includes(name))
    if (takers.length === 0) {
      const possible = [...new Set(pairings.flatMap((pairing) => pairing.options))]
      return failure('option-unsupported', {
        option: name,
        from: titleOf(from),
        target: formats[target].title,
        allowed: possible.join(', '),
        ...(about.cloud ? { provider: about.title } : {}),
      })
    }
    if (!takers.some((pairing) => pairing.values?.[name]?.includes(value) ?? true)) {
      return failure('option-invalid', { option: name, value: String(value), allowed: narrowed(takers, name) })
    }
  }
  return null
}

function titleOf(from: FormatId | null): string {
  return from === null ? 'URL' : formats[from].title
}

function narrowed(pairings: readonly Pairing[], name: OptionName): string {
  const values = [...new Set(pairings.flatMap((pairing) => pairing.values?.[name] ?? []))]
  return values.length === 0 ? allowedValues(name) : values.join(', ')
}
