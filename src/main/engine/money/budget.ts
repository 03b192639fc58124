/**
 * May this be spent? Naming a provider is the user's word for that job; *Automatic* spends only where a cap is set, because a cap is what
 * the user is ready to spend. A cap that cannot be kept allows nothing: with one, the user is asked. Everything is in the provider's own unit.
 *
 *   a job comes ─► waits for the user, who raises a cap or lets a day go by ─► is reconsidered
 *        └───────► its expected cost is reserved ─► spent, in the ledger for good
 *                                               └─► released: nothing was sent
 */
import { isOnlineProvider } from '../../../shared/providers.ts'
import { failure, type Failure, type FailureCode } from '../../../shared/failure.ts'
import { startOfDay } from '../../../shared/hours.ts'
import { atStart, workOf, type Job, type JobEvent, type ProviderId } from '../../../shared/job.ts'
import { defaultOnlineProvider, type Caps, type PriceTold } from '../../../shared/model.ts'
import type { Settings } from '../../../shared/settings.ts'
import type { Cost, ProviderAbout, Submitted } from '../../providers/provider.ts'
import type { JobStore, Store } from '../../store/store.ts'
import type { Clock, Log } from '../ports.ts'

export interface Spent {
  readonly batch: number
  readonly day: number
  readonly month: number
}

export interface Allowance {
  readonly cap: number
  readonly per: 'day' | 'month'
  /** In that time so far. */
  readonly spent: number
}

/** All that decides whether a conversion may be paid for. */
export interface Expense {
  readonly provider: string
  readonly priceTold: PriceTold
  /** What it is expected to cost: as the provider says, else what the last one cost; null where nobody knows yet. */
  readonly estimate: number | null
  readonly unit: string
  readonly caps: Caps
  readonly spent: Spent
  /** What the watched folder that it comes from may spend of its own accord; null: it comes from none that may. */
  readonly allowance: Allowance | null
  /** `named`: the user chose the provider; `approved`: and said yes to this very job; `automatic`: neither. */
  readonly consent: 'named' | 'approved' | 'automatic'
}

const spans = ['job', 'batch', 'day', 'month'] as const

/** Pure: why the job has to wait for the user, or null where it may be paid for. */
export function moneyTrouble({ provider, priceTold, estimate, unit, caps, spent, allowance, consent }: Expense): Failure | null {
  if (consent === 'approved') return null
  const hasCap = isCapped(caps)
  if (priceTold === 'never' && (hasCap || allowance !== null)) return failure('price-untold', { provider })
  // A span's cap is passed by one job at most, the one that finds the price out; a job's would be passed by any.
  if (priceTold === 'at-submit' && estimate === null && caps.job !== null) return failure('price-untold', { provider })
  // Where no price is known, at least the one that is being asked for counts.
  const cost = estimate ?? 0
  const before = (span: (typeof spans)[number]) => (span === 'job' ? 0 : spent[span])
  const reached = spans.find((span) => {
    const cap = caps[span]
    if (cap === null) return false
    return before(span) + cost > cap || (estimate === null && span !== 'job' && before(span) >= cap)
  })
  if (reached !== undefined) {
    const amount = figure(before(reached) + cost)
    return failure('cap-reached', { provider, because: `cap-${reached}`, amount, cap: figure(caps[reached] ?? 0), unit })
  }
  if (allowance !== null) {
    const { cap, per, spent: already } = allowance
    if (already + cost <= cap && (estimate !== null || already < cap)) return null
    return failure('cap-reached', {
      provider,
      because: per === 'day' ? 'folder-cap-day' : 'folder-cap-month',
      amount: figure(already + cost),
      cap: figure(cap),
      unit,
    })
  }
  if (consent === 'named' || hasCap) return null
  if (estimate === null) return failure('approval-needed', { provider, because: 'price-unknown' })
  const because = priceTold === 'before' ? 'price-stated' : 'price-last'
  return failure('approval-needed', { provider, because, amount: figure(estimate), unit })
}

function isCapped(caps: Caps): boolean {
  return Object.values(caps).some((cap) => cap !== null)
}

function figure(value: number): number {
  return Math.round(value * 1000) / 1000
}

export interface Budget {
  /** Why a job has to wait for the user's word before it is paid for; null, and what it will cost is reserved. */
  check(asked: { job: Job; estimate: Cost | null; approved: boolean; signal: AbortSignal }): Promise<Failure | null>
  /** What a job will come to, as far as can be told before. */
  expected(id: ProviderId, estimate: Cost | null): Cost | null
  /** The job is on its way to being paid for. */
  reserve(job: Job, expected: Cost | null): void
  /** The job is no longer on its way to being paid for. */
  release(jobId: number): void
  /** It was taken; what it cost, as far as the answer says so. */
  spent(job: Job, paid: Pick<Submitted, 'cost' | 'left'>): void
  correct(jobId: number, cost: Cost | undefined): void
  /** The user has said what became of a job in doubt, given as it stood before. */
  resolved(job: Job, as: 'done' | 'again' | 'forget'): void
  /** Whether a job that waits because of money may go on, as far as is known without asking. */
  mayBePaid(job: Job): boolean
  /** By the user's time zone; what is in doubt counts as spent. */
  spentAt(id: ProviderId): Omit<Spent, 'batch'>
}

export interface BudgetPorts {
  readonly store: Pick<Store, 'spend' | 'folders'>
  readonly about: (id: ProviderId) => ProviderAbout
  readonly settings: () => Settings
  readonly clock: Clock
  /** What is left at a provider after a job. */
  readonly paid: (id: ProviderId, cost: Cost | undefined, left: Submitted['left']) => void
}

export function createBudget({ store, about, settings, clock, paid }: BudgetPorts): Budget {
  const reservations = createReservations()
  const capsOf = (id: ProviderId): Caps =>
    ((isOnlineProvider(id) ? settings().online[id] : undefined) ?? defaultOnlineProvider).caps
  const sinceMs = (per: Allowance['per']): number => {
    const day = startOfDay(clock.nowMs())
    return per === 'day' ? day.getTime() : new Date(day.getFullYear(), day.getMonth(), 1).getTime()
  }
  const spentAt = (id: ProviderId) => {
    const doubtful = total(store.spend.inDoubt(id))
    return { day: store.spend.since(id, sinceMs('day')) + doubtful, month: store.spend.since(id, sinceMs('month')) + doubtful }
  }
  const spentInBatch = (id: ProviderId, batchId: number) =>
    store.spend.ofBatch(id, batchId) + total(store.spend.inDoubt(id).filter((doubt) => doubt.batchId === batchId))
  /** A folder that is gone, or has lost its permission, may spend nothing any more. */
  const allowanceOf = (job: Job): Allowance | null => {
    const folderId = store.folders.folderOfBatch(job.batchId)
    if (folderId === null) return null
    const spend = store.folders.get(folderId)?.rule.spend ?? { cap: 0, per: 'day' as const }
    const isOurs = (batchId: number) => store.folders.folderOfBatch(batchId) === folderId
    const doubtful = total(store.spend.inDoubt(job.provider).filter(({ batchId }) => isOurs(batchId)))
    const spent = store.folders.spent(folderId, job.provider, sinceMs(spend.per)) + doubtful
    return { ...spend, spent: spent + reservations.among(job, isOurs) }
  }
  /** Where a price comes only with the answer, the last one stands for the next. Who took the last job without one does not tell it. */
  const priceAt = (id: ProviderId): { readonly priceTold: PriceTold; readonly last: Cost | null } => {
    const { tellsPrice: priceTold } = about(id)
    const last = priceTold === 'at-submit' ? store.spend.last(id) : null
    return last?.unit === '' ? { priceTold: 'never', last: null } : { priceTold, last }
  }
  /** What is the same however it is asked. */
  const expenseOf = (job: Job, expected: Cost | null): Omit<Expense, 'spent' | 'consent'> => {
    const { id, title } = about(job.provider)
    const known = { estimate: expected?.amount ?? null, unit: expected?.unit ?? '' }
    return { provider: title, priceTold: priceAt(id).priceTold, ...known, caps: capsOf(id), allowance: allowanceOf(job) }
  }
  return {
    spentAt,
    check: async ({ job, estimate, approved, signal }) => {
      const { id, cloud } = about(job.provider)
      if (!cloud) return null
      if (store.folders.folderOfBatch(job.batchId) !== null || isCapped(capsOf(id))) await reservations.known(job, signal)
      const { day, month } = spentAt(id)
      const others = reservations.others(job)
      const spent = { day: day + others.all, month: month + others.all, batch: spentInBatch(id, job.batchId) + others.batch }
      const expected = estimate ?? priceAt(id).last
      const consent = approved ? 'approved' : job.order.with === id ? 'named' : 'automatic'
      const trouble = moneyTrouble({ ...expenseOf(job, expected), spent, consent })
      if (trouble === null) reservations.reserve(job, expected?.amount ?? null)
      return trouble
    },
    mayBePaid: (job) => {
      const { id } = about(job.provider)
      const spent = { ...spentAt(id), batch: spentInBatch(id, job.batchId) }
      const consent = job.order.with === id ? 'named' : 'automatic'
      return moneyTrouble({ ...expenseOf(job, priceAt(id).last), spent, consent }) === null
    },
    expected: (id, estimate) => estimate ?? priceAt(id).last,
    reserve: (job, expected) => reservations.reserve(job, expected?.amount ?? null),
    release: reservations.end,
    spent: (job, { cost, left }) => {
      store.spend.record(job, cost ?? { amount: 0, unit: '' }, clock.nowMs())
      paid(job.provider, cost, left)
      reservations.end(job.id)
    },
    correct: (jobId, cost) => {
      if (cost !== undefined) store.spend.correct(jobId, cost)
    },
    resolved: (job, as) => {
      const work = workOf(job.state)
      if (as !== 'done' || work?.step !== 'submit' || work.estimate === undefined) return
      store.spend.record(job, work.estimate, clock.nowMs())
    },
  }
}

function total(doubts: readonly { readonly amount: number }[]): number {
  return doubts.reduce((sum, { amount }) => sum + amount, 0)
}

/**
 * What jobs on their way to a provider will cost, before it is in the ledger: caps count it, or several jobs at once would pass one
 * that each of them alone keeps. A price that nobody knows yet is waited for: the first job of a provider finds it out.
 */
export interface Reservations {
  /** By all other jobs of the provider, and by those of the same batch. */
  others(job: Job): { readonly all: number; readonly batch: number }
  /** By other jobs of the provider that are in one of these batches. */
  among(job: Job, isAmong: (batchId: number) => boolean): number
  /** Null: nobody knows. */
  reserve(job: Job, amount: number | null): void
  /** It is paid, or it will not be. */
  end(jobId: number): void
  /** Resolves when no other job of the provider is on its way at a price that nobody knows. */
  known(job: Job, signal: AbortSignal): Promise<void>
}

interface Reservation extends Pick<Job, 'batchId' | 'provider'> {
  readonly jobId: number
  readonly amount: number | null
  readonly over: PromiseWithResolvers<void>
}

export function createReservations(): Reservations {
  const reservations = new Map<number, Reservation>()
  const othersOf = ({ id, provider }: Job) =>
    [...reservations.values()].filter((each) => each.provider === provider && each.jobId !== id)
  const sum = (some: readonly Reservation[]) => some.reduce((all, { amount }) => all + (amount ?? 0), 0)
  const end = (jobId: number) => {
    reservations.get(jobId)?.over.resolve()
    reservations.delete(jobId)
  }
  return {
    others: (job) => {
      const all = othersOf(job)
      return { all: sum(all), batch: sum(all.filter(({ batchId }) => batchId === job.batchId)) }
    },
    among: (job, isAmong) => sum(othersOf(job).filter(({ batchId }) => isAmong(batchId))),
    reserve: (job, amount) => {
      end(job.id)
      const { id: jobId, batchId, provider } = job
      reservations.set(jobId, { jobId, batchId, provider, amount, over: Promise.withResolvers() })
    },
    end,
    known: async (job, signal) => {
      const ended = Promise.withResolvers<never>()
      ended.promise.catch(() => undefined)
      const onAbort = () => ended.reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        for (;;) {
          signal.throwIfAborted()
          const unknown = othersOf(job).find(({ amount }) => amount === null)
          if (unknown === undefined) return
          await Promise.race([unknown.over.promise, ended.promise])
        }
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
  }
}

/**
 * Jobs that wait for the user because of money are checked again when there may be some without a word: a cap was changed, or a day has
 * begun. Those that still may not be paid for are left alone.
 */
export interface Reconsider {
  /** The jobs of one provider. */
  provider(id: ProviderId): Promise<void>
  /** All, now and whenever a day begins. */
  start(): Promise<void>
  stop(): void
}

export interface ReconsiderPorts {
  readonly jobs: Pick<JobStore, 'list'>
  readonly clock: Clock
  readonly log: Log
  readonly mayBePaid: Budget['mayBePaid']
  /** Puts waiting jobs back into the queue. */
  readonly requeue: (ids: readonly number[]) => Promise<unknown>
}

/** What becomes of them: their price is asked for anew. */
export const fromTheStart: JobEvent = { type: 'again', dueAtMs: 0, why: null, work: atStart }

const batchSize = 500
/** Clocks differ a little from timers. */
const afterMidnightMs = 1_000

export function createReconsider({ jobs, clock, log, mayBePaid, requeue }: ReconsiderPorts): Reconsider {
  let cancelTimer = () => {}
  let isStopped = false

  const check = async (isMeant: (job: Job) => boolean): Promise<void> => {
    let after: string | null = null
    do {
      const page = jobs.list({ phases: ['waiting'], batchId: null, after, limit: batchSize })
      const ids = page.jobs.filter((job) => isAboutMoney(job) && isMeant(job) && mayBePaid(job)).map(({ id }) => id)
      if (ids.length > 0) await requeue(ids)
      after = page.next
    } while (after !== null)
  }
  const daily = async (): Promise<void> => {
    await check(() => true).catch((error: unknown) => log.error('waiting jobs could not be checked', { error: String(error) }))
    const midnightMs = startOfDay(clock.nowMs(), 1).getTime()
    if (!isStopped) cancelTimer = clock.after(midnightMs - clock.nowMs() + afterMidnightMs, () => void daily())
  }
  return {
    provider: async (id) => await check((job) => job.provider === id),
    start: daily,
    stop: () => {
      isStopped = true
      cancelTimer()
    },
  }
}

const aboutMoney: ReadonlySet<FailureCode> = new Set(['cap-reached', 'approval-needed', 'price-untold'])

function isAboutMoney({ state }: Job): boolean {
  return state.phase === 'waiting' && aboutMoney.has(state.why.code)
}
