/** The jobs, put together from their parts, and drafts to rows. One call is one transaction. */
import { JobError } from '../../shared/failure.ts'
import { atStart, type Draft, type Job, type JobEvent, type JobState, type Phase, type ProviderId } from '../../shared/job.ts'
import { createClaims, createMoves, createOutputs } from './moves.ts'
import { withoutWaiting, type StoreConnection } from './connection.ts'
import type { HistoryRows } from './history-rows.ts'
import { createOrderChanges } from './order-changes.ts'
import type { Outbox } from './outbox.ts'
import { createPlaces, createPositions, createQueueOrder, type Positions } from './queue-order.ts'
import { jobColumns, type JobReader, type JobRow, type Plans, reasonText } from './rows.ts'
import { isLive } from './schema.ts'
import { createSelections } from './selections.ts'
import { createSiblings } from './siblings.ts'
import type { Added, JobStore } from './store.ts'
import type { TotalsKeeper } from './batches.ts'

interface JobParts {
  readonly plans: Plans
  readonly reader: JobReader
  readonly totals: TotalsKeeper
  readonly history: HistoryRows
  readonly outbox: Pick<Outbox, 'jobEnded'>
}

export function createJobs(db: StoreConnection, { plans, reader, totals, history, outbox }: JobParts): JobStore {
  const positions = createPositions(db)
  const outputs = createOutputs(db)
  const moves = createMoves(db, { reader, totals, history, outputs, outbox })
  const places = createPlaces(db)
  const apply = db.transaction((id: number, event: JobEvent) => moves.apply(id, event))
  const resetAttempts = db.prepare<[number]>('UPDATE jobs SET attempt = 1 WHERE id = ?')
  const inPhase = db.prepare<[Phase], JobRow>(`SELECT ${jobColumns} FROM jobs WHERE phase = ? ORDER BY precedence, position, id`)
  const setProvider = db.prepare<[ProviderId, string, string, number]>(
    'UPDATE jobs SET provider = ?, lane = ?, reason = ? WHERE id = ?',
  )
  // Apart, so that each is found by the index: jobs with the hash of the name, and those that had to do without one.
  const live = (name: string) =>
    `SELECT count(*) FROM jobs WHERE folder_hash = @folder AND name_hash ${name} AND ${isLive} AND source = @source AND id <> @except`
  const others = db
    .prepare<[{ folder: number; name: number; source: string; except: number }], number>(
      `SELECT (${live('= @name')}) + (${live('IS NULL')}) + (
        SELECT count(*) FROM further_sources CROSS JOIN jobs ON jobs.id = job_id
        WHERE further_sources.source = @source AND ${isLive} AND job_id <> @except)`,
    )
    .pluck()

  return {
    ...createAdding(db, plans, totals, positions),
    ...createClaims(db, reader, totals),
    ...createSiblings(db, reader, totals),
    ...createSelections(db, { reader, totals, moves, places }),
    ...createQueueOrder(db, reader, places, positions),
    ...createOrderChanges(db, { plans, reader, moves }),
    apply: (id, event, kept = 'now') => (kept === 'now' ? apply(id, event) : withoutWaiting(db, () => apply(id, event))),
    giveBack: db.transaction((id: number, event: JobEvent) => moves.giveBack(id, event)),
    resetAttempts: (id) => void resetAttempts.run(id),
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
    hasOutputsIn: (folder) => outputs.hasIn(folder),
  }
}

/** From `submit` on, someone may have been asked already. */
function mayChangeProvider({ state }: Job): boolean {
  return (state.phase === 'queued' || state.phase === 'running') && state.work.step === 'prepare'
}

type Adding = Pick<JobStore, 'add'>

/** How each begins: it is a text of the statement, since a hundred thousand at a time must cost little more than the bare rows. */
const fresh: JobState = { phase: 'queued', dueAtMs: 0, work: atStart, last: null }

export function createAdding(db: StoreConnection, plans: Plans, totals: TotalsKeeper, positions: Positions): Adding {
  const insert = db.prepare(`
    INSERT INTO jobs (batch_id, plan_id, source, folder_hash, name_hash, bytes, mtime_ms, from_format, preset, counter,
      phase, lane, due_at, precedence, position, provider, reason, attempt, created_at, repeats, siblings, output, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, 0, ?, ?, ?, ?, 0, ?, ?, ?, ?, '${JSON.stringify(fresh)}')
    ON CONFLICT (folder_hash, name_hash, plan_id) WHERE ${isLive} DO NOTHING`)
  const same = db
    .prepare<[number, number, number, string], number>(
      `SELECT id FROM jobs WHERE folder_hash = ? AND name_hash = ? AND plan_id = ? AND ${isLive} AND source = ?`,
    )
    .pluck()
  const batch = db.prepare<[number], number>('SELECT id FROM batches WHERE id = ?').pluck()

  const furtherSource = db.prepare<[string, number]>('INSERT INTO further_sources VALUES (?, ?) ON CONFLICT DO NOTHING')

  const newJob = (rowid: number | bigint, { others = [] }: Draft['order']): Added => {
    const id = Number(rowid)
    for (const { path } of others) furtherSource.run(path, id)
    return { id, joined: false }
  }
  const addOne = (batchId: number, draft: Draft, position: number, siblings: number | null, nowMs: number): Added => {
    const { order, lane, priority, provider, reason, repeats = null, sibling } = draft
    const { source: from } = order
    const [source, bytes, mtimeMs] = from.kind === 'file' ? [from.path, from.bytes, from.mtimeMs] : [from.url, null, null]
    const planId = plans.idOf(order)
    const row = (hash: SourceHash, name: number | null) =>
      insert.run(
        batchId, planId, source, hash.folder, name, bytes, mtimeMs, order.from, order.preset, order.counter,
        lane, -priority, position, provider, reasonText(reason), nowMs, repeats, siblings, sibling?.output ?? null,
      ) // prettier-ignore
    const hash = sourceHash(source)
    const added = row(hash, hash.name)
    if (added.changes > 0) return newJob(added.lastInsertRowid, order)
    const id = same.get(hash.folder, hash.name, planId, source)
    if (id !== undefined) return { id, joined: true }
    // Another source with the very same hashes: this one is queued without, it only cannot be joined.
    return newJob(row(hash, null).lastInsertRowid, order)
  }
  const add = db.transaction((batchId: number, drafts: readonly Draft[], nowMs: number): readonly Added[] => {
    if (batch.get(batchId) === undefined) throw new JobError('not-found', { because: 'batch', id: String(batchId) })
    const first = positions.take(drafts.length)
    let siblings = first
    const added = drafts.map((draft, index) => {
      // A position is given once in the life of a database.
      if (draft.sibling?.of !== drafts[index - 1]?.sibling?.of) siblings = first + index
      return addOne(batchId, draft, first + index, draft.sibling === undefined ? null : siblings, nowMs)
    })
    const rows = added.filter(({ joined }) => !joined).length
    if (rows > 0) totals.added(batchId, 'queued', rows)
    return added
  })
  return {
    add: (batchId, drafts, nowMs) => {
      try {
        return add(batchId, drafts, nowMs)
      } catch (error) {
        plans.forget()
        throw error
      }
    },
  }
}

/**
 * Two numbers for a source: one for the folder, one for the name in it. Fast, since a hundred thousand of them are made in a second,
 * and no proof of anything: whoever finds a row by them compares the source as well.
 */
interface SourceHash {
  /** 32 bits. */
  readonly folder: number
  /** 53 bits. */
  readonly name: number
}

export function sourceHash(source: string): SourceHash {
  const cut = Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\')) + 1
  return { folder: hashOf(source, 0, cut) | 0, name: hashOf(source, cut, source.length) }
}

/** Two multiplicative hashes of the characters, finished as in MurmurHash3, 53 bits of them. */
function hashOf(text: string, start: number, end: number): number {
  let one = 0xdeadbeef
  let two = 0x41c6ce57
  for (let index = start; index < end; index += 1) {
    const character = text.charCodeAt(index)
    one = Math.imul(one ^ character, 2654435761)
    two = Math.imul(two ^ character, 1597334677)
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909)
  two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909)
  return 2 ** 32 * (two & 0x1fffff) + (one >>> 0)
}
