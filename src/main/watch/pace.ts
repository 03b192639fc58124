/** How patient the watching is, in one place; tests hurry it. */
import type { Patience } from './quiet.ts'

export interface WatchPace extends Patience {
  /** On file systems that tell of changes late, everything is waited for so many times as long. */
  readonly farFactor: number
  /** A file that has been still for longer will not become better by waiting. */
  readonly youngMs: number
  /** From the first hint to the look at it: what comes together is looked at together. */
  readonly gatherMs: number
  /** From the first look into a new folder to another one. */
  readonly echoMs: number
  /** How often the folder itself is looked at. */
  readonly rootMs: number
  /** How long it may take to answer. */
  readonly silentMs: number
  /** From one look through all of it to the next, a little more or less by lot. */
  readonly lookMs: number
  /** The same where nothing tells of changes; longer where a look takes long. */
  readonly pollMs: number
  /** From one failure to the next try; after the last of them it is given up. */
  readonly retryMs: readonly number[]
  /** What cannot be converted now for reasons that are not the file's. */
  readonly laterMs: number
}

const minuteMs = 60_000

export const watchPace: WatchPace = {
  quietMs: 2_000,
  quietPerPieceMs: 1_000,
  longestQuietMs: 60_000,
  settledMs: 10 * minuteMs,
  farFactor: 3,
  youngMs: 10 * minuteMs,
  gatherMs: 100,
  echoMs: 2_000,
  rootMs: 10_000,
  silentMs: 15_000,
  lookMs: 60 * minuteMs,
  pollMs: 10_000,
  retryMs: [minuteMs, 10 * minuteMs],
  laterMs: 10 * minuteMs,
}
