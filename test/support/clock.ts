/** The clocks of tests: one that stands still until it is moved, one on which nobody waits, one that runs faster, and one that can be stopped. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../src/main/engine/ports.ts'
import { systemClock } from '../../src/main/system.ts'

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

export function fastClock(speed: number): Clock {
  const startMs = systemClock.nowMs()
  return {
    nowMs: () => Math.floor(startMs + (systemClock.nowMs() - startMs) * speed),
    sleep: async (ms, signal) => await systemClock.sleep(ms / speed, signal),
    after: (ms, then) => systemClock.after(ms / speed, then),
  }
}

export interface StoppableClock extends Clock {
  /** No time passes while the work is done, however long it takes. */
  still<T>(work: () => Promise<T>): Promise<T>
  /** So much time passes at once: what was waited for is due. */
  pass(ms: number): void
  /** It shows another time from now on, later or earlier; what is waited for takes as long as before. */
  set(byMs: number): void
}

interface Timer {
  readonly atMs: number
  readonly call: () => void
  takeBack: () => void
}

export function stoppableClock(): StoppableClock {
  const timers = new Set<Timer>()
  let passedMs = 0
  let shownMs = systemClock.nowMs()
  /** When it was last set going; null: it stands. */
  let goingMs: number | null = systemClock.nowMs()
  const nowMs = () => passedMs + (goingMs === null ? 0 : Math.max(0, systemClock.nowMs() - goingMs))
  const arm = (timer: Timer) => {
    timer.takeBack()
    if (goingMs === null) return
    timer.takeBack = systemClock.after(Math.max(0, timer.atMs - nowMs()), () => {
      timers.delete(timer)
      timer.call()
    })
  }
  const go = (isGoing: boolean) => {
    passedMs = nowMs()
    goingMs = isGoing ? systemClock.nowMs() : null
    for (const timer of timers) arm(timer)
  }
  const after: Clock['after'] = (ms, call) => {
    const timer: Timer = { atMs: nowMs() + ms, call, takeBack: () => undefined }
    timers.add(timer)
    arm(timer)
    return () => {
      timers.delete(timer)
      timer.takeBack()
    }
  }
  return {
    nowMs: () => shownMs + nowMs(),
    after,
    sleep: sleepBy(after),
    still: async (work) => {
      go(false)
      return await work().finally(() => go(true))
    },
    pass: (ms) => {
      passedMs += ms
      for (const timer of timers) arm(timer)
    },
    set: (byMs) => {
      shownMs += byMs
    },
  }
}
