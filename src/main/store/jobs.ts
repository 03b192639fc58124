/** The jobs, put together from their parts. One call is one transaction. */
import type { Job, JobEvent, Phase, ProviderId } from '../../shared/job.ts'
import { createAdding, createPositions } from './adding.ts'
import { createClaims } from './claims.ts'
import type { Connection } from './connection.ts'
import { createMoves } from './moves.ts'
import type { HistoryRows } from './history-rows.ts'
import { createOutputs } from './outputs.ts'
import type { Plans } from './plans.ts'
import { createQueueOrder } from './queue-order.ts'
import { jobColumns, type JobReader, type JobRow } from './rows.ts'
import { isLive } from './schema.ts'
import { createSelections } from './selections.ts'
import { sourceHash } from './source-hash.ts'
import type { JobStore } from './store.ts'
import type { TotalsKeeper } from './totals.ts'

export interface JobParts {
  readonly plans: Plans
  readonly reader: JobReader
  readonly totals: TotalsKeeper
  readonly history: HistoryRows
}

export function createJobs(db: Connection, { plans, reader, totals, history }: JobParts): JobStore {
  const positions = createPositions(db)
  const outputs = createOutputs(db)
  const moves = createMoves(db, { reader, totals, history, outputs })
  const claims = createClaims(db, reader, totals)
  const order = createQueueOrder(db, reader, positions)
  const selections = createSelections(db, reader, moves, order)
  const inPhase = db.prepare<[Phase], JobRow>(`SELECT ${jobColumns} FROM jobs WHERE phase = ? ORDER BY precedence, position, id`)
  const setProvider = db.prepare<[ProviderId, string, string, number]>(
    'UPDATE jobs SET provider = ?, lane = ?, reason = ? WHERE id = ?',
  )
  const others = db
    .prepare<[number, number, string, number], number>(
      `SELECT count(*) FROM jobs WHERE folder_hash = ? AND (name_hash = ? OR name_hash IS NULL) AND ${isLive} AND source = ? AND id <> ?`,
    )
    .pluck()

  return {
    add: createAdding(db, plans, totals, positions).add,
    claim: claims.claim,
    apply: db.transaction((id: number, event: JobEvent) => moves.apply(id, event)),
    giveBack: db.transaction((id: number, event: JobEvent) => moves.giveBack(id, event)),
    applyToSome: selections.applyToSome,
    settleClashes: selections.settleClashes,
    reroute: db.transaction((id: number, { provider, lane, reason }: Parameters<JobStore['reroute']>[1]): Job | null => {
      const job = reader.get(id)
      if (job === null || !mayChangeProvider(job)) return null
      setProvider.run(provider, lane, reason, id)
      return { ...job, provider, lane, reason }
    }),
    get: reader.get,
    list: order.list,
    running: () => reader.readAll(inPhase.all('running')),
    nextDueMs: claims.nextDueMs,
    dueLanes: claims.dueLanes,
    setPriority: order.setPriority,
    moveBefore: order.moveBefore,
    totals: totals.all,
    othersOn: (sourcePath, except) => {
      const { folder, name } = sourceHash(sourcePath)
      return others.get(folder, name, sourcePath, except) ?? 0
    },
    ownerOf: outputs.ownerOf,
    registerOutputs: outputs.register,
  }
}

/** From `submit` on, someone may have been asked already. */
function mayChangeProvider({ state }: Job): boolean {
  return (state.phase === 'queued' || state.phase === 'running') && state.work.step === 'prepare'
}
