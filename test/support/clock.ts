/** A clock that stands still until a test moves it. */
import type { Clock } from '../../src/main/engine/ports.ts'

export interface FakeClock extends Clock {
  /** Moves on, waking what is due on the way in its order. */
  advance(ms: number): void
  /** Timers and sleepers not yet due. */
  waiting(): number
}

export function fakeClock(startMs = 1_800_000_000_000): FakeClock {
  let nowMs = startMs
  let timers: { readonly atMs: number; readonly call: () => void }[] = []
  const after: Clock['after'] = (ms, then) => {
    const timer = { atMs: nowMs + ms, call: then }
    timers.push(timer)
    return () => {
      timers = timers.filter((other) => other !== timer)
    }
  }
  return {
    nowMs: () => nowMs,
    after,
    sleep: sleepBy(after),
    advance: (ms) => {
      const untilMs = nowMs + ms
      for (;;) {
        const next = timers.filter((timer) => timer.atMs <= untilMs).toSorted((one, other) => one.atMs - other.atMs)[0]
        if (next === undefined) break
        timers = timers.filter((timer) => timer !== next)
        nowMs = Math.max(nowMs, next.atMs)
        next.call()
      }
      nowMs = untilMs
    },
    waiting: () => timers.length,
  }
}

/** A sleep is a timer that the signal takes back. */
export function sleepBy(after: Clock['after']): Clock['sleep'] {
  return async (ms, signal) => {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const takeBack = after(ms, resolve)
    const onAbort = () => {
      takeBack()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    await promise.finally(() => signal.removeEventListener('abort', onAbort))
  }
}
