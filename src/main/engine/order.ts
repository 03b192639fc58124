/** What changes the order of the queue. Who shows it is told which batches to ask for again: a job does not know its place. */
import type { Change } from '../../shared/wire/contract.ts'
import type { Job } from '../../shared/job.ts'
import type { JobStore } from '../store/store.ts'
import type { Engine } from './engine-api.ts'

export type Ordering = Pick<Engine, 'setPriority' | 'moveBefore' | 'moveAfter'>

export function createOrdering(
  jobs: Pick<JobStore, 'setPriority' | 'moveBefore' | 'moveAfter'>,
  publish: (change: Change) => void,
): Ordering {
  const moved = (found: readonly Job[]): number => {
    for (const job of found) publish({ type: 'job', job })
    for (const batchId of new Set(found.map((job) => job.batchId))) publish({ type: 'batch', batchId })
    return found.length
  }
  return {
    setPriority: (ids, priority) => moved(jobs.setPriority(ids, priority)),
    moveBefore: (ids, before) => moved(jobs.moveBefore(ids, before)),
    moveAfter: (ids, after) => moved(jobs.moveAfter(ids, after)),
  }
}
