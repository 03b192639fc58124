/**
 * When a provider may be asked how its jobs stand. The budget belongs to the provider and not to a job, so all its jobs draw
 * their turns from one place: first come, first served, evenly spread. Even spreading keeps any stretch of time within the
 * budget, whether the other side counts by the clock's minutes or by the last sixty seconds.
 */
import type { ProviderId } from '../../../shared/job.ts'
import type { Pace, Provider } from '../../providers/provider.ts'
import type { Clock } from '../ports.ts'

/** Turns lie this much further apart than the budget says: asks bunch up on their way, and the other side counts arrivals. */
const spare = 1.05

/** For a provider that states none. */
const defaultPace: Pace = { firstMs: 1_000, everyMs: 1_000, growth: 1.5, longestMs: 10_000, budget: null }

export interface PaceKeeper {
  /** Resolves when the caller may ask; rejects with the signal's reason, and then uses up nothing. */
  turn(signal: AbortSignal): Promise<void>
  /** How long one job waits before its next question, `polls` questions having been asked about it. */
  intervalMs(polls: number): number
  /** The provider wants silence: no turn is given for so long. */
  rest(ms: number): void
}

/** One keeper a provider, made when it is first asked. */
export function paceKeepers(clock: Clock): (provider: Provider) => PaceKeeper {
  const keepers = new Map<ProviderId, PaceKeeper>()
  return ({ about, pace }) => {
    const keeper = keepers.get(about.id) ?? createPace(pace ?? defaultPace, clock)
    keepers.set(about.id, keeper)
    return keeper
  }
}

export function createPace(pace: Pace, clock: Clock): PaceKeeper {
  /** Found out anew every time: a budget may change with the account's plan. */
  const gapMs = () => (pace.budget === null ? 0 : Math.ceil((pace.budget.perMs * spare) / pace.budget.asks))
  const waiting = new Set<() => void>()
  let closed: { readonly sinceMs: number; readonly forMs: number } | null = null
  let takeBack: (() => void) | null = null

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
    takeBack = null
    for (const go of waiting) {
      const restMs = closedForMs()
      if (restMs > 0) {
        takeBack = clock.after(restMs, serve)
        return
      }
      waiting.delete(go)
      close(gapMs())
      go()
    }
  }
  return {
    turn: async (signal) => {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const leave = () => {
        waiting.delete(resolve)
        if (waiting.size === 0) {
          takeBack?.()
          takeBack = null
        }
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.add(resolve)
      if (takeBack === null) serve()
      await promise.finally(() => signal.removeEventListener('abort', leave))
    },
    intervalMs: (polls) => (polls === 0 ? pace.firstMs : Math.min(pace.longestMs, pace.everyMs * pace.growth ** (polls - 1))),
    rest: (ms) => {
      if (ms > closedForMs()) close(ms)
      if (takeBack === null) return
      takeBack()
      serve()
    },
  }
}
