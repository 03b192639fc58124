/**
 * Which provider and lane take a draft, and why; and which provider takes over what another one refused. `route` is pure, over what each
 * provider states as data, the user's choice and order, and privacy: the first that fits is taken, and the reasons of those passed over
 * become the explanation when none does.
 */
import { failure, toFailure, type Failure } from '../../../shared/failure.ts'
import { formatOfName, type FormatId, factsOf } from '../../../shared/formats.ts'
import type { Job, Order, ProviderChoice, ProviderId, RouteReason, Source } from '../../../shared/job.ts'
import {
  allowedValues,
  askedOfProvider,
  contradictionIn,
  optionNames,
  ownOptions,
  type OptionName,
  type Options,
} from '../../../shared/options.ts'
import type { Capabilities, Pairing, Provider, ProviderAbout } from '../../providers/provider.ts'
import type { Clock } from '../ports.ts'
import { within, type Registry } from '../providers/registry.ts'

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
  /** Formats of all that is to become one result, each once; absent where each source becomes its own. */
  readonly together?: readonly FormatId[]
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
  // How large it is there, nobody here knows.
  if (wanted.source === 'url' && wanted.options.onlyIfSmaller !== undefined)
    return { ok: false, why: failure('not-possible', { because: 'source-size-unknown' }) }
  const contradiction = contradictionIn(wanted.options)
  if (contradiction !== null) return { ok: false, why: contradiction }
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
    const key = JSON.stringify([from, target, choice, localOnly, passed, options, wanted.together])
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
  if (about.cloud && wanted.localOnly) return failure('private', { provider: about.title, because: 'would-be-uploaded' })
  if (capabilities === null) return unready ?? pairUnsupported(wanted, about)
  if (!capabilities.sources.includes(wanted.source)) {
    return wanted.source === 'url' ? failure('source-not-local') : failure('source-not-public', { provider: about.title })
  }
  const pairings = pairingsFor(capabilities, wanted.from, wanted.target).filter(mayJoin(wanted))
  if (pairings.length === 0 && wanted.together !== undefined) return notTogether(wanted)
  if (pairings.length === 0 && !isTried(wanted, about, capabilities))
    return programMissing(wanted, capabilities) ?? pairUnsupported(wanted, about)
  const trouble = optionTrouble(wanted, pairings, about)
  if (trouble !== null) return trouble
  const unreachable = wanted.address === null ? null : (capabilities.unreachable?.(wanted.address) ?? null)
  if (unreachable !== null) return unreachable
  if (capabilities.maxBytes !== null && (wanted.bytes ?? 0) > capabilities.maxBytes) {
    const { maxBytes } = capabilities
    return failure('too-large', { provider: about.title, because: 'over-limit', bytes: wanted.bytes ?? 0, maxBytes })
  }
  return unready
}

/** A guess is made only where somebody asks for it by naming the provider. */
function isTried({ with: choice, from, target }: Wanted, { id }: ProviderAbout, { tries }: Capabilities): boolean {
  return choice === id && from !== null && tries?.(from, target) === true
}

/** What is not known to be of a kind may be of any. */
export function pairingsFor(capabilities: Capabilities, from: FormatId | null, target: FormatId): readonly Pairing[] {
  return capabilities.pairings.filter((pairing) => (from === null || pairing.from.includes(from)) && pairing.to.includes(target))
}

function mayJoin({ together }: Wanted): (pairing: Pairing) => boolean {
  if (together === undefined) return () => true
  return ({ joins, from }) => joins === true && together.every((format) => from.includes(format))
}

/** What becomes one result, for a `Wanted`. What a name does not tell is taken to be like the rest. */
export function togetherOf({ from, others }: Pick<Order, 'from' | 'others'>): Pick<Wanted, 'together'> {
  if (others === undefined) return {}
  const formats = [from, ...others.map(({ path }) => formatOfName(path))]
  return { together: [...new Set(formats.filter((format) => format !== null))] }
}

function notTogether({ together = [], target }: Wanted): Failure {
  const from = together.map(titleOf).join(', ')
  return failure('pair-unsupported', { because: 'not-together', from, target: factsOf(target).title })
}

/** Null where no program that is missing would make it. */
function programMissing({ from, target }: Wanted, { missing = [] }: Capabilities): Failure | null {
  const found = missing.find((pairing) => from !== null && pairing.from.includes(from) && pairing.to.includes(target))
  if (found === undefined) return null
  const { program, install } = found
  return failure('tool-missing', { because: 'program-missing', program, ...(install !== undefined && { install }) })
}

function pairUnsupported({ from, target }: Wanted, about?: ProviderAbout): Failure {
  const facts = { from: titleOf(from), target: factsOf(target).title, ...(from !== null && { id: from }) }
  return failure('pair-unsupported', about === undefined || !about.cloud ? facts : { ...facts, provider: about.title })
}

/** The first option that no pairing of the provider takes, or null. Never dropped silently. */
function optionTrouble({ from, target, options }: Wanted, pairings: readonly Pairing[], about: ProviderAbout): Failure | null {
  for (const name of optionNames) {
    const value = options[name]
    if (value === undefined || ownOptions.includes(name)) continue
    const takers = pairings.filter((pairing) => pairing.options.includes(name))
    if (takers.length === 0) {
      const possible = [...new Set(pairings.flatMap((pairing) => pairing.options))]
      return failure('option-unsupported', {
        option: name,
        from: titleOf(from),
        target: factsOf(target).title,
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
  return from === null ? 'URL' : factsOf(from).title
}

function narrowed(pairings: readonly Pairing[], name: OptionName): string {
  const values = [...new Set(pairings.flatMap((pairing) => pairing.values?.[name] ?? []))]
  return values.length === 0 ? allowedValues(name) : values.join(', ')
}

/** A catalogue that has to be asked for is waited for so long; after that the provider counts as out of order. */
const catalogueDeadlineMs = 10_000

export interface RoutePorts {
  readonly registry: Pick<Registry, 'ordered' | 'unready'>
  readonly clock: Clock
  /** Whether nothing may leave this machine. */
  readonly localOnly: () => boolean
}

/**
 * All providers as they are now, in the user's order.
 *
 * @param choice where one provider is named, no other is asked for its catalogue.
 */
export async function candidatesNow(
  { registry, clock }: Pick<RoutePorts, 'registry' | 'clock'>,
  choice: ProviderChoice,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const candidateOf = async (provider: Provider): Promise<Candidate> => {
    const { about } = provider
    const unready = await registry.unready(about.id)
    // Without a key there is nobody to ask; the reason stands for the answer.
    if (unready !== null) return { about, capabilities: null, unready }
    try {
      const ask = async (inTime: AbortSignal) => await provider.capabilities(inTime)
      return { about, capabilities: await within(catalogueDeadlineMs, provider, clock, signal, ask), unready }
    } catch (error) {
      signal.throwIfAborted()
      return { about, capabilities: null, unready: toFailure(error) }
    }
  }
  return await Promise.all(
    registry
      .ordered()
      .filter(({ about }) => choice === 'auto' || choice === about.id)
      .map(candidateOf),
  )
}

export function laneOf(
  provider: Provider,
  { from, target, options }: Pick<Wanted, 'from' | 'target' | 'options'>,
  bytes: number | null,
): string {
  return provider.lane(from, target, factsOf(target).family, bytes, options)
}

/** Whether one run of the provider makes both results of a source; what is asked of Beside itself is nothing to it. */
export function shareRun({ sharesRun }: Provider, one: Shared, other: Shared): boolean {
  const { from } = one
  if (sharesRun === undefined || from === null || other.from !== from) return false
  const asked = ({ target, options }: Shared) => ({ from, target, options: askedOfProvider(options) })
  return sharesRun(asked(one), asked(other))
}

type Shared = Pick<Order, 'from' | 'target' | 'options'>

/** Failures by which a provider says that another one had better be asked. Nothing was accepted in any of them. */
const passesOn: ReadonlySet<Failure['code']> = new Set([
  'key-missing',
  'key-rejected',
  'not-allowed',
  'out-of-credit',
  'provider-disabled',
  'provider-down',
  'queue-away',
  'queue-refused',
  'too-large',
  'private',
])
/**
 * These pass on only when they have lasted: the provider is left alone, or it has told the job to wait so many times in a row. That it
 * tells meanwhile of other jobs of ours makes it healthy, and leaves no more room.
 */
const passesOnInTheEnd: ReadonlySet<Failure['code']> = new Set(['network', 'queue-full', 'rate-limited'])
const timesToWait = 5

/** The refusal that a provider gave a job, and how many times in a row it has told it to wait. */
export interface Refused {
  readonly job: Job
  readonly why: Failure
  readonly slowed: number
}

/** The provider that takes a job over, in the user's order after the one that failed; null where the job stays. */
export async function successor(
  ports: RoutePorts,
  { job, why, slowed }: Refused,
  signal: AbortSignal,
): Promise<Pick<Job, 'provider' | 'lane' | 'reason'> | null> {
  const { order } = job
  if (order.with !== 'auto') return null
  const hasLasted = async () => slowed >= timesToWait || (await ports.registry.unready(job.provider)) !== null
  const isToPassOn = passesOn.has(why.code) || (passesOnInTheEnd.has(why.code) && (await hasLasted()))
  if (!isToPassOn) return null
  const all = await candidatesNow(ports, 'auto', signal)
  const later = all.slice(all.findIndex(({ about }) => about.id === job.provider) + 1)
  const { source, from, target, options } = order
  const localOnly = order.localOnly || ports.localOnly()
  const bytes = source.kind === 'file' ? source.bytes : null
  const address = source.kind === 'url' ? source.url : null
  const wanted: Wanted = {
    source: source.kind,
    address,
    bytes,
    from,
    ...togetherOf(order),
    target,
    options,
    with: 'auto',
    localOnly,
  }
  const routed = route(wanted, later)
  const taker = routed.ok ? ports.registry.ordered().find(({ about }) => about.id === routed.provider) : undefined
  if (taker === undefined) return null
  return {
    provider: taker.about.id,
    lane: laneOf(taker, { from, target, options }, bytes),
    reason: { code: 'took-over', from: job.provider, why: why.code },
  }
}
