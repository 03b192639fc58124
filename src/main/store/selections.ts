/** One event for many jobs, some at a time. What has moved is out of the stretch of index that the next call reads. */
import type { Job, JobEvent, Phase } from '../../shared/job.ts'
import type { Connection } from './connection.ts'
import type { Moves } from './moves.ts'
import type { Place, Places } from './places.ts'
import type { JobReader } from './rows.ts'
import type { JobStore, Selection } from './store.ts'

export type Selections = Pick<JobStore, 'applyToSome' | 'settleClashes'>

/** Places read at once. */
const atOnce = 500

interface Standing extends Place {
  readonly phase: Phase
  readonly dueAt: number
}

export function createSelections(db: Connection, reader: JobReader, moves: Moves, places: Places): Selections {
  const standing = db.prepare<[number], Standing>(
    'SELECT precedence, position, id, phase, due_at AS dueAt FROM jobs WHERE id = ?',
  )
  const setClash = db.prepare<[string, number]>('UPDATE jobs SET if_exists = ? WHERE id = ?')

  /** Jobs of a selection in one phase, in the queue's order. */
  function* inPhase(selection: Selection, phase: Phase): Generator<Place> {
    if (selection.kind === 'ids') {
      for (const id of new Set(selection.ids)) {
        const found = standing.get(id)
        if (found?.phase === phase) yield found
      }
      return
    }
    const batchId = selection.kind === 'batch' ? selection.batchId : null
    for (let last: Place | null = null; ;) {
      const some: readonly Place[] = places.after(last, [phase], batchId, atOnce)
      yield* some
      last = some.at(-1) ?? null
      if (some.length < atOnce) return
    }
  }
  return {
    applyToSome: db.transaction((selection: Selection, from: readonly Phase[], event: JobEvent, limit: number) => {
      const moved: Job[] = []
      for (const phase of from) {
        for (const { id } of inPhase(selection, phase)) {
          if (moved.length >= limit) return moved
          // "Now" means something only to a queued job that waits for a time; the others would be moved again and again.
          if (phase === 'queued' && event.type === 'retry' && standing.get(id)?.dueAt === 0) continue
          const job = moves.apply(id, event)
          if (job !== null) moved.push(job)
        }
      }
      return moved
    }),
    settleClashes: db.transaction((selection: Selection, as: 'number' | 'skip' | 'overwrite', nowMs: number) => {
      const moved: Job[] = []
      for (const { id } of inPhase(selection, 'waiting')) {
        const state = reader.get(id)?.state
        if (state?.phase !== 'waiting' || state.why.code !== 'output-exists') continue
        if (as !== 'skip') setClash.run(as, id)
        const job = moves.apply(id, as === 'skip' ? { type: 'skip', atMs: nowMs, why: state.why } : { type: 'approve' })
        if (job !== null) moved.push(job)
      }
      return moved
    }),
  }
}
