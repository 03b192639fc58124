/** The ledger of watched folders: a line for every file that was seen, and from each line to the jobs that came of it. */
import { failure, JobError } from '../../shared/failure.ts'
import { type SightingQuery, type SightingState, type Why, whySchema } from '../../shared/folders.ts'
import type { StoreConnection } from './connection.ts'
import { createKnownListings } from './known-listings.ts'
import { createInsert, whole } from './new-sightings.ts'
import type { Entry, Assignment, KnownListing, LedgerLine, NewLine, SightingStore } from './ledger.ts'
import { createStateSums } from './state-sums.ts'
import { jsonIn, type UnreadKeeper } from './unread.ts'

/** How many lines that look alike are compared before it counts as unknown. */
const maxAlike = 8

export function createSightings(db: StoreConnection, unread: UnreadKeeper): SightingStore {
  const one = db.prepare<[number], SightingRow>('SELECT * FROM sightings WHERE id = ?')
  const insert = createInsert(db)
  const listings = createKnownListings(db)
  const sums = createStateSums(db)
  const update = db.prepare<[...SightingValues, number]>(`
    UPDATE sightings SET folder_id = ?, dir = ?, name = ?, inode = ?, bytes = ?, mtime_ms = ?, print = ?, state = ?, why = ?, version = ?,
      attempts = ?, due_at = ?, gone_at = ?, seen_at = ?, since = ? WHERE id = ?`)
  const countDealtWith = db.prepare<[number, number, number, number]>(`
    UPDATE watched_folders SET lately_done = lately_done + ?, lately_left = lately_left + ?, lately_failed = lately_failed + ? WHERE id = ?`)
  const vacate = db.prepare<[number]>('UPDATE sightings SET gone_at = coalesce(gone_at, 0) WHERE id = ?')
  const inDir = db.prepare<[number, string], SightingRow>(
    'SELECT * FROM sightings WHERE folder_id = ? AND dir = ? AND gone_at IS NULL',
  )
  const at = db.prepare<[number, string, string], SightingRow>(
    'SELECT * FROM sightings WHERE folder_id = ? AND dir = ? AND name = ? AND gone_at IS NULL',
  )
  const lastAt = db.prepare<[number, string, string], SightingRow>(
    'SELECT * FROM sightings WHERE folder_id = ? AND name = ? AND dir = ? AND gone_at IS NOT NULL ORDER BY gone_at DESC, id DESC LIMIT 1',
  )
  const nextDir = db
    .prepare<[number, string], string>(
      'SELECT dir FROM sightings WHERE folder_id = ? AND dir > ? AND gone_at IS NULL ORDER BY dir LIMIT 1',
    )
    .pluck()
  const withInode = db.prepare<[number, string], SightingRow>(
    `SELECT * FROM sightings WHERE folder_id = ? AND inode = ? ORDER BY id DESC LIMIT ${maxAlike}`,
  )
  const withAge = db.prepare<[number, number, number], SightingRow>(
    `SELECT * FROM sightings WHERE folder_id = ? AND mtime_ms = ? AND bytes = ? ORDER BY id DESC LIMIT ${maxAlike}`,
  )
  const goneNamed = db.prepare<[number, string, number], SightingRow>(
    `SELECT * FROM sightings WHERE folder_id = ? AND name = ? AND bytes = ? AND gone_at IS NOT NULL ORDER BY id DESC LIMIT ${maxAlike}`,
  )
  const inState = db.prepare<[number, string, number, number], SightingRow>(
    'SELECT * FROM sightings WHERE folder_id = ? AND state = ? AND gone_at IS NULL AND id > ? ORDER BY id LIMIT ?',
  )
  const adopt = db.prepare<[number, number]>('UPDATE sightings SET version = ? WHERE folder_id = ?')
  const page = db.prepare<[PageKey & { folder: number; states: string; text: string; limit: number }], SightingRow>(`
    SELECT * FROM sightings WHERE folder_id = @folder AND (since, state, id) < (@since, @state, @id)
      AND (@states = '[]' OR state IN (SELECT value FROM json_each(@states)))
      AND (@text = '' OR instr(lower(dir || '/' || name), @text) > 0)
    ORDER BY since DESC, state DESC, id DESC LIMIT @limit`)
  const prune = db.prepare<[number, number]>(
    'DELETE FROM sightings WHERE id IN (SELECT id FROM sightings WHERE gone_at < ? LIMIT ?)',
  )

  const lineFrom = createLineReader(unread)
  const read = (row: SightingRow | undefined): LedgerLine | null => (row === undefined ? null : lineFrom(row))
  const known = (id: number): Before => {
    const row = one.get(id)
    if (row === undefined) throw new JobError('not-found', { because: 'ledger-line', id: String(id) })
    return { line: lineFrom(row), why: row.why }
  }
  const write = db.transaction((entries: readonly Entry[], nowMs: number, listed: readonly KnownListing[] = []) => {
    const written = writeLines(entries, nowMs)
    for (const listing of listed) listings.put(listing)
    return written
  })
  const writeLines = (entries: readonly Entry[], nowMs: number): readonly LedgerLine[] => {
    const touched = new Map<string, LedgerLine | NewLine>()
    const touch = (line: LedgerLine | NewLine) => touched.set(`${line.folderId} ${line.dir}`, line)
    const before = new Map(entries.flatMap(({ id }) => (id === null ? [] : [[id, known(id)] as const])))
    // The place that one line leaves may be taken by another: all that move vacate first.
    for (const { id } of entries.filter(vacates)) vacate.run(id)
    const fresh = insert(
      entries.flatMap((entry) => (entry.id === null ? [entry.line] : [])),
      nowMs,
    ).values()
    const written = entries.map((entry) => {
      if (entry.id === null) {
        const { value: line } = fresh.next()
        if (line === undefined) throw new Error('a line that was just written is missing')
        touch(line)
        sums.written(null, line)
        return line
      }
      const { line: old, why: stored } = before.get(entry.id) ?? known(entry.id)
      touch(old)
      const moved = entry.change.state !== undefined && entry.change.state !== old.state
      const line = { ...old, ...entry.change, sinceMs: moved ? nowMs : old.sinceMs }
      const why = entry.change.why === undefined ? stored : JSON.stringify(line.why)
      update.run(...valuesOf(line, why), line.id)
      before.set(line.id, { line, why })
      touch(line)
      sums.written(old, line)
      if (isDealtWith(old, line)) countDealtWith.run(...endOf(line), line.folderId)
      return line
    })
    for (const { folderId, dir } of touched.values()) listings.forget(folderId, dir)
    return written
  }
  const lines = (rows: readonly SightingRow[]) => rows.map(lineFrom)
  const assignments = createAssignments(db, (ids, why: Why, nowMs) =>
    write(
      ids.map((id) => ({ id, change: { state: 'queued', why, dueAtMs: null } })),
      nowMs,
    ),
  )
  /** What fails is taken back, whatever of it was counted. */
  const orCountAnew =
    <A extends readonly unknown[], T>(work: (...given: A) => T) =>
    (...given: A): T => {
      try {
        return work(...given)
      } catch (error) {
        sums.forget()
        throw error
      }
    }

  return {
    get: (id) => read(one.get(id)),
    inDir: (folderId, dir) => lines(inDir.all(folderId, dir)),
    at: (folderId, dir, name) => read(at.get(folderId, dir, name)),
    lastAt: (folderId, dir, name) => read(lastAt.get(folderId, name, dir)),
    dirs: (folderId) => {
      const dirs = inDir.get(folderId, '') === undefined ? [] : ['']
      for (let dir = nextDir.get(folderId, ''); dir !== undefined; dir = nextDir.get(folderId, dir)) dirs.push(dir)
      return dirs
    },
    withInode: (folderId, inode) => lines(withInode.all(folderId, inode)),
    withAge: (folderId, bytes, mtimeMs) => lines(withAge.all(folderId, mtimeMs, bytes)),
    goneNamed: (folderId, name, bytes) => lines(goneNamed.all(folderId, name, bytes)),
    inState: (folderId, state, afterId, limit) => lines(inState.all(folderId, state, afterId, limit)),
    write: orCountAnew(write),
    digestOf: listings.digestOf,
    adopt: (folderId, version) => void adopt.run(version, folderId),
    ...assignments,
    assign: orCountAnew(assignments.assign),
    counts: sums.counts,
    since: sums.since,
    page: ({ folderId, states, text }: SightingQuery, after, limit) => {
      const rows = page.all({
        ...keyFrom(after),
        folder: folderId,
        states: JSON.stringify(states),
        text: text.toLowerCase(),
        limit: limit + 1,
      })
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return { lines: lines(rows.slice(0, limit)), next: last === undefined ? null : `${last.since} ${last.state} ${last.id}` }
    },
    prune: (goneBeforeMs, limit) => {
      sums.forget()
      return prune.run(Math.floor(goneBeforeMs), limit).changes
    },
  }
}

/** What was left alone without ever being enqueued, as Beside's own results are, is nothing that anybody waits for. */
function isDealtWith(before: LedgerLine, { state }: LedgerLine): boolean {
  const wasEnqueued = before.state === 'queued' || before.state === 'failed'
  return wasEnqueued && (state === 'done' || state === 'left' || state === 'quarantined')
}

/** One of done, left, given up. */
function endOf({ state }: LedgerLine): [number, number, number] {
  return [Number(state === 'done'), Number(state === 'left'), Number(state === 'quarantined')]
}

interface Before {
  readonly line: LedgerLine
  /** As it is stored. */
  readonly why: string
}

function vacates(entry: Entry): entry is Extract<Entry, { id: number }> {
  if (entry.id === null) return false
  const { dir, name, goneAtMs } = entry.change
  return dir !== undefined || name !== undefined || (goneAtMs ?? null) !== null
}

interface PageKey {
  readonly since: number
  readonly state: string
  readonly id: number
}

const beginning: PageKey = { since: Number.MAX_SAFE_INTEGER, state: '', id: 0 }

function keyFrom(cursor: string | null): PageKey {
  if (cursor === null) return beginning
  const [since = '', state = '', id = ''] = cursor.split(' ')
  if (!/^\d+$/.test(since) || !/^\d+$/.test(id)) throw new JobError('usage', { because: 'bad-cursor', value: cursor })
  return { since: Number(since), state, id: Number(id) }
}

/** Stands in for a reason that cannot be read, and is never written. */
const unreadable = failure('internal', { because: 'reason-unreadable' })

interface SightingRow {
  readonly id: number
  readonly folder_id: number
  readonly dir: string
  readonly name: string
  readonly inode: string | null
  readonly bytes: number
  readonly mtime_ms: number
  readonly print: string | null
  readonly state: SightingState
  readonly why: string
  readonly version: number
  readonly attempts: number
  readonly due_at: number | null
  readonly gone_at: number | null
  readonly seen_at: number
  readonly since: number
}

/** Most lines of a folder stand where they stand for the same reasons. */
const maxRemembered = 1000

/** Reads rows, and what of a reason cannot be read is reported. */
function createLineReader(unread: UnreadKeeper): (row: SightingRow) => LedgerLine {
  const whys = new Map<string, Why>()
  const whyOf = ({ id, why: json }: SightingRow): Why => {
    const known = whys.get(json)
    if (known !== undefined) return known
    const checked = whySchema.safeParse(jsonIn(json))
    if (!checked.success) {
      unread.report({ what: 'sighting', name: String(id), trouble: checked.error.message })
      return unreadable
    }
    if (whys.size >= maxRemembered) whys.clear()
    whys.set(json, checked.data)
    return checked.data
  }
  return (row) => lineOf(row, whyOf(row))
}

function lineOf(row: SightingRow, why: Why): LedgerLine {
  return {
    id: row.id,
    folderId: row.folder_id,
    dir: row.dir,
    name: row.name,
    inode: row.inode,
    bytes: row.bytes,
    mtimeMs: row.mtime_ms,
    print: row.print,
    state: row.state,
    why,
    version: row.version,
    attempts: row.attempts,
    dueAtMs: row.due_at,
    goneAtMs: row.gone_at,
    seenAtMs: row.seen_at,
    sinceMs: row.since,
  }
}

/** In the order of the columns, without the id: ten thousands of them are written at once. */
type SightingValues = [
  folder: number, dir: string, name: string, inode: string | null, bytes: number, mtimeMs: number, print: string | null, state: SightingState,
  why: string, version: number, attempts: number, dueAt: number | null, goneAt: number | null, seenAt: number, since: number,
] // prettier-ignore

/** @param why as it is stored. */
function valuesOf(line: LedgerLine, why: string): SightingValues {
  return [
    line.folderId, line.dir, line.name, line.inode, line.bytes, line.mtimeMs, line.print, line.state,
    why, line.version, line.attempts, whole(line.dueAtMs), whole(line.goneAtMs), Math.floor(line.seenAtMs), Math.floor(line.sinceMs),
  ] // prettier-ignore
}

type Assignments = Pick<
  SightingStore,
  'assign' | 'complete' | 'refuse' | 'unassign' | 'openAssignments' | 'assignmentsOf' | 'assignmentsOfJob' | 'dropAssignments'
>

const columns = 'sighting_id AS sightingId, output, batch_id AS batchId, job_id AS jobId'

/** @param queued makes lines queued, within the transaction. */
function createAssignments(
  db: StoreConnection,
  queued: (ids: readonly number[], why: Why, nowMs: number) => readonly LedgerLine[],
): Assignments {
  const put = db.prepare<[number, number, number]>(
    'INSERT INTO sighting_jobs VALUES (?, ?, ?, NULL) ON CONFLICT DO UPDATE SET batch_id = excluded.batch_id, job_id = NULL',
  )
  const setJob = db.prepare<[number, number, number]>('UPDATE sighting_jobs SET job_id = ? WHERE sighting_id = ? AND output = ?')
  const open = db.prepare<[number], Assignment>(`
    SELECT ${columns} FROM sighting_jobs WHERE job_id IS NULL AND batch_id > 0
      AND EXISTS (SELECT 1 FROM sightings WHERE sightings.id = sighting_id AND folder_id = ?)`)
  const ofSighting = db.prepare<[number], Assignment>(
    `SELECT ${columns} FROM sighting_jobs WHERE sighting_id = ? ORDER BY output`,
  )
  const ofJob = db.prepare<[number], Assignment>(`SELECT ${columns} FROM sighting_jobs WHERE job_id = ?`)
  const removeOne = db.prepare<[number, number]>('DELETE FROM sighting_jobs WHERE sighting_id = ? AND output = ?')
  const remove = db.prepare<[number]>('DELETE FROM sighting_jobs WHERE sighting_id = ?')

  return {
    assign: db.transaction((ids: readonly number[], batches: Parameters<SightingStore['assign']>[1], why: Why, nowMs: number) => {
      for (const id of ids) for (const { output, batchId } of batches) put.run(id, output, batchId)
      return queued(ids, why, nowMs)
    }),
    complete: db.transaction((rows: readonly { sightingId: number; output: number; jobId: number }[]) => {
      for (const { sightingId, output, jobId } of rows) setJob.run(jobId, sightingId, output)
    }),
    refuse: (sightingId, output) => void put.run(sightingId, output, 0),
    unassign: (sightingId, output) => void removeOne.run(sightingId, output),
    openAssignments: (folderId) => open.all(folderId),
    assignmentsOf: (sightingId) => ofSighting.all(sightingId),
    assignmentsOfJob: (jobId) => ofJob.all(jobId),
    dropAssignments: (sightingId) => void remove.run(sightingId),
  }
}
