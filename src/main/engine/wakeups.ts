/**
 * Wakes a job that waits for its provider before its time, because somebody called and named it. What a call says is not believed:
 * the job is asked about, only earlier. Between two questions at their own time there is at most one early one, so that a flood of
 * calls cannot do more than double the questions; the provider's budget stands above that.
 */
import type { ProviderId, Ticket } from '../../shared/job.ts'
import type { Clock } from './ports.ts'

export interface Wakeup {
  /** Resolves after `ms`, or early when it is woken; rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  unregister(): void
}

export interface Wakeups {
  register(provider: ProviderId, ids: Ticket['ids']): Wakeup
  /** A call about the job that any of these ids is of. Whether one sleeps there. */
  wake(provider: ProviderId, ids: Ticket['ids']): boolean
}

/** A fast provider calls before the answer to the submit has been read: so many calls for nobody are kept until a job is registered. */
const maxKept = 200

export function createWakeups(clock: Clock): Wakeups {
  const registered = new Map<string, () => void>()
  const kept = new Set<string>()

  return {
    register: (provider, ids) => {
      const names = namesOf(provider, ids)
      let isCalled = names.filter((name) => kept.delete(name)).length > 0
      let wasEarly = false
      let wake = () => {}
      const call = () => {
        isCalled = true
        if (!wasEarly) wake()
      }
      for (const name of names) registered.set(name, call)
      return {
        sleep: async (ms, signal) => {
          if (wasEarly) {
            await clock.sleep(ms, signal)
            wasEarly = false
            return
          }
          if (!isCalled) {
            const woken = new AbortController()
            wake = () => woken.abort()
            await clock.sleep(ms, AbortSignal.any([signal, woken.signal])).catch((error: unknown) => {
              if (signal.aborted || !woken.signal.aborted) throw error
            })
          }
          wasEarly = isCalled
          isCalled = false
        },
        unregister: () => {
          for (const name of names) if (registered.get(name) === call) registered.delete(name)
        },
      }
    },
    wake: (provider, ids) => {
      const names = namesOf(provider, ids)
      const calls = new Set(names.flatMap((name) => registered.get(name) ?? []))
      for (const call of calls) call()
      if (calls.size > 0) return true
      for (const name of names) kept.add(name)
      for (const name of kept) if (kept.size > maxKept) kept.delete(name)
      return false
    },
  }
}

function namesOf(provider: ProviderId, ids: Ticket['ids']): readonly string[] {
  return Object.entries(ids).map(([name, id]) => JSON.stringify([provider, name, id]))
}
