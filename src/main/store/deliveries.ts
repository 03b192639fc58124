/** Deliveries of hooks: claiming, moving, paging, forgetting. They come to be in outbox.ts. */
import {
  deliveryPhases,
  deliverySchema,
  moveDelivery,
  type Delivery,
  type DeliveryCounts,
  type DeliveryMove,
  type DeliveryPhase,
  type DeliveryState,
} from '../../shared/hooks.ts'
import { withoutWaiting, type StoreConnection } from './connection.ts'
import type { DeliveryStore } from './hook-store.ts'
import { jsonIn, type UnreadKeeper } from './unread.ts'

interface Row {
  readonly id: number
  readonly hook_id: number
  readonly key: string
  readonly event: string
  readonly phase: DeliveryPhase
  readonly attempt: number
  readonly state: string
  readonly created_at: number
}

interface PageQuestion {
  readonly phases: string
  readonly after: number
  readonly limit: number
}

type Written = { id: number; phase: DeliveryPhase; dueAt: number | null; attempt: number; state: string }

/** Moved again at once, in one transaction. */
const batchSize = 1000

export function createDeliveries(
  db: StoreConnection,
  { unread, subscribe }: { readonly unread: UnreadKeeper; readonly subscribe: DeliveryStore['subscribe'] },
): DeliveryStore {
  const select = db.prepare<[number], Row>('SELECT * FROM deliveries WHERE id = ?')
  const nextDue = db.prepare<[number], { id: number; dueAt: number }>(
    'SELECT id, due_at AS dueAt FROM deliveries WHERE hook_id = ? AND due_at IS NOT NULL ORDER BY due_at, id LIMIT 1',
  )
  const write = db.prepare<[Written]>(
    'UPDATE deliveries SET phase = @phase, due_at = @dueAt, attempt = @attempt, state = @state WHERE id = @id',
  )
  const running = db.prepare<[], number>(`SELECT id FROM deliveries WHERE phase = 'running' ORDER BY id`).pluck()
  const count = db.prepare<[number], { phase: DeliveryPhase; deliveries: number }>(
    'SELECT phase, count(*) AS deliveries FROM deliveries WHERE hook_id = ? GROUP BY phase',
  )
  const newestIn = db
    .prepare<[number, string], number | null>('SELECT max(id) FROM deliveries WHERE hook_id = ? AND phase = ?')
    .pluck()
  const behind = `id < @after AND (@phases = '[]' OR phase IN (SELECT value FROM json_each(@phases))) ORDER BY id DESC LIMIT @limit`
  const ofAll = db.prepare<[PageQuestion], Row>(`SELECT * FROM deliveries WHERE ${behind}`)
  // The index is named: by the one of phases all of them would be sorted.
  const ofHook = db.prepare<[PageQuestion & { hook: number }], Row>(
    `SELECT * FROM deliveries INDEXED BY deliveries_of_hook WHERE hook_id = @hook AND ${behind}`,
  )
  const idsIn = db
    .prepare<[number, string, number], number>('SELECT id FROM deliveries WHERE hook_id = ? AND phase = ? ORDER BY id LIMIT ?')
    .pluck()
  const forget = db.prepare<[{ hook: number; phase: string; before: number; keep: number }]>(`
    DELETE FROM deliveries WHERE hook_id = @hook AND phase = @phase AND (created_at < @before OR id <= coalesce(
      (SELECT id FROM deliveries WHERE hook_id = @hook AND phase = @phase ORDER BY id DESC LIMIT 1 OFFSET @keep), 0))`)
  const hooks = db.prepare<[], number>('SELECT id FROM hooks ORDER BY id').pluck()

  const read = (row: Row): Delivery | null => {
    const { id, hook_id: hookId, key, attempt, created_at: createdAtMs } = row
    const event = jsonIn(row.event)
    const checked = deliverySchema.safeParse({ id, hookId, key, event, state: jsonIn(row.state), attempt, createdAtMs })
    if (!checked.success) unread.report({ what: 'delivery', name: String(id), trouble: checked.error.message })
    return checked.data ?? null
  }
  const known = (id: number): Delivery | null => {
    const row = select.get(id)
    return row === undefined ? null : read(row)
  }
  const put = (delivery: Delivery, state: DeliveryState, attempt: number): Delivery => {
    const dueAt = 'dueAtMs' in state ? Math.ceil(state.dueAtMs) : null
    write.run({ id: delivery.id, phase: state.phase, dueAt, attempt, state: JSON.stringify(state) })
    return { ...delivery, state, attempt }
  }
  const moved = (id: number, move: DeliveryMove): Delivery | null => {
    const before = known(id)
    const state = before === null ? null : moveDelivery(before.state, move)
    if (before === null || state === null) return null
    const { attempt } = before
    if (move.type === 'again') return put(before, state, 0)
    return put(before, state, move.type === 'claim' ? attempt + 1 : move.type === 'putBack' ? Math.max(0, attempt - 1) : attempt)
  }
  const apply = db.transaction(moved)
  const claim = db.transaction((hookId: number, nowMs: number): Delivery | null => {
    for (;;) {
      const next = nextDue.get(hookId)
      if (next === undefined || next.dueAt > nowMs) return null
      const delivery = moved(next.id, { type: 'claim', atMs: nowMs })
      if (delivery !== null) return delivery
      // It cannot be read by this version: nothing of it is sent, and it holds up nobody.
      setAside(next.id, nowMs)
    }
  })
  const setAside = (id: number, nowMs: number): void => {
    const why = { code: 'internal', facts: { because: 'rows-unreadable', rows: `delivery ${id}` } } as const
    write.run({ id, phase: 'given-up', dueAt: null, attempt: 0, state: JSON.stringify({ phase: 'given-up', atMs: nowMs, why }) })
  }
  const again = db.transaction((ids: readonly number[]): number =>
    ids.reduce((sum, id) => sum + (moved(id, { type: 'again' }) === null ? 0 : 1), 0),
  )
  return {
    subscribe,
    get: known,
    claim: (hookId, nowMs) => withoutWaiting(db, () => claim(hookId, nowMs)),
    apply: (id, move) => withoutWaiting(db, () => apply(id, move)),
    recover: db.transaction((own: readonly number[]): number => {
      const left = running.all().filter((id) => !own.includes(id))
      // What a crash cut short counts as a try: what brings Beside down must not do so for ever.
      for (const id of left) {
        const delivery = known(id)
        if (delivery === null) setAside(id, 0)
        else put(delivery, { phase: 'due', dueAtMs: 0 }, delivery.attempt)
      }
      return left.length
    }),
    nextDueMs: (hookId) => nextDue.get(hookId)?.dueAt ?? null,
    counts: (hookId): DeliveryCounts => {
      const found = new Map(count.all(hookId).map(({ phase, deliveries }) => [phase, deliveries]))
      return Object.fromEntries(deliveryPhases.map((phase) => [phase, found.get(phase) ?? 0])) as DeliveryCounts
    },
    lastTried: (hookId) => {
      const ids = (['running', 'delivered', 'failed', 'given-up'] as const).map((phase) => newestIn.get(hookId, phase) ?? 0)
      const id = Math.max(...ids)
      return id === 0 ? null : known(id)
    },
    page: ({ hookId, phases }, after, limit) => {
      const question = { phases: JSON.stringify(phases), after: after ?? Number.MAX_SAFE_INTEGER, limit: limit + 1 }
      const rows = hookId === null ? ofAll.all(question) : ofHook.all({ ...question, hook: hookId })
      const some = rows.slice(0, limit)
      const deliveries = some.map(read).filter((delivery) => delivery !== null)
      return { deliveries, next: rows.length > limit ? (some.at(-1)?.id ?? null) : null }
    },
    again: (which) => {
      if ('ids' in which) return again(which.ids)
      let sum = 0
      for (const phase of ['failed', 'given-up'] as const) {
        for (let some = -1; some !== 0; sum += some) some = again(idsIn.all(which.hookId, phase, batchSize))
      }
      return sum
    },
    prune: db.transaction((endedBeforeMs: number, keep: number): number => {
      const before = Math.floor(endedBeforeMs)
      const ended = hooks.all().flatMap((hook) => (['delivered', 'given-up'] as const).map((phase) => ({ hook, phase })))
      return ended.reduce((sum, one) => sum + forget.run({ ...one, before, keep }).changes, 0)
    }),
  }
}
