/**
 * Another order for jobs that have not begun. A job is read, asked about and written in one transaction, so that a claim comes before all of
 * that or after it: it never runs half of two orders.
 */
import { failure, type Failure } from '../../shared/failure.ts'
import type { Job, Order, Source } from '../../shared/job.ts'
import type { StoreConnection } from './connection.ts'
import type { Moves } from './moves.ts'
import { planJson, reasonText, type JobReader, type Plans } from './rows.ts'
import { isLive } from './schema.ts'
import type { Changed, JobStore, NewOrder } from './store.ts'

interface Kept {
  readonly planId: number
  readonly folderHash: number
  readonly nameHash: number | null
}

export function createOrderChanges(
  db: StoreConnection,
  { plans, reader, moves }: { readonly plans: Plans; readonly reader: JobReader; readonly moves: Moves },
): Pick<JobStore, 'changeOrders'> {
  const kept = db.prepare<[number], Kept>(
    'SELECT plan_id AS planId, folder_hash AS folderHash, name_hash AS nameHash FROM jobs WHERE id = ?',
  )
  const holder = db.prepare<[number, number | null, number], { id: number; source: string }>(
    `SELECT id, source FROM jobs WHERE folder_hash = ? AND name_hash = ? AND plan_id = ? AND ${isLive}`,
  )
  // What was said of a taken name was said of the name that the order before would have had.
  const write = db.prepare<
    [{ id: number; planId: number; nameHash: number | null; provider: string; lane: string; reason: string }]
  >(`
    UPDATE jobs SET plan_id = @planId, name_hash = @nameHash, if_exists = NULL, provider = @provider, lane = @lane, reason = @reason
    WHERE id = @id`)
  const rank = db.prepare<[number, number]>('UPDATE jobs SET precedence = ? WHERE id = ?')

  /** The same order as each job would have it: with what its batch says of taken names. */
  const withPolicy = (order: Order, planId: number): Order => {
    const { ifExists = order.ifExists }: Partial<Order> = plans.get(planId)
    return { ...order, ifExists }
  }
  const changeOne = (
    id: number,
    ask: (job: Job | null) => NewOrder | Failure,
    rehearsed: Map<string, number> | null,
  ): Changed => {
    const job = reader.get(id)
    const row = kept.get(id)
    const asked = ask(job)
    if ('code' in asked || job === null || row === undefined) return { kind: 'refused', id, why: asked as Failure }
    const order = withPolicy(asked.order, row.planId)
    const isSame = planJson(order) === planJson(withPolicy(job.order, row.planId))
    const isRanked = asked.priority !== job.priority
    if (isSame && !isRanked) return { kind: 'same', id }
    const planId = plans.known(order)
    const other = isSame || planId === null ? undefined : holder.get(row.folderHash, row.nameHash, planId)
    const source = textOf(order.source)
    const key = `${source}\n${planJson(order)}`
    const twin = other?.source === source ? other.id : isSame ? undefined : rehearsed?.get(key)
    if (twin !== undefined)
      return { kind: 'refused', id, why: failure('not-possible', { because: 'job-same', id: String(twin) }) }
    if (rehearsed !== null) {
      rehearsed.set(key, id)
      return { kind: 'changed', job }
    }
    if (isRanked) rank.run(-asked.priority, id)
    if (!isSame) {
      const { provider, lane, reason } = asked
      // Another source with the very same hashes keeps them: this job only cannot be joined.
      const nameHash = other === undefined ? row.nameHash : null
      write.run({ id, planId: plans.idOf(order), nameHash, provider, lane, reason: reasonText(reason) })
      moves.apply(id, { type: 'change' })
    }
    return { kind: 'changed', job: reader.get(id) ?? job }
  }
  const change = db.transaction(
    (ids: readonly number[], ...rest: [Parameters<typeof changeOne>[1], Map<string, number> | null]) =>
      ids.map((id) => changeOne(id, ...rest)),
  )
  return {
    changeOrders: (ids, ask, rehearsed) => {
      try {
        return change(ids, ask, rehearsed)
      } catch (error) {
        plans.forget()
        throw error
      }
    },
  }
}

function textOf(source: Source): string {
  return source.kind === 'file' ? source.path : source.url
}
