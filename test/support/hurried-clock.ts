/** A clock that runs faster than the system's: for whole programs that wait for seconds where a test has none to spare. */
import type { Clock } from '../../src/main/engine/ports.ts'
import { systemClock } from '../../src/main/system.ts'

export function hurriedClock(speed: number): Clock {
  const startMs = systemClock.nowMs()
  return {
    nowMs: () => Math.floor(startMs + (systemClock.nowMs() - startMs) * speed),
    sleep: async (ms, signal) => await systemClock.sleep(ms / speed, signal),
    after: (ms, then) => systemClock.after(ms / speed, then),
  }
}
