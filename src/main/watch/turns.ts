/** Turns, one after the other, as often as there is something to do; and work of others in between. */
import { toFailure } from '../../shared/failure.ts'
import type { Clock, Log } from '../engine/ports.ts'

export interface Turns {
  /** There may be something to do. */
  wake(): void
  /** Waits for the turn to end, and the next one waits for this. */
  between<T>(work: () => Promise<T> | T): Promise<T>
  /** Resolves when no turn runs and none will. */
  readonly ended: Promise<void>
}

/** After a turn that failed: whatever the trouble is, it is not tried again at once. */
const afterTroubleMs = 5_000
/** No turn comes later after another, unless that one took long. */
export const longestMs = 60_000

/**
 * @param turn answers after how many milliseconds the next is due.
 * @param onTrouble it failed: what it was about to do has not been done.
 */
export function createTurns(
  turn: () => Promise<number>,
  onTrouble: () => void,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Turns {
  let woken = Promise.withResolvers<void>()
  let last: Promise<unknown> = Promise.resolve()
  const inLine = <T>(work: () => Promise<T> | T): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
  const wake = () => woken.resolve()
  signal.addEventListener('abort', wake, { once: true })
  const isOver = () => signal.aborted
  const run = async () => {
    while (!isOver()) {
      woken = Promise.withResolvers()
      const waitMs = await inLine(turn).catch((error: unknown) => {
        if (!signal.aborted) log.error('a look at a watched folder failed', { ...toFailure(error), error: String(error) })
        onTrouble()
        return afterTroubleMs
      })
      if (waitMs <= 0) {
        await new Promise((resolve) => setImmediate(resolve))
        continue
      }
      if (isOver()) break
      const takeBack = clock.after(Math.min(waitMs, longestMs), wake)
      await woken.promise
      takeBack()
    }
    await last
  }
  return { wake, between: async (work) => await inLine(work).finally(wake), ended: run() }
}
