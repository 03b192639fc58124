/** Moves many jobs by one event, or one answer to a clash, some at a time: other work gets its turn in between. */
import { workOf, type Job, type JobEvent, type Phase, type Work } from '../../../shared/job.ts'
import type { JobStore, Selection } from '../../store/store.ts'

export interface Moving {
  /** All jobs of a selection that stand in one of the phases. Answers how many moved; each of them is also told to `moved`. */
  moveAll(selection: Selection, from: readonly Phase[], event: JobEvent, moved?: (job: Job) => void): Promise<number>
  settleClashes(selection: Selection, as: 'number' | 'skip' | 'overwrite', nowMs: number): Promise<number>
}

export interface MovingPorts {
  readonly jobs: Pick<JobStore, 'applyToSome' | 'settleClashes'>
  readonly changed: (job: Job) => void
  /** Results that wait under their temporary names are of no more use. */
  readonly discard: (job: Job, work: Work) => Promise<void>
  /** All are moved that there were. */
  readonly over: () => void
}

/** Rows moved in one transaction: some 15 ms of work, so that nobody notices a hundred thousand. */
export const rowsAtOnce = 250

export function createMoving({ jobs, changed, discard, over }: MovingPorts): Moving {
  const publish = (some: readonly Job[], tell: (job: Job) => void = () => undefined): number => {
    for (const job of some) {
      changed(job)
      tell(job)
    }
    return some.length
  }
  return {
    moveAll: async (selection, from, event, tell) => {
      let moved = 0
      for (const part of parts(selection)) {
        for (;;) {
          const some = jobs.applyToSome(part, from, event, rowsAtOnce)
          moved += publish(
            some.map(({ job }) => job),
            tell,
          )
          if (event.type === 'cancel') {
            for (const { job, was } of some) {
              const work = workOf(was)
              if (work !== null && 'parts' in work) await discard(job, work)
            }
          }
          if (some.length < rowsAtOnce) break
          await turn()
        }
      }
      over()
      return moved
    },
    settleClashes: async (selection, as, nowMs) => {
      let moved = 0
      for (const part of parts(selection)) {
        let after: string | null = null
        do {
          const some = jobs.settleClashes(part, as, nowMs, { after, limit: rowsAtOnce })
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

/** Ids are looked at one by one each time, so they are handed over by the hundred. */
function* parts(selection: Selection): Generator<Selection> {
  if (selection.kind !== 'ids') return yield selection
  const ids = [...new Set(selection.ids)]
  for (let start = 0; start < ids.length; start += rowsAtOnce) yield { kind: 'ids', ids: ids.slice(start, start + rowsAtOnce) }
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
