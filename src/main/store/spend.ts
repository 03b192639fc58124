/**
 * Money: the ledger of what online providers cost, whose rows stay when their job is forgotten, since it was spent all the same; and what the accounts
 * there said last, so that the next run of Beside knows it, too (never a key).
 * Apart, since money is read on its own.
 */
import type { ProviderId } from '../../shared/job.ts'
import { accountSchema, type KeptAccount, onlineProviderIds } from '../../shared/model.ts'
import type { StoreConnection } from './connection.ts'
import { dayName } from './history-sums.ts'
import type { AccountStore, SpendStore, SpentCost } from './store.ts'
import { jsonIn, type UnreadKeeper } from './unread.ts'

interface Span {
  readonly fromMs: number
  readonly beforeMs: number
  readonly offsetMs: number
}

export function createSpend(db: StoreConnection): SpendStore {
  const insert = db.prepare('INSERT INTO spend (job_id, batch_id, provider, amount, unit, spent_at) VALUES (?, ?, ?, ?, ?, ?)')
  const correct = db.prepare('UPDATE spend SET amount = ?, unit = ? WHERE id = (SELECT max(id) FROM spend WHERE job_id = ?)')
  const since = db
    .prepare<[string, number], number>('SELECT total(amount) FROM spend WHERE provider = ? AND spent_at >= ?')
    .pluck()
  const last = db.prepare<[string], SpentCost>(
    'SELECT amount, unit FROM spend WHERE provider = ? ORDER BY spent_at DESC, id DESC LIMIT 1',
  )
  const ofBatch = db
    .prepare<[number, string], number>('SELECT total(amount) FROM spend WHERE batch_id = ? AND provider = ?')
    .pluck()
  const inDoubt = db.prepare<[string], { batchId: number; amount: number }>(`
    SELECT batch_id AS batchId, ifnull(state ->> '$.work.estimate.amount', 0) AS amount
    FROM jobs INDEXED BY jobs_in_order WHERE phase = 'uncertain' AND provider = ?`)
  const ofJob = db.prepare<[number], { amount: number; unit: string | null }>(
    'SELECT total(amount) AS amount, max(unit) AS unit FROM spend WHERE job_id = ?',
  )
  const days = db.prepare<[Span & { provider: ProviderId }], { day: number; amount: number; unit: string }>(`
    SELECT (spent_at + CAST(@offsetMs AS INTEGER)) / 86400000 AS day, total(amount) AS amount, unit FROM spend
    WHERE provider = @provider AND spent_at >= @fromMs AND spent_at < @beforeMs AND unit <> '' GROUP BY day, unit ORDER BY day, unit`)
  return {
    days: ({ fromMs, beforeMs }, zoneOffsetMinutes) =>
      onlineProviderIds
        .flatMap((provider) =>
          days
            .all({ provider, fromMs, beforeMs, offsetMs: zoneOffsetMinutes * 60_000 })
            .map(({ day, amount, unit }) => ({ day: dayName(day), provider, amount, unit })),
        )
        .toSorted((one, other) => (one.day < other.day ? -1 : one.day > other.day ? 1 : 0)),
    record: (job, cost, nowMs) => void insert.run(job.id, job.batchId, job.provider, cost.amount, cost.unit, nowMs),
    correct: (jobId, cost) => void correct.run(cost.amount, cost.unit, jobId),
    last: (provider) => last.get(provider) ?? null,
    since: (provider, sinceMs) => since.get(provider, sinceMs) ?? 0,
    ofBatch: (provider, batchId) => ofBatch.get(batchId, provider) ?? 0,
    inDoubt: (provider) => inDoubt.all(provider),
    ofJob: (jobId): SpentCost | null => {
      const { amount, unit } = ofJob.get(jobId) ?? { amount: 0, unit: null }
      // Without a unit, nobody knows what it cost.
      return unit === null || unit === '' ? null : { amount, unit }
    },
  }
}

export function createAccountStore(db: StoreConnection, unread: UnreadKeeper): AccountStore {
  const select = db.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck()
  const write = db.prepare<[string, string]>('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
  const remove = db.prepare<[string]>('DELETE FROM meta WHERE name = ?')
  const nameOf = (id: ProviderId) => `account ${id}`
  return {
    get: (id): KeptAccount | null => {
      const json = select.get(nameOf(id))
      if (json === undefined) return null
      const checked = accountSchema.safeParse(jsonIn(json))
      if (!checked.success) unread.report({ what: 'account', name: id, trouble: checked.error.message })
      return checked.data ?? null
    },
    keep: (id, account) => void write.run(nameOf(id), JSON.stringify(account)),
    forget: (id) => void remove.run(nameOf(id)),
  }
}
