/** Little patience for watched folders: a tenth or less of what users wait; the order of the times to each other is theirs. */
import { watchPace, type WatchPace } from '../../src/main/watch/pace.ts'

export const hurriedPace: WatchPace = {
  ...watchPace,
  quietMs: 120,
  quietPerPieceMs: 100,
  gatherMs: 20,
  echoMs: 300,
  rootMs: 100,
  pollMs: 100,
  retryMs: [200, 300],
  laterMs: 300,
}
