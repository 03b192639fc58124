/**
 * The rate limit of each provider: when it may be asked how its jobs stand. The budget belongs to the provider and not to a job, so all its jobs draw
 * their turns from one place: first come, first served, evenly spread. Even spreading keeps any stretch of time within the
 * budget, whether the other side counts by the clock's minutes or by the last sixty seconds.
 */
import type { ProviderId } from '../../../shared/job.ts'
import type { PollingPlan, Provider } from '../../providers/provider.ts'
import type { Clock } from '../ports.ts'

/** Turns lie this much further apart than the budget says: polls bunch up on their way, and the other side counts arrivals. */
const spare = 1.05

/** For a provider that states none. */
const defaultPlan: PollingPlan = { firstMs: 1_000, everyMs: 1_000, growth: 1.5, maxMs: 10_000, budget: null }

export interface RateLimit {
  /** Resolves when the caller may ask; rejects with the signal's reason, and then uses up nothing. */
  turn(signal: AbortSignal): Promise<void>
  /** How long one job waits before its next question, `polls` questions having been asked about it. */
  intervalMs(polls: number): number
  /** The provider wants silence: no turn is given for so long. */
  pause(ms: number): void
}

/** One for each provider, made when it is first asked. */
export function rateLimits(clock: Clock): (provider: Provider) => RateLimit {
  const limits = new Map<ProviderId, RateLimit>()
  return ({ about, pollingPlan }) => {
    const limit = limits.get(about.id) ?? createRateLimit(pollingPlan ?? defaultPlan, clock)
    limits.set(about.id, limit)
    return limit
  }
}

export function createRateLimit(plan: PollingPlan, clock: Clock): RateLimit {
  /** Found out anew every time: a budget may change with the account's plan. */
  const gapMs = () => (plan.budget === null ? 0 : Math.ceil((plan.budget.perMs * spare) / plan.budget.polls))
  const waiting = new Set<() => void>()
  let closed: { readonly sinceMs: number; readonly forMs: number } | null = null
  let cancelTimer: (() => void) | null = null

  const close = (forMs: number) => {
    closed = { sinceMs: clock.nowMs(), forMs }
  }
  const closedForMs = () => {
    if (closed === null) return 0
    // A clock that was set back must not stop the questions for hours: the wait then begins anew.
    if (clock.nowMs() < closed.sinceMs) close(closed.forMs)
    return closed.sinceMs + closed.forMs - clock.nowMs()
  }
  const serve = () => {
    cancelTimer = null
    for (const start of waiting) {
      const silentMs = closedForMs()
      if (silentMs > 0) {
        cancelTimer = clock.after(silentMs, serve)
        return
      }
      waiting.delete(start)
      close(gapMs())
      start()
    }
  }
  return {
    turn: async (signal) => {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const leave = () => {
        waiting.delete(resolve)
        if (waiting.size === 0) {
          cancelTimer?.()
          cancelTimer = null
        }
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.add(resolve)
      if (cancelTimer === null) serve()
      await promise.finally(() => signal.removeEventListener('abort', leave))
    },
    intervalMs: (polls) => (polls === 0 ? plan.firstMs : Math.min(plan.maxMs, plan.everyMs * plan.growth ** (polls - 1))),
    pause: (ms) => {
      if (ms > closedForMs()) close(ms)
      if (cancelTimer === null) return
      cancelTimer()
      serve()
    },
  }
}
