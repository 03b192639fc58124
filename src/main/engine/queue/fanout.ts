/**
 * What happens, in portions, to any number of readers. A reader that is slow, or rests between two portions, gets the newest value of
 * each thing instead of every one, so what waits for it is bounded by the number of things.
 */
import type { Clock } from '../ports.ts'

export interface Fanout<T> {
  deliver(change: T): void
  /**
   * From the call on. What comes after a rest is given at once, what comes meanwhile is given together at its end. Ends with the signal,
   * or when all has been read after the end.
   *
   * @param restMs between two portions, at least; milliseconds.
   */
  subscribe(signal: AbortSignal, restMs?: number): AsyncIterable<readonly T[]>
  hasReaders(): boolean
  stop(): void
}

interface Reader<T> {
  readonly waiting: Map<string, T>
  wake: () => void
}

/** A portion is one frame on a line, and frames are bounded. */
const maxPortion = 500

/** @param keyOf the thing that a change is about. */
export function createFanout<T>(keyOf: (change: T) => string, clock: Clock): Fanout<T> {
  const readers = new Set<Reader<T>>()
  const end = new AbortController()
  return {
    deliver: (change) => {
      for (const reader of readers) {
        const key = keyOf(change)
        // Deleted first, so that the newest value also takes the newest place.
        reader.waiting.delete(key)
        reader.waiting.set(key, change)
        reader.wake()
      }
    },
    subscribe: (signal, restMs = 0) =>
      subscribe(readers, signal, end.signal, async (over) => {
        if (restMs > 0) await clock.sleep(restMs, over)
      }),
    hasReaders: () => readers.size > 0,
    stop: () => {
      end.abort()
      for (const reader of readers) reader.wake()
    },
  }
}

function subscribe<T>(
  readers: Set<Reader<T>>,
  signal: AbortSignal,
  end: AbortSignal,
  sleep: (over: AbortSignal) => Promise<void>,
): AsyncIterable<readonly T[]> {
  let woken = Promise.withResolvers<void>()
  const reader: Reader<T> = { waiting: new Map(), wake: () => woken.resolve() }
  // Joined now, not at the first read: what happens between the call and the read must not be missed.
  readers.add(reader)
  signal.addEventListener('abort', reader.wake, { once: true })
  async function* read(): AsyncGenerator<readonly T[]> {
    const returned = new AbortController()
    const over = AbortSignal.any([signal, end, returned.signal])
    try {
      while (!signal.aborted) {
        if (reader.waiting.size > 0) {
          const portion = [...reader.waiting.entries().take(maxPortion)]
          for (const [key] of portion) reader.waiting.delete(key)
          // Begun now: what the reader does with the portion counts as rest.
          const rested = reader.waiting.size === 0 ? sleep(over).catch(() => undefined) : null
          yield portion.map(([, change]) => change)
          await rested
        } else if (end.aborted) {
          return
        } else {
          await woken.promise
          woken = Promise.withResolvers<void>()
        }
      }
    } finally {
      returned.abort()
      readers.delete(reader)
      signal.removeEventListener('abort', reader.wake)
    }
  }
  return read()
}
