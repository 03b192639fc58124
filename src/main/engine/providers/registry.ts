/**
 * What is known of each provider besides its capabilities: switched on or off, key, health, account, money. The one place that says
 * whether a provider is ready, and that hears how its calls went.
 */
import type { ProviderChange, ProviderStatus } from '../../../shared/wire/contract.ts'
import { JobError, failure, toFailure, type Failure } from '../../../shared/failure.ts'
import { workOf, type Job, type ProviderId } from '../../../shared/job.ts'
import {
  defaultOnlineProvider,
  onlineProviderIds,
  type OnlineProviderId,
  type OnlineProviderSettings,
  type PriceTold,
} from '../../../shared/model.ts'
import { isHearing, webhookUrl } from '../../../shared/webhooks.ts'
import type { Cost, JobFilter, ListedJob, Provider, Submitted } from '../../providers/provider.ts'
import type { Store } from '../../store/store.ts'
import { createBalances } from '../balances.ts'
import { baseUrlFrom } from '../base-url.ts'
import { within } from '../deadline.ts'
import { afterCall, fine, unreadyBecause, type Health } from './health.ts'
import { moneyTrouble, type Allowance, type Question } from '../money/budget.ts'
import { createPledges } from '../pledges.ts'
import type { Clock, Secrets } from '../ports.ts'

export interface Accounts {
  /** Why nothing can be sent to a provider now, or null. */
  unready(id: ProviderId): Promise<Failure | null>
  /** How a call went: null for well. */
  called(id: ProviderId, why: Failure | null): void
  /** Why a job has to wait for the user's word before it is paid for, or null. */
  moneyTrouble(asked: { job: Job; estimate: Cost | null; approved: boolean; signal: AbortSignal }): Promise<Failure | null>
  /** What a job will come to, as far as can be told before. */
  expected(id: ProviderId, estimate: Cost | null): Cost | null
  /** The job is on its way to being paid for. */
  pledged(job: Job, expected: Cost | null): void
  /** Whether a job that waits because of money may go on, as far as is known without asking. */
  mayBePaid(job: Job): boolean
  /** The job is no longer on its way to being paid for. */
  released(jobId: number): void
  /** It was taken; what it cost and what is left, as far as the answer says so. */
  spent(job: Job, paid: Pick<Submitted, 'cost' | 'left'>): void
  /** Asks what is left after a job, where the account is what tells it. Never rejects: the job has nothing to do with it. */
  refreshed(id: ProviderId, signal: AbortSignal): Promise<void>
  corrected(jobId: number, cost: Cost | undefined): void
  /** The user has said what became of a job in doubt, given as it stood before. */
  resolved(job: Job, as: 'done' | 'again' | 'forget'): void
  list(): Promise<readonly ProviderStatus[]>
  set(change: ProviderChange): Promise<ProviderStatus>
  setKey(id: OnlineProviderId, key: string): Promise<ProviderStatus>
  forgetKey(id: OnlineProviderId): Promise<ProviderStatus>
  check(id: OnlineProviderId): Promise<ProviderStatus>
  /** Jobs of the account there, whoever made them. */
  jobs(id: OnlineProviderId, filter: JobFilter): Promise<readonly ListedJob[]>
  /** Registers an address that the provider calls when jobs end; null: that of our own receiver. The secret is kept with the keys, and told this once. */
  addWebhook(id: OnlineProviderId, url: string | null): Promise<string>
}

const checkDeadlineMs = 20_000
/** Goes along with the download, which it must not hold up for long. */
const refreshDeadlineMs = 5_000

export function createAccounts(ports: {
  readonly store: Pick<Store, 'settings' | 'spend' | 'folders' | 'accounts'>
  /** In any order. */
  readonly providers: readonly Provider[]
  readonly secrets: Secrets
  readonly clock: Clock
}): Accounts {
  const { store, providers, secrets, clock } = ports
  const health = new Map<ProviderId, Health>()
  const balances = createBalances(store.accounts, clock)
  const pledges = createPledges()
  const provider = (id: ProviderId): Provider => {
    const found = providers.find((each) => each.about.id === id)
    if (found === undefined) throw new JobError('provider-unknown', { provider: id })
    return found
  }
  const settingsOf = (id: ProviderId): OnlineProviderSettings =>
    (isOnline(id) ? store.settings.get().online[id] : undefined) ?? defaultOnlineProvider
  const spentOf = (id: ProviderId) => {
    const now = new Date(clock.nowMs())
    const day = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime()
    const month = new Date(now.getFullYear(), now.getMonth(), 1).getTime()
    const doubtful = total(store.spend.inDoubt(id))
    return { day: store.spend.since(id, day) + doubtful, month: store.spend.since(id, month) + doubtful }
  }
  const spentInBatch = (id: ProviderId, batchId: number) =>
    store.spend.ofBatch(id, batchId) + total(store.spend.inDoubt(id).filter((doubt) => doubt.batchId === batchId))
  /** A folder that is gone, or has lost its permission, may spend nothing any more. */
  const allowanceOf = (job: Job): Allowance | null => {
    const folderId = store.folders.folderOfBatch(job.batchId)
    if (folderId === null) return null
    const spend = store.folders.get(folderId)?.rule.spend ?? { cap: 0, per: 'day' as const }
    const now = new Date(clock.nowMs())
    const since = new Date(now.getFullYear(), now.getMonth(), spend.per === 'day' ? now.getDate() : 1).getTime()
    const isOurs = (batchId: number) => store.folders.folderOfBatch(batchId) === folderId
    const doubtful = total(store.spend.inDoubt(job.provider).filter(({ batchId }) => isOurs(batchId)))
    return { ...spend, spent: store.folders.spent(folderId, job.provider, since) + doubtful + pledges.among(job, isOurs) }
  }
  /** Where a price comes only with the answer, the last one stands for the next. Who took the last job without one does not tell it. */
  const priceAt = (id: ProviderId): { readonly tells: PriceTold; readonly last: Cost | null } => {
    const { tellsPrice: tells } = provider(id).about
    const last = tells === 'at-submit' ? store.spend.last(id) : null
    return last?.unit === '' ? { tells: 'never', last: null } : { tells, last }
  }
  const unready = async (id: ProviderId): Promise<Failure | null> => {
    const { about } = provider(id)
    if (!about.cloud) return null
    if (!settingsOf(id).enabled) return failure('provider-disabled', { provider: about.title, id })
    const hasKey = await secrets.has(id).catch(toFailure)
    if (typeof hasKey !== 'boolean') return hasKey
    if (!hasKey) return failure('key-missing', { provider: about.title, id })
    const why = unreadyBecause(health.get(id) ?? fine, about.title, clock.nowMs())
    const empty = () => failure('out-of-credit', { provider: about.title, id, reason: 'nothing is left' })
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
      spent: spentOf(about.id),
    }
  }
  const statusOf = async (id: ProviderId) => await status(provider(id))
  const change = (id: OnlineProviderId, now: Partial<OnlineProviderSettings>) =>
    store.settings.set({ online: { ...store.settings.get().online, [id]: { ...settingsOf(id), ...now } } })

  /** A question to the account, outside of any job. */
  const ask = async <T>(id: OnlineProviderId, call: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    await within(checkDeadlineMs, provider(id), clock, new AbortController().signal, call)

  return {
    unready,
    called: (id, why) => {
      health.set(id, afterCall(health.get(id) ?? fine, why, clock.nowMs()))
      if (why?.code === 'out-of-credit') balances.usedUp(id)
    },
    moneyTrouble: async ({ job, estimate, approved, signal }) => {
      const { about } = provider(job.provider)
      if (!about.cloud) return null
      const { caps } = settingsOf(about.id)
      const isAllowed = store.folders.folderOfBatch(job.batchId) !== null
      if (isAllowed || Object.values(caps).some((cap) => cap !== null)) await pledges.known(job, signal)
      const { day, month } = spentOf(about.id)
      const others = pledges.others(job)
      const spent = {
        day: day + others.all,
        month: month + others.all,
        batch: spentInBatch(about.id, job.batchId) + others.batch,
      }
      const { tells, last } = priceAt(about.id)
      const expected = estimate ?? last
      const trouble = moneyTrouble({
        provider: about.title,
        tells,
        estimate: expected?.amount ?? null,
        unit: expected?.unit ?? '',
        caps,
        spent,
        allowance: allowanceOf(job),
        word: approved ? 'approved' : job.order.with === about.id ? 'named' : 'automatic',
      })
      if (trouble === null) pledges.pledge(job, expected?.amount ?? null)
      return trouble
    },
    mayBePaid: (job) => {
      const { id, title: name } = provider(job.provider).about
      const spent = { ...spentOf(id), batch: spentInBatch(id, job.batchId) }
      const word: Question['word'] = job.order.with === id ? 'named' : 'automatic'
      const { tells, last } = priceAt(id)
      const known = { provider: name, tells, estimate: last?.amount ?? null, unit: last?.unit ?? '', spent, word }
      return moneyTrouble({ ...known, caps: settingsOf(id).caps, allowance: allowanceOf(job) }) === null
    },
    expected: (id, estimate) => estimate ?? priceAt(id).last,
    pledged: (job, expected) => pledges.pledge(job, expected?.amount ?? null),
    released: (jobId) => pledges.end(jobId),
    spent: (job, { cost, left }) => {
      store.spend.record(job, cost ?? { amount: 0, unit: '' }, clock.nowMs())
      balances.spent(job.provider, cost, left)
      pledges.end(job.id)
    },
    refreshed: async (id, signal) => {
      const { account } = provider(id)
      const left = balances.get(id)?.left
      // Where the price is told, it is counted down; where nothing was ever told, there is nothing to ask for.
      if (account === undefined || provider(id).about.tellsPrice !== 'never' || left === undefined || left === null) return
      await within(refreshDeadlineMs, provider(id), clock, signal, account).then(
        (told) => balances.told(id, told),
        () => undefined,
      )
    },
    corrected: (jobId, cost) => {
      if (cost !== undefined) store.spend.correct(jobId, cost)
    },
    resolved: (job, as) => {
      const work = workOf(job.state)
      if (as !== 'done' || work?.step !== 'submit' || work.estimate === undefined) return
      store.spend.record(job, work.estimate, clock.nowMs())
    },
    list: async () => {
      const order = store.settings.get().providerOrder
      const rank = ({ about }: Provider) => (order.includes(about.id) ? order.indexOf(about.id) : order.length)
      return await Promise.all(providers.toSorted((one, other) => rank(one) - rank(other)).map(status))
    },
    set: async ({ id, caps, baseUrl, ...now }) => {
      const base = baseUrl === undefined ? undefined : baseUrlFrom(baseUrl, provider(id).places)
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
      const { about, account } = provider(id)
      if (!(await secrets.has(id))) throw new JobError('key-missing', { provider: about.title, id })
      if (account === undefined) return await statusOf(id)
      try {
        const told = await ask(id, account)
        balances.told(id, told)
        health.delete(id)
      } catch (error) {
        const why = toFailure(error)
        health.set(id, afterCall(health.get(id) ?? fine, why, clock.nowMs()))
        throw new JobError(why.code, why.facts, { cause: error })
      }
      return await statusOf(id)
    },
    jobs: async (id, filter) => {
      const { about, jobs } = provider(id)
      if (jobs === undefined) throw new JobError('not-possible', { reason: `${about.title} does not list its jobs` })
      return await ask(id, async (signal) => await jobs(filter, signal))
    },
    addWebhook: async (id, url) => {
      const { about, addWebhook } = provider(id)
      if (addWebhook === undefined) {
        throw new JobError('not-possible', {
          reason: `${about.title} keeps no addresses; give it one with each job, by the option webhook`,
        })
      }
      const own = store.settings.get()
      if (url === null && !isHearing(own)) {
        throw new JobError('usage', {
          reason: 'Beside has no address of its own that could be called.',
          hint: 'Give one, or set webhookPort and webhookAddress first.',
        })
      }
      const called = url ?? webhookUrl(own.webhookAddress, id, null)
      const secret = await ask(id, async (signal) => await addWebhook(called, signal))
      await secrets.set(`${id} webhook`, secret)
      return secret
    },
  }
}

function isOnline(id: ProviderId): id is OnlineProviderId {
  return (onlineProviderIds as readonly string[]).includes(id)
}

function total(doubts: readonly { readonly amount: number }[]): number {
  return doubts.reduce((sum, { amount }) => sum + amount, 0)
}

/** Without the fields that are there and say nothing. */
function given<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}
