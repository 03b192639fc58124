/**
 * Fan-out of changes to any number of readers. A reader that is slow gets the newest value of each job instead of every one, so
 * what waits for it is bounded by the number of jobs; progress is merged to a few values a second and never stored.
 */
import type { Change, Progress } from '../../shared/contract.ts'
import type { Clock } from './ports.ts'

/** Four a second a job. */
const progressEveryMs = 250

export interface Changes {
  publish(change: Change): void
  /** Merged: the newest value goes out at the next beat. */
  progress(progress: Progress): void
  /** What was last said of a job that runs; gone when it is settled. */
  lastProgress(): readonly Progress[]
  subscribe(signal: AbortSignal): AsyncIterable<Change>
  stop(): void
}

interface Reader {
  readonly waiting: Map<string, Change>
  wake: () => void
}

export function createChanges(clock: Clock): Changes {
  const readers = new Set<Reader>()
  const latest = new Map<number, Progress>()
  const dirty = new Set<number>()
  let takeBack: (() => void) | null = null
  let stopped = false

  const deliver = (change: Change) => {
    for (const reader of readers) {
      const key = keyOf(change)
      // Deleted first, so that the newest value also takes the newest place.
      reader.waiting.delete(key)
      reader.waiting.set(key, change)
      reader.wake()
    }
  }
  const beat = () => {
    takeBack = null
    for (const id of dirty) {
      const progress = latest.get(id)
      if (progress !== undefined) deliver({ type: 'progress', progress })
    }
    dirty.clear()
  }
  return {
    publish: (change) => {
      if (change.type === 'job' && change.job.state.phase !== 'running') {
        latest.delete(change.job.id)
        dirty.delete(change.job.id)
      }
      deliver(change)
    },
    progress: (progress) => {
      latest.set(progress.id, progress)
      dirty.add(progress.id)
      takeBack ??= clock.after(progressEveryMs, beat)
    },
    lastProgress: () => [...latest.values()],
    subscribe: (signal) => subscribe(readers, signal, () => stopped),
    stop: () => {
      stopped = true
      takeBack?.()
      for (const reader of readers) reader.wake()
    },
  }
}

function subscribe(readers: Set<Reader>, signal: AbortSignal, isStopped: () => boolean): AsyncIterable<Change> {
  let woken = Promise.withResolvers<void>()
  const reader: Reader = { waiting: new Map(), wake: () => woken.resolve() }
  // Joined now, not at the first read: what happens between the call and the read must not be missed.
  readers.add(reader)
  signal.addEventListener('abort', reader.wake, { once: true })
  async function* read(): AsyncGenerator<Change> {
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

function keyOf(change: Change): string {
  switch (change.type) {
    case 'job':
      return `job ${change.job.id}`
    case 'progress':
      return `progress ${change.progress.id}`
    case 'batch':
      return `batch ${change.batchId}`
    case 'totals':
      return 'totals'
  }
}
