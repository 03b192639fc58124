/**
 * What happens, to any number of readers. A reader that is slow gets the newest value of each thing instead of every one, so what waits
 * for it is bounded by the number of things.
 */
export interface Fanout<T> {
  deliver(change: T): void
  /** From the call on. Ends with the signal, or when all has been read after the end. */
  subscribe(signal: AbortSignal): AsyncIterable<T>
  hasReaders(): boolean
  stop(): void
}

interface Reader<T> {
  readonly waiting: Map<string, T>
  wake: () => void
}

/** @param keyOf the thing that a change is about. */
export function createFanout<T>(keyOf: (change: T) => string): Fanout<T> {
  const readers = new Set<Reader<T>>()
  let stopped = false
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
    subscribe: (signal) => subscribe(readers, signal, () => stopped),
    hasReaders: () => readers.size > 0,
    stop: () => {
      stopped = true
      for (const reader of readers) reader.wake()
    },
  }
}

function subscribe<T>(readers: Set<Reader<T>>, signal: AbortSignal, isStopped: () => boolean): AsyncIterable<T> {
  let woken = Promise.withResolvers<void>()
  const reader: Reader<T> = { waiting: new Map(), wake: () => woken.resolve() }
  // Joined now, not at the first read: what happens between the call and the read must not be missed.
  readers.add(reader)
  signal.addEventListener('abort', reader.wake, { once: true })
  async function* read(): AsyncGenerator<T> {
    try {
      while (!signal.aborted) {
        const [first] = reader.waiting
        if (first !== undefined) {
          reader.waiting.delete(first[0])
          yield first[1]
        } else if (isStopped()) {
          return
        } else {
          await woken.promise
          woken = Promise.withResolvers<void>()
        }
      }
    } finally {
      readers.delete(reader)
      signal.removeEventListener('abort', reader.wake)
    }
  }
  return read()
}
