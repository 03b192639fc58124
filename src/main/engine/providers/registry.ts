/**
 * The providers as the engine knows them besides their capabilities: switched on or off, key, health, account. The one place that says
 * whether a provider is ready, and that hears how its calls went.
 */
import { isOnlineProvider } from '../../../shared/providers.ts'
import type { ProviderChange, ProviderStatus } from '../../../shared/wire/contract.ts'
import { JobError, failure, toFailure, type Failure } from '../../../shared/failure.ts'
import type { ProviderId } from '../../../shared/job.ts'
import {
  defaultOnlineProvider,
  type KeptAccount,
  type OnlineProviderId,
  type OnlineProviderSettings,
} from '../../../shared/model.ts'
import { isReceiving, webhookUrl } from '../../../shared/webhooks.ts'
import type { Account, Cost, JobFilter, ListedJob, Provider } from '../../providers/provider.ts'
import type { AccountStore, Store } from '../../store/store.ts'
import type { Clock, Secrets } from '../ports.ts'
import { afterCall, fine, unreadyBecause, type Health } from './health.ts'

export interface Registry {
  /** @throws JobError `provider-unknown`. */
  get(id: ProviderId): Provider
  /** In the user's order. */
  ordered(): readonly Provider[]
  /** Why nothing can be sent to a provider now, or null. */
  unready(id: ProviderId): Promise<Failure | null>
  /** How a call went: null for well. */
  called(id: ProviderId, why: Failure | null): void
  /** Asks what is left after a job, where the account is what tells it. Never rejects: the job has nothing to do with it. */
  refreshBalance(id: ProviderId, signal: AbortSignal): Promise<void>
  list(): Promise<readonly ProviderStatus[]>
  set(change: ProviderChange): Promise<ProviderStatus>
  setKey(id: OnlineProviderId, key: string): Promise<ProviderStatus>
  forgetKey(id: OnlineProviderId): Promise<ProviderStatus>
  check(id: OnlineProviderId): Promise<ProviderStatus>
  /** Jobs of the account there, whoever made them. */
  jobs(id: OnlineProviderId, filter: JobFilter): Promise<readonly ListedJob[]>
  /** Registers an address that the provider calls when jobs end; null: that of our own receiver. The secret is kept with the keys, and shown this once. */
  addWebhook(id: OnlineProviderId, url: string | null): Promise<string>
}

export interface RegistryPorts {
  readonly store: Pick<Store, 'settings'>
  /** In any order. */
  readonly providers: readonly Provider[]
  readonly balances: Balances
  readonly spentAt: (id: ProviderId) => ProviderStatus['spent']
  readonly secrets: Secrets
  readonly clock: Clock
}

const checkDeadlineMs = 20_000
/** Goes along with the download, which it must not hold up for long. */
const refreshDeadlineMs = 5_000

export function createRegistry({ store, providers, balances, spentAt, secrets, clock }: RegistryPorts): Registry {
  const byId = new Map(providers.map((provider) => [provider.about.id, provider]))
  const health = new Map<ProviderId, Health>()
  const get = (id: ProviderId): Provider => {
    const found = byId.get(id)
    if (found === undefined) throw new JobError('provider-unknown', { provider: id })
    return found
  }
  const ordered = () => {
    const order = store.settings.get().providerOrder
    const rank = ({ about }: Provider) => (order.includes(about.id) ? order.indexOf(about.id) : order.length)
    return providers.toSorted((one, other) => rank(one) - rank(other))
  }
  const settingsOf = (id: ProviderId): OnlineProviderSettings =>
    (isOnlineProvider(id) ? store.settings.get().online[id] : undefined) ?? defaultOnlineProvider
  const noteHealth = (id: ProviderId, why: Failure | null) => {
    health.set(id, afterCall(health.get(id) ?? fine, why, clock.nowMs()))
  }
  const unready = async (id: ProviderId): Promise<Failure | null> => {
    const { about } = get(id)
    if (!about.cloud) return null
    if (!settingsOf(id).enabled) return failure('provider-disabled', { provider: about.title, id })
    const hasKey = await secrets.has(id).catch(toFailure)
    if (typeof hasKey !== 'boolean') return hasKey
    if (!hasKey) return failure('key-missing', { provider: about.title, id })
    const why = unreadyBecause(health.get(id) ?? fine, about.title, clock.nowMs())
    const empty = () => failure('out-of-credit', { provider: about.title, id, because: 'nothing-left' })
    return why ?? (balances.isEmpty(id) ? empty() : null)
  }
  const status = async ({ about }: Provider): Promise<ProviderStatus> => {
    const { enabled, baseUrl, plan, caps } = settingsOf(about.id)
    return {
      ...about,
      enabled,
      baseUrl,
      plan,
      caps,
      hasKey: about.cloud && (await secrets.has(about.id).catch(() => false)),
      unready: await unready(about.id),
      account: balances.get(about.id),
      spent: spentAt(about.id),
    }
  }
  const statusOf = async (id: ProviderId) => await status(get(id))
  const change = (id: OnlineProviderId, now: Partial<OnlineProviderSettings>) =>
    store.settings.set({ online: { ...store.settings.get().online, [id]: { ...settingsOf(id), ...now } } })

  /** A question to the account, outside of any job. */
  const ask = async <T>(id: OnlineProviderId, call: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    await within(checkDeadlineMs, get(id), clock, new AbortController().signal, call)

  return {
    get,
    ordered,
    unready,
    called: (id, why) => {
      noteHealth(id, why)
      if (why?.code === 'out-of-credit') balances.usedUp(id)
    },
    refreshBalance: async (id, signal) => {
      const { account } = get(id)
      const left = balances.get(id)?.left
      // Where the price is told, it is counted down; where nothing was ever told, there is nothing to ask for.
      if (account === undefined || get(id).about.tellsPrice !== 'never' || left === undefined || left === null) return
      await within(refreshDeadlineMs, get(id), clock, signal, account).then(
        (answer) => balances.answered(id, answer),
        () => undefined,
      )
    },
    list: async () => await Promise.all(ordered().map(status)),
    set: async ({ id, caps, baseUrl, ...now }) => {
      const base = baseUrl === undefined ? undefined : baseUrlFrom(baseUrl, get(id).baseAddresses)
      change(id, {
        ...given({ ...now, baseUrl: base }),
        ...(caps === undefined ? {} : { caps: { ...settingsOf(id).caps, ...given(caps) } }),
      })
      if (base !== undefined) balances.forget(id)
      health.delete(id)
      return await statusOf(id)
    },
    setKey: async (id, key) => {
      await secrets.set(id, key.trim())
      health.delete(id)
      balances.forget(id)
      return await statusOf(id)
    },
    forgetKey: async (id) => {
      await secrets.forget(id)
      await secrets.forget(`${id} webhook`)
      balances.forget(id)
      return await statusOf(id)
    },
    check: async (id) => {
      const { about, account } = get(id)
      if (!(await secrets.has(id))) throw new JobError('key-missing', { provider: about.title, id })
      if (account === undefined) return await statusOf(id)
      try {
        balances.answered(id, await ask(id, account))
        health.delete(id)
      } catch (error) {
        const why = toFailure(error)
        noteHealth(id, why)
        throw JobError.from(why, error)
      }
      return await statusOf(id)
    },
    jobs: async (id, filter) => {
      const { about, jobs } = get(id)
      if (jobs === undefined) throw new JobError('not-possible', { provider: about.title, because: 'no-job-list' })
      return await ask(id, async (signal) => await jobs(filter, signal))
    },
    addWebhook: async (id, url) => {
      const { about, addWebhook } = get(id)
      if (addWebhook === undefined) {
        throw new JobError('not-possible', { provider: about.title, because: 'no-webhooks' })
      }
      const own = store.settings.get()
      if (url === null && !isReceiving(own)) {
        throw new JobError('usage', { because: 'no-webhook-address' })
      }
      const address = url ?? webhookUrl(own.webhookAddress, id, null)
      const secret = await ask(id, async (signal) => await addWebhook(address, signal))
      await secrets.set(`${id} webhook`, secret)
      return secret
    },
  }
}

/** Without the fields that are there and say nothing. */
function given<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}

/**
 * What is left at each provider, as far as it says so: kept from one run to the next, set anew by each job or counted down by what it
 * cost. A balance that is known to be nothing stands for an account that is used up.
 */
export interface Balances {
  /** What the account said last; null where nothing is known. */
  get(id: ProviderId): KeptAccount | null
  /** The account was asked, and said so. */
  answered(id: ProviderId, account: Account): void
  /** A job was taken: what is left now, where the answer said so. */
  spent(id: ProviderId, cost: Cost | undefined, left: Account['left'] | undefined): void
  /** A job was refused because there is no credit. */
  usedUp(id: ProviderId): void
  /** The account is another one. */
  forget(id: ProviderId): void
  isEmpty(id: ProviderId): boolean
}

/** After so long it may have been filled up unseen, and not every account can be asked. */
const emptyForMs = 3_600_000

export function createBalances(store: AccountStore, clock: Clock): Balances {
  const get = (id: ProviderId) => store.get(id)
  const keep = (id: ProviderId, { plan, left }: Account) => store.keep(id, { plan, left, askedAtMs: clock.nowMs() })
  /** A plan may hold credit of its own, which nobody tells. */
  const isAll = (account: KeptAccount | null) => account !== null && account.plan === null
  return {
    get,
    answered: (id, { plan, left }) => {
      const before = get(id)?.left ?? null
      // Where the account says nothing, what a job said stands; that nothing was left may have been mended just now.
      keep(id, { plan, left: left ?? (isNothing(before) ? null : before) })
    },
    spent: (id, cost, left) => {
      const known = get(id)
      const plan = known?.plan ?? null
      if (left !== undefined && left !== null) return keep(id, { plan, left })
      if (cost === undefined || known === null || known.left === null || known.left === 'unlimited') return
      if (known.left.unit !== cost.unit) return
      keep(id, { plan, left: { ...known.left, amount: Math.max(0, known.left.amount - cost.amount) } })
    },
    usedUp: (id) => {
      const known = get(id)
      if (known === null || !isAll(known) || known.left === null || known.left === 'unlimited') return
      keep(id, { plan: null, left: { ...known.left, amount: 0 } })
    },
    forget: (id) => store.forget(id),
    isEmpty: (id) => {
      const known = get(id)
      return known !== null && isAll(known) && isNothing(known.left) && clock.nowMs() - known.askedAtMs < emptyForMs
    },
  }
}

function isNothing(left: Account['left']): boolean {
  return left !== null && left !== 'unlimited' && left.amount <= 0
}

/** A question to a provider that must be answered in time; if it is not, the provider counts as out of order. */
export async function within<T>(
  ms: number,
  { about }: Pick<Provider, 'about'>,
  clock: Clock,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const cancelTimer = clock.after(ms, () => {
    late.abort(new JobError('provider-down', { provider: about.title, because: 'no-answer', seconds: ms / 1000 }))
  })
  try {
    return await ask(AbortSignal.any([signal, late.signal]))
  } finally {
    cancelTimer()
  }
}

/**
 * Where a provider is to be found, as the user gives it: an address, or the name of a place that the provider has. Empty stands for its own.
 *
 * @throws JobError `usage` for what cannot be a provider's address.
 */
export function baseUrlFrom(asked: string, baseAddresses: Readonly<Record<string, string>> = {}): string {
  const base = Object.hasOwn(baseAddresses, asked) ? (baseAddresses[asked] ?? '') : asked
  if (base === '' || isAllowed(base)) return base
  throw new JobError('usage', { because: 'provider-address', value: base, names: Object.keys(baseAddresses).join(', ') })
}

function isAllowed(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(text)
  // Settings are no place for a password.
  if (`${username}${password}${search}${hash}` !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
}
