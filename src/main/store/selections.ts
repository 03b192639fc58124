/** One event for many jobs, some at a time. What has moved is out of the stretch of index that the next call reads. */
import type { Job, JobEvent, Phase } from '../../shared/job.ts'
import type { StoreConnection } from './connection.ts'
import type { Moves } from './moves.ts'
import { cursorOf, type Place, placeFrom, type Places } from './queue-order.ts'
import type { JobReader } from './rows.ts'
import type { JobStore, Moved, Selection } from './store.ts'
import type { TotalsKeeper } from './batches.ts'

type Selections = Pick<JobStore, 'applyToSome' | 'resolveConflicts'>

/** Places read in one query. */
const pageSize = 250

interface Placed extends Place {
  readonly phase: Phase
  readonly dueAt: number
}

export function createSelections(
  db: StoreConnection,
  parts: { readonly reader: JobReader; readonly totals: TotalsKeeper; readonly moves: Moves; readonly places: Places },
): Selections {
  const { reader, totals, moves, places } = parts
  const placed = db.prepare<[number], Placed>('SELECT precedence, position, id, phase, due_at AS dueAt FROM jobs WHERE id = ?')
  const setPolicy = db.prepare<[string, number]>('UPDATE jobs SET if_exists = ? WHERE id = ?')

  const resolveConflict = (id: number, as: 'number' | 'skip' | 'overwrite', nowMs: number): Job | null => {
    const state = reader.get(id)?.state
    if (state?.phase !== 'waiting' || state.why.code !== 'output-exists') return null
    if (as !== 'skip') setPolicy.run(as, id)
    if (as === 'skip') return moves.apply(id, { type: 'skip', atMs: nowMs, why: state.why })
    // Resolving a conflict approves no price: what it costs has not been asked yet.
    return moves.apply(id, { type: 'again', dueAtMs: 0, why: null, work: state.work })
  }

  /** Jobs of a selection in one phase behind a place, in the queue's order; those that are named by their ids all and as they come. */
  function* inPhase(selection: Selection, phase: Phase, from: Place | null): Generator<Place> {
    if (selection.kind === 'ids') {
      for (const id of new Set(selection.ids)) {
        const found = placed.get(id)
        if (found?.phase === phase) yield found
      }
      return
    }
    const batchId = selection.kind === 'batch' ? selection.batchId : null
    for (let last = from; ;) {
      const some: readonly Place[] = places.after(last, [phase], batchId, pageSize)
      yield* some
      last = some.at(-1) ?? null
      if (some.length < pageSize) return
    }
  }
  const applyToSome = (selection: Selection, from: readonly Phase[], event: JobEvent, limit: number): readonly Moved[] => {
    const moved: Moved[] = []
    for (const phase of from) {
      for (const { id } of inPhase(selection, phase, null)) {
        if (moved.length >= limit) return moved
        // "Now" means something only to a queued job that waits for a time; the others would be moved again and again.
        if (phase === 'queued' && event.type === 'retry' && placed.get(id)?.dueAt === 0) continue
        const done = moves.applied(id, event)
        if (done !== null) moved.push(done)
      }
    }
    return moved
  }
  return {
    applyToSome: db.transaction((...asked: Parameters<typeof applyToSome>) => totals.batched(() => applyToSome(...asked))),
    resolveConflicts: db.transaction((selection, as, nowMs, { after, limit }) => {
      const moved: Job[] = []
      let checked = 0
      for (const place of inPhase(selection, 'waiting', after === null ? null : placeFrom(after))) {
        const job = resolveConflict(place.id, as, nowMs)
        if (job !== null) moved.push(job)
        checked += 1
        if (checked >= limit && selection.kind !== 'ids') return { moved, next: cursorOf(place) }
      }
      return { moved, next: null }
    }) as JobStore['resolveConflicts'],
  }
}
