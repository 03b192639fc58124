/** Every change of a job's state but the claim: read, `move` of shared/job.ts, written with all that follows from it. */
import { isFinished, move, type Job, type JobEvent, type Phase } from '../../shared/job.ts'
import type { Connection } from './connection.ts'
import type { HistoryRows } from './history-rows.ts'
import type { OutputsKeeper } from './outputs.ts'
import type { JobReader } from './rows.ts'
import { isLive } from './schema.ts'
import type { Moved } from './store.ts'
import type { TotalsKeeper } from './totals.ts'

/** To be called inside a transaction. */
export interface Moves {
  /**
   * Null where the event means nothing in the job's phase, and where a finished job would come back while a live one already does
   * the same: that one goes on, and its twin stays finished.
   */
  apply(id: number, event: JobEvent): Job | null
  /** As `apply`; the answer says what was before, too. */
  applied(id: number, event: JobEvent): Moved | null
  giveBack(id: number, event: JobEvent): Job | null
}

interface Written {
  readonly id: number
  readonly phase: Phase
  readonly dueAt: number
  readonly attempt: number
  readonly historyKey: number | null
  readonly state: string
}

export function createMoves(
  db: Connection,
  parts: {
    readonly reader: JobReader
    readonly totals: TotalsKeeper
    readonly history: HistoryRows
    readonly outputs: OutputsKeeper
  },
): Moves {
  const { reader, totals, history, outputs } = parts
  const write = db.prepare<[Written]>(
    'UPDATE jobs SET phase = @phase, due_at = @dueAt, attempt = @attempt, history_key = @historyKey, state = @state WHERE id = @id',
  )
  // Steps are saved often; this one touches no index.
  const writeStep = db.prepare<[string, number]>('UPDATE jobs SET state = ? WHERE id = ?')
  const twin = db.prepare<[number], number>(`
    SELECT live.id FROM jobs AS old JOIN jobs AS live
      ON live.folder_hash = old.folder_hash AND live.name_hash = old.name_hash AND live.plan_id = old.plan_id AND live.${isLive}
    WHERE old.id = ?`).pluck() // prettier-ignore

  const moved = (id: number, event: JobEvent, attempts: number): Moved | null => {
    const before = reader.get(id)
    const state = before === null ? null : move(before.state, event)
    if (before === null || state === null) return null
    const attempt = isAnew(event) ? 0 : Math.max(0, before.attempt + attempts)
    const after: Job = { ...before, state, attempt }
    const json = JSON.stringify(state)
    if (event.type === 'step') {
      writeStep.run(json, id)
      return { job: after, was: before.state }
    }
    if (isFinished(before.state)) {
      if (twin.get(id) !== undefined) return null
      history.take(id)
    }
    const historyKey = isFinished(state) ? history.put(after) : null
    const dueAt = state.phase === 'queued' ? Math.max(0, Math.ceil(state.dueAtMs)) : 0
    write.run({ id, phase: state.phase, dueAt, attempt, historyKey, state: json })
    if (isFinished(state)) outputs.settle(after)
    totals.moved(after.batchId, before.state.phase, state.phase)
    return { job: after, was: before.state }
  }
  return {
    apply: (id, event) => moved(id, event, 0)?.job ?? null,
    applied: (id, event) => moved(id, event, 0),
    giveBack: (id, event) => moved(id, event, -1)?.job ?? null,
  }
}

/** The user asks for it once more: it has all its tries again. */
function isAnew(event: JobEvent): boolean {
  return event.type === 'retry' || (event.type === 'resolve' && event.as === 'again')
}
