/** The jobs, put together from their parts. One call is one transaction. */
import type { Job, JobEvent, Phase, ProviderId } from '../../shared/job.ts'
import { createAdding, createPositions } from './adding.ts'
import { createClaims } from './claims.ts'
import type { Connection } from './connection.ts'
import type { HistoryRows } from './history-rows.ts'
import { createMoves } from './moves.ts'
import { createOutputs } from './outputs.ts'
import { createPlaces } from './places.ts'
import type { Plans } from './plans.ts'
import { createQueueOrder } from './queue-order.ts'
import { jobColumns, reasonText, type JobReader, type JobRow } from './rows.ts'
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
  const places = createPlaces(db)
  const countAnew = db.prepare<[number]>('UPDATE jobs SET attempt = 1 WHERE id = ?')
  const inPhase = db.prepare<[Phase], JobRow>(`SELECT ${jobColumns} FROM jobs WHERE phase = ? ORDER BY precedence, position, id`)
  const setProvider = db.prepare<[ProviderId, string, string, number]>(
    'UPDATE jobs SET provider = ?, lane = ?, reason = ? WHERE id = ?',
  )
  // Apart, so that each is found by the index: jobs with the hash of the name, and those that had to do without one.
  const live = (name: string) =>
    `SELECT count(*) FROM jobs WHERE folder_hash = @folder AND name_hash ${name} AND ${isLive} AND source = @source AND id <> @except`
  const others = db
    .prepare<[{ folder: number; name: number; source: string; except: number }], number>(
      `SELECT (${live('= @name')}) + (${live('IS NULL')})`,
    )
    .pluck()

  return {
    ...createAdding(db, plans, totals, positions),
    ...createClaims(db, reader, totals),
    ...createSelections(db, { reader, totals, moves, places }),
    ...createQueueOrder(db, reader, places, positions),
    apply: db.transaction((id: number, event: JobEvent) => moves.apply(id, event)),
    giveBack: db.transaction((id: number, event: JobEvent) => moves.giveBack(id, event)),
    countAnew: (id) => void countAnew.run(id),
    reroute: db.transaction((id: number, { provider, lane, reason }: Parameters<JobStore['reroute']>[1]): Job | null => {
      const job = reader.get(id)
      if (job === null || !mayChangeProvider(job)) return null
      setProvider.run(provider, lane, reasonText(reason), id)
      return { ...job, provider, lane, reason }
    }),
    get: (id) => reader.get(id),
    running: () => reader.readAll(inPhase.all('running')),
    totals: () => totals.all(),
    othersOn: (source, except) => others.get({ ...sourceHash(source), source, except }) ?? 0,
    ownerOf: (path) => outputs.ownerOf(path),
    registerOutputs: db.transaction((jobId: number, paths: readonly string[]) => outputs.register(jobId, paths)),
  }
}

/** From `submit` on, someone may have been asked already. */
function mayChangeProvider({ state }: Job): boolean {
  return (state.phase === 'queued' || state.phase === 'running') && state.work.step === 'prepare'
}
