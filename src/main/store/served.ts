/**
 * Keys of those whom Beside converts for over HTTP, and their jobs. A quota is lowered in the transaction that notes the job which it pays for, and
 * given back in the one that takes the job away, so that no crash counts one twice or not at all.
 */
import { failure } from '../../shared/failure.ts'
import { apiKeySchema, servedFailuresSchema, type ApiKey, type NewApiKey, type ServedFailure } from '../../shared/served.ts'
import type { StoreConnection } from './connection.ts'
import { jsonIn, type UnreadKeeper } from './unread.ts'

export interface KeptApiKey extends ApiKey {
  readonly id: number
}

/** A job before it is in the queue. */
export interface NewServedJob {
  /** 32 hexadecimal digits that nobody can guess. */
  readonly id: string
  readonly keyId: number
  readonly batchId: number
  /** Each is a conversion of the quota. */
  readonly files: number
  readonly pair: string
  /** Milliseconds that it is kept after its end. */
  readonly keptMs: number
  /** The process whose client waits for it within one request; null: it is asked about later. */
  readonly askedBy: string | null
}

export interface KeptServedJob extends NewServedJob {
  /** All of it is in the queue. */
  readonly accepted: boolean
  readonly endedAtMs: number | null
  readonly failures: readonly ServedFailure[]
}

export interface ServedStore {
  /** False where a key of that name, or the very key, is there already. */
  addKey(key: NewApiKey, hash: string, nowMs: number): boolean
  keys(): readonly KeptApiKey[]
  keyByHash(hash: string): KeptApiKey | null
  /** From now on nobody has it; it stays for the sake of its jobs. */
  closeKey(id: number): void
  /** Its jobs have to be gone before. */
  removeKey(id: number): void
  /** Lowers the quota and notes the job. What is left then (null: no bound), or, with nothing changed, that it is not enough. */
  take(job: NewServedJob, nowMs: number): { readonly left: number | null } | { readonly lacking: number }
  accept(id: string): void
  end(id: string, failures: readonly ServedFailure[], nowMs: number): void
  job(id: string): KeptServedJob | null
  /** All of them: there are no more than what is sent in a few days. */
  jobs(): readonly KeptServedJob[]
  jobsOf(keyId: number): readonly KeptServedJob[]
  /** @param refund what it took of the quota is given back. */
  remove(id: string, refund: 'refund' | 'paid'): void
}

interface KeyRow {
  readonly id: number
  readonly name: string
  readonly quota_left: number | null
  readonly pairs: string | null
  readonly choice: string
  readonly created_at: number
}

interface JobRow {
  readonly id: string
  readonly key_id: number
  readonly batch_id: number
  readonly files: number
  readonly pair: string
  readonly kept_ms: number
  readonly asked_by: string | null
  readonly accepted: number
  readonly ended_at: number | null
  readonly failures: string | null
}

export function createServedStore(db: StoreConnection, unread: UnreadKeeper): ServedStore {
  const insertKey = db.prepare<[string, string, number | null, string | null, string, number]>(
    'INSERT INTO api_keys (name, hash, quota_left, pairs, choice, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const keys = db.prepare<[], KeyRow>('SELECT * FROM api_keys ORDER BY name')
  const byHash = db.prepare<[string], KeyRow>('SELECT * FROM api_keys WHERE hash = ?')
  const quotaLeft = db.prepare<[number], number | null>('SELECT quota_left FROM api_keys WHERE id = ?').pluck()
  const lower = db.prepare<[number, number]>('UPDATE api_keys SET quota_left = quota_left - ? WHERE id = ?')
  const close = db.prepare<[number]>(`UPDATE api_keys SET hash = 'closed ' || id WHERE id = ?`)
  const deleteKey = db.prepare<[number]>('DELETE FROM api_keys WHERE id = ?')
  const insert = db.prepare(
    `INSERT INTO served_jobs (id, key_id, batch_id, files, pair, kept_ms, asked_by, accepted, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)`,
  )
  const accept = db.prepare<[string]>('UPDATE served_jobs SET accepted = 1 WHERE id = ?')
  const end = db.prepare<[number, string | null, string]>(
    'UPDATE served_jobs SET ended_at = ?, failures = ? WHERE id = ? AND ended_at IS NULL',
  )
  const one = db.prepare<[string], JobRow>('SELECT * FROM served_jobs WHERE id = ?')
  const all = db.prepare<[], JobRow>('SELECT * FROM served_jobs')
  const ofKey = db.prepare<[number], JobRow>('SELECT * FROM served_jobs WHERE key_id = ?')
  const remove = db.prepare<[string]>('DELETE FROM served_jobs WHERE id = ?')

  const readKey = ({ id, name, quota_left: left, created_at: createdAtMs, ...row }: KeyRow): KeptApiKey => {
    const pairs = row.pairs === null ? null : jsonIn(row.pairs)
    const parsed = apiKeySchema.safeParse({ name, left, createdAtMs, pairs, with: row.choice })
    if (parsed.success) return { ...parsed.data, id }
    unread.report({ what: 'api-key', name, trouble: parsed.error.message })
    return { id, name, left, createdAtMs, pairs: [], with: 'local' }
  }
  const readFailures = (id: string, text: string | null): readonly ServedFailure[] => {
    if (text === null) return []
    const parsed = servedFailuresSchema.safeParse(jsonIn(text))
    if (parsed.success) return parsed.data
    unread.report({ what: 'served-job', name: id, trouble: parsed.error.message })
    return [{ file: '', why: failure('internal', { because: 'reason-unreadable' }) }]
  }
  const readJob = (row: JobRow): KeptServedJob => ({
    id: row.id,
    keyId: row.key_id,
    batchId: row.batch_id,
    files: row.files,
    pair: row.pair,
    keptMs: row.kept_ms,
    askedBy: row.asked_by,
    accepted: row.accepted === 1,
    endedAtMs: row.ended_at,
    failures: readFailures(row.id, row.failures),
  })

  return {
    addKey: (key, hash, nowMs) =>
      insertKey.run(key.name, hash, key.quota, key.pairs === null ? null : JSON.stringify(key.pairs), key.with, Math.floor(nowMs))
        .changes > 0,
    keys: () => keys.all().map(readKey),
    keyByHash: (hash) => {
      const row = byHash.get(hash)
      return row === undefined ? null : readKey(row)
    },
    closeKey: (id) => void close.run(id),
    removeKey: (id) => void deleteKey.run(id),
    take: db.transaction((job: NewServedJob, nowMs: number) => {
      const before = quotaLeft.get(job.keyId) ?? null
      if (before !== null && before < job.files) return { lacking: job.files - before }
      lower.run(job.files, job.keyId)
      insert.run(job.id, job.keyId, job.batchId, job.files, job.pair, job.keptMs, job.askedBy, Math.floor(nowMs))
      return { left: before === null ? null : before - job.files }
    }),
    accept: (id) => void accept.run(id),
    end: (id, failures, nowMs) => void end.run(Math.floor(nowMs), failures.length === 0 ? null : JSON.stringify(failures), id),
    job: (id) => {
      const row = one.get(id)
      return row === undefined ? null : readJob(row)
    },
    jobs: () => all.all().map(readJob),
    jobsOf: (keyId) => ofKey.all(keyId).map(readJob),
    remove: db.transaction((id: string, refund: 'refund' | 'paid') => {
      const row = one.get(id)
      if (row === undefined) return
      if (refund === 'refund') lower.run(-row.files, row.key_id)
      remove.run(id)
    }),
  }
}
