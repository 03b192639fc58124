/**
 * What is done to many jobs at once: moved by one event or one answer to a name conflict, some at a time so that other work gets its turn in
 * between, or put in another order.
 */
import { workOf, type Job, type JobEvent, type Phase, type Work } from '../../../shared/job.ts'
import type { Change } from '../../../shared/wire/contract.ts'
import type { JobStore, Selection } from '../../store/store.ts'
import type { Engine } from '../engine-api.ts'

export interface Moving {
  /** All jobs of a selection that stand in one of the phases. Answers how many moved; `moved` gets each of them. */
  moveAll(selection: Selection, from: readonly Phase[], event: JobEvent, moved?: (job: Job) => void): Promise<number>
  settleNameConflicts(selection: Selection, as: 'number' | 'skip' | 'overwrite', nowMs: number): Promise<number>
}

export interface MovingPorts {
  readonly jobs: Pick<JobStore, 'applyToSome' | 'resolveConflicts'>
  readonly changed: (job: Job) => void
  /** Results that wait under their temporary names, or are made somewhere, are of no more use. */
  readonly discard: (job: Job, work: Work) => Promise<void>
  /** All are moved that there were. */
  readonly over: () => void
}

/** Rows moved in one transaction: some 15 ms of work, so that nobody notices a hundred thousand. */
export const batchSize = 250

export function createMoving({ jobs, changed, discard, over }: MovingPorts): Moving {
  const publish = (some: readonly Job[], moved: (job: Job) => void = () => undefined): number => {
    for (const job of some) {
      changed(job)
      moved(job)
    }
    return some.length
  }
  return {
    moveAll: async (selection, from, event, each) => {
      let moved = 0
      for (const part of parts(selection)) {
        for (;;) {
          const some = jobs.applyToSome(part, from, event, batchSize)
          moved += publish(
            some.map(({ job }) => job),
            each,
          )
          if (event.type === 'cancel') {
            for (const { job, was } of some) {
              const work = workOf(was)
              if (work !== null) await discard(job, work)
            }
          }
          if (some.length < batchSize) break
          await turn()
        }
      }
      over()
      return moved
    },
    settleNameConflicts: async (selection, as, nowMs) => {
      let moved = 0
      for (const part of parts(selection)) {
        let after: string | null = null
        do {
          const some = jobs.resolveConflicts(part, as, nowMs, { after, limit: batchSize })
          moved += publish(some.moved)
          after = some.next
          if (after !== null) await turn()
        } while (after !== null)
      }
      over()
      return moved
    },
  }
}

/** The store reads ids one by one each time, so it gets them by the hundred. */
function* parts(selection: Selection): Generator<Selection> {
  if (selection.kind !== 'ids') return yield selection
  const ids = [...new Set(selection.ids)]
  for (let start = 0; start < ids.length; start += batchSize) yield { kind: 'ids', ids: ids.slice(start, start + batchSize) }
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

export type Ordering = Pick<Engine, 'setPriority' | 'moveBefore' | 'moveAfter'>

/** Who shows the queue hears which batches to ask for again: a job does not know its place. */
export function createOrdering(
  jobs: Pick<JobStore, 'setPriority' | 'moveBefore' | 'moveAfter'>,
  publish: (change: Change) => void,
): Ordering {
  const publishMoved = (found: readonly Job[]): number => {
    for (const job of found) publish({ type: 'job', job })
    for (const batchId of new Set(found.map((job) => job.batchId))) publish({ type: 'batch', batchId })
    return found.length
  }
  return {
    setPriority: (ids, priority) => publishMoved(jobs.setPriority(ids, priority)),
    moveBefore: (ids, before) => publishMoved(jobs.moveBefore(ids, before)),
    moveAfter: (ids, after) => publishMoved(jobs.moveAfter(ids, after)),
  }
}
