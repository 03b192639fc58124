/** The bandwidth limit of one provider, shared by all its transfers, up and down together. */
import type { Clock } from '../../engine/ports.ts'

export interface Throttle {
  /** Waits until so many bytes may pass. */
  take(bytes: number, signal: AbortSignal): Promise<void>
}

/** So much may pass at once before anyone waits, in time. */
const burstMs = 250

/** @param limit bytes a second, asked anew every time; null: as fast as it goes. */
export function createThrottle(limit: () => number | null, clock: Clock): Throttle {
  let takenUntilMs = 0
  return {
    take: async (bytes, signal) => {
      const bytesPerSecond = limit()
      if (bytesPerSecond === null) return
      const nowMs = clock.nowMs()
      const costMs = (bytes / bytesPerSecond) * 1000
      takenUntilMs = Math.max(takenUntilMs, nowMs) + costMs
      const waitMs = takenUntilMs - nowMs - burstMs
      if (waitMs > 0) await clock.sleep(waitMs, signal)
    },
  }
}
