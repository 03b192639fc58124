/** The system's clock, but a test can stop it while it does something, let time pass at once, and set what it shows. */
import type { Clock } from '../../src/main/engine/ports.ts'
import { systemClock } from '../../src/main/system.ts'
import { sleepBy } from './clock.ts'

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
