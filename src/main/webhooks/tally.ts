/** Refused calls, counted by their reason. A flood of them must not become a flood of the log. */
import type { Log } from '../engine/ports.ts'

export interface Tally {
  refused(why: string): void
  /** What was counted and not yet said. */
  close(): void
}

const everyMs = 60_000

export function createTally(log: Log, nowMs: () => number): Tally {
  let counts: Record<string, number> = {}
  let saidAtMs = -Infinity

  const say = () => {
    if (Object.keys(counts).length === 0) return
    log.warn('calls to the webhook receiver were refused', counts)
    counts = {}
    saidAtMs = nowMs()
  }
  return {
    refused: (why) => {
      counts[why] = (counts[why] ?? 0) + 1
      if (Math.abs(nowMs() - saidAtMs) >= everyMs) say()
    },
    close: say,
  }
}
