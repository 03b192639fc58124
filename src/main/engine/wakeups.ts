/**
 * Wakes a job that waits for its provider before its time, because somebody called and named it. What a call says is not believed:
 * the job is asked about, only earlier. Between two questions at their own time there is at most one early one, so that a flood of
 * calls cannot do more than double the questions; the provider's budget stands above that.
 */
import type { ProviderId, Ticket } from '../../shared/job.ts'
import type { Clock } from './ports.ts'

export interface Bell {
  /** Resolves after `ms`, or early when the bell is rung; rejects with the signal's reason. */
  rest(ms: number, signal: AbortSignal): Promise<void>
  takeDown(): void
}

export interface Bells {
  hang(provider: ProviderId, ids: Ticket['ids']): Bell
  /** A call about the job that any of these ids is of. Whether one hangs there. */
  ring(provider: ProviderId, ids: Ticket['ids']): boolean
}

/** A fast provider calls before the answer to the submit has been read: so many calls for nobody are kept until a bell is hung. */
const mostKept = 200

export function createBells(clock: Clock): Bells {
  const hung = new Map<string, () => void>()
  const kept = new Set<string>()

  return {
    hang: (provider, ids) => {
      const names = namesOf(provider, ids)
      let isRung = names.filter((name) => kept.delete(name)).length > 0
      let wasEarly = false
      let wake = () => {}
      const ring = () => {
        isRung = true
        if (!wasEarly) wake()
      }
      for (const name of names) hung.set(name, ring)
      return {
        rest: async (ms, signal) => {
          if (wasEarly) {
            await clock.sleep(ms, signal)
            wasEarly = false
            return
          }
          if (!isRung) {
            const woken = new AbortController()
            wake = () => woken.abort()
            await clock.sleep(ms, AbortSignal.any([signal, woken.signal])).catch((error: unknown) => {
              if (signal.aborted || !woken.signal.aborted) throw error
            })
          }
          wasEarly = isRung
          isRung = false
        },
        takeDown: () => {
          for (const name of names) if (hung.get(name) === ring) hung.delete(name)
        },
      }
    },
    ring: (provider, ids) => {
      const names = namesOf(provider, ids)
      const rings = new Set(names.flatMap((name) => hung.get(name) ?? []))
      for (const ring of rings) ring()
      if (rings.size > 0) return true
      for (const name of names) kept.add(name)
      for (const name of kept) if (kept.size > mostKept) kept.delete(name)
      return false
    },
  }
}

function namesOf(provider: ProviderId, ids: Ticket['ids']): readonly string[] {
  return Object.entries(ids).map(([name, id]) => JSON.stringify([provider, name, id]))
}
