/** Providers as the router sees them: in the user's order, each with what it can do and why it cannot be used now. */
import { toFailure, type Failure } from '../../shared/failure.ts'
import { formats, type FormatId } from '../../shared/formats.ts'
import type { Job, ProviderChoice, ProviderId } from '../../shared/job.ts'
import type { Provider } from '../providers/provider.ts'
import type { Accounts } from './providers/registry.ts'
import { within } from './deadline.ts'
import type { Clock } from './ports.ts'
import { route, type Candidate } from './intake/route.ts'

/** A catalogue that has to be asked for is waited for so long; after that the provider counts as out of order. */
const catalogueDeadlineMs = 10_000

export interface CandidatePorts {
  readonly providers: readonly Provider[]
  readonly accounts: Pick<Accounts, 'unready'>
  readonly clock: Clock
  /** Whether nothing may leave this machine. */
  readonly localOnly: () => boolean
  /** The user's order. */
  readonly order: () => readonly ProviderId[]
}

/** @param choice where one provider is named, no other is asked for its catalogue. */
export async function candidates(
  ports: CandidatePorts,
  choice: ProviderChoice,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const order = ports.order()
  const rank = ({ about }: Provider) => (order.includes(about.id) ? order.indexOf(about.id) : order.length)
  const wanted = ports.providers.filter(({ about }) => choice === 'auto' || choice === about.id)
  return await Promise.all(
    wanted
      .toSorted((one, other) => rank(one) - rank(other))
      .map(async (provider): Promise<Candidate> => {
        const { about } = provider
        const unready = await ports.accounts.unready(about.id)
        // Without a key there is nobody to ask; the reason stands for the answer.
        if (unready !== null) return { about, capabilities: null, unready }
        try {
          const ask = async (inTime: AbortSignal) => await provider.capabilities(inTime)
          const capabilities = await within(catalogueDeadlineMs, provider, ports.clock, signal, ask)
          return { about, capabilities, unready }
        } catch (error) {
          signal.throwIfAborted()
          return { about, capabilities: null, unready: toFailure(error) }
        }
      }),
  )
}

export function laneOf(
  providers: readonly Provider[],
  id: ProviderId,
  from: FormatId | null,
  target: FormatId,
  bytes: number | null,
): string {
  return providers.find(({ about }) => about.id === id)?.lane(from, target, formats[target].family, bytes) ?? id
}

/** Failures by which a provider says that another one had better be asked. Nothing was accepted in any of them. */
const passesOn: ReadonlySet<Failure['code']> = new Set([
  'key-missing',
  'key-rejected',
  'not-allowed',
  'out-of-credit',
  'provider-disabled',
  'provider-down',
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
  ports: CandidatePorts,
  { job, why, slowed }: Refused,
  signal: AbortSignal,
): Promise<Pick<Job, 'provider' | 'lane' | 'reason'> | null> {
  const { order } = job
  if (order.with !== 'auto') return null
  const hasLasted = async () => slowed >= timesToWait || (await ports.accounts.unready(job.provider)) !== null
  const isToPassOn = passesOn.has(why.code) || (passesOnInTheEnd.has(why.code) && (await hasLasted()))
  if (!isToPassOn) return null
  const all = await candidates(ports, 'auto', signal)
  const later = all.slice(all.findIndex(({ about }) => about.id === job.provider) + 1)
  const { source, from, target, options } = order
  const localOnly = order.localOnly || ports.localOnly()
  const bytes = source.kind === 'file' ? source.bytes : null
  const address = source.kind === 'url' ? source.url : null
  const routed = route({ source: source.kind, address, bytes, from, target, options, with: 'auto', localOnly }, later)
  if (!routed.ok) return null
  return {
    provider: routed.provider,
    lane: laneOf(ports.providers, routed.provider, from, target, bytes),
    reason: { code: 'took-over', from: job.provider, why: why.code },
  }
}
