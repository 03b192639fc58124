/** Little patience for watched folders: a tenth or less of what users wait; the order of the times to each other is theirs. */
import { watchTimings, type WatchTimings } from '../../src/main/watch/watch-context.ts'

export const hurriedTimings: WatchTimings = {
  ...watchTimings,
  quietMs: 120,
  quietPerPieceMs: 100,
  gatherMs: 20,
  rescanMs: 300,
  rootMs: 100,
  pollMs: 100,
  retryMs: [200, 300],
  laterMs: 300,
}
