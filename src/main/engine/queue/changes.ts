/**
 * Changes of the queue, to any number of readers; progress is merged to a few values a second and never stored.
 * Apart from the fan-out, which watched folders use as well.
 */
import type { Change, Progress } from '../../../shared/wire/contract.ts'
import { createFanout } from './fanout.ts'
import type { Clock } from '../ports.ts'

/** Four a second a job. */
const progressEveryMs = 250

export interface Changes {
  publish(change: Change): void
  /** Merged: the newest value goes out at the next beat. */
  progress(progress: Progress): void
  /** The newest of each job that runs; gone when its run is over. */
  lastProgress(): readonly Progress[]
  /** In portions, with so many milliseconds between two of them at least. */
  subscribe(signal: AbortSignal, restMs?: number): AsyncIterable<readonly Change[]>
  stop(): void
}

export function createChanges(clock: Clock): Changes {
  const { deliver, subscribe, stop } = createFanout(keyOf, clock)
  const latest = new Map<number, Progress>()
  const dirty = new Set<number>()
  let cancelTimer: (() => void) | null = null

  const beat = () => {
    cancelTimer = null
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
      cancelTimer ??= clock.after(progressEveryMs, beat)
    },
    lastProgress: () => [...latest.values()],
    subscribe,
    stop: () => {
      cancelTimer?.()
      stop()
    },
  }
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
