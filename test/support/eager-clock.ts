/** A clock on which nobody waits: sleeping moves it on at once. Limits stay where they are until a test lets time pass. */
import { setImmediate as turn } from 'node:timers/promises'
import { fakeClock, type FakeClock } from './clock.ts'

export interface EagerClock extends FakeClock {
  /** What was slept so far, in order. */
  readonly slept: readonly number[]
  /** Lets time pass until the work is settled: for what ends by a limit alone. */
  passing<T>(work: Promise<T>): Promise<T>
}

export function eagerClock(): EagerClock {
  const clock = fakeClock()
  const slept: number[] = []
  let aheadMs = 0
  return {
    ...clock,
    slept,
    nowMs: () => clock.nowMs() + aheadMs,
    sleep: async (ms, signal) => {
      signal.throwIfAborted()
      slept.push(ms)
      aheadMs += ms
      await turn()
      signal.throwIfAborted()
    },
    passing: async (work) => {
      const open = new Set([work])
      const settled = work.finally(() => open.clear())
      settled.catch(() => undefined)
      while (open.size > 0) {
        await turn()
        clock.advance(1_000)
      }
      return await settled
    },
  }
}
