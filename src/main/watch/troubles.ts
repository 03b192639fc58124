/**
 * What goes wrong with one file is that file's own trouble: the others are led on, and one line of the log says what happened to how
 * many. Alone in a file because everything that goes through many files at once stands on it.
 */
import type { Log } from '../engine/ports.ts'

export interface Troubles {
  /** Answers what the work answers; undefined where it failed. */
  within<T>(name: string, work: () => Promise<T> | T): Promise<T | undefined>
  /** Writes down what went wrong since the last time. Answers how often something did. */
  report(): number
}

/** @param signal what fails after the end is no trouble: it is thrown. */
export function createTroubles(log: Log, signal: AbortSignal): Troubles {
  let first: { readonly name: string; readonly error: string } | null = null
  let count = 0
  return {
    within: async (name, work) => {
      try {
        return await work()
      } catch (error) {
        signal.throwIfAborted()
        first ??= { name, error: String(error) }
        count += 1
        return undefined
      }
    },
    report: () => {
      if (first !== null) log.error('files of a watched folder cannot be led on', { files: count, ...first })
      const before = count
      first = null
      count = 0
      return before
    },
  }
}
