/** The ledger of watched folders: a line for every file that was seen. */
import { sightingStates, type SightingQuery, type SightingState, type Why } from '../../shared/folders.ts'
import { JobError } from '../../shared/failure.ts'
import type { Connection } from './connection.ts'
import type { Entry, Line, SightingStore } from './ledger.ts'
import { createHands } from './sighting-hands.ts'
import { createLineReader, valuesOf, type SightingRow, type SightingValues } from './sighting-rows.ts'
import type { UnreadKeeper } from './unread.ts'

/** How many lines of the same look are compared before it counts as unknown. */
const mostAlike = 8

export function createSightings(db: Connection, unread: UnreadKeeper): SightingStore {
  const one = db.prepare<[number], SightingRow>('SELECT * FROM sightings WHERE id = ?')
  const insert = db.prepare<SightingValues>(`
    INSERT INTO sightings (folder_id, dir, name, inode, bytes, mtime_ms, print, state, why, version, attempts, due_at, gone_at, seen_at, since)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const update = db.prepare<[...SightingValues, number]>(`
    UPDATE sightings SET folder_id = ?, dir = ?, name = ?, inode = ?, bytes = ?, mtime_ms = ?, print = ?, state = ?, why = ?, version = ?,
      attempts = ?, due_at = ?, gone_at = ?, seen_at = ?, since = ? WHERE id = ?`)
  const leave = db.prepare<[number]>('UPDATE sightings SET gone_at = coalesce(gone_at, 0) WHERE id = ?')
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
    `SELECT * FROM sightings WHERE folder_id = ? AND inode = ? ORDER BY id DESC LIMIT ${mostAlike}`,
  )
  const withAge = db.prepare<[number, number, number], SightingRow>(
    `SELECT * FROM sightings WHERE folder_id = ? AND mtime_ms = ? AND bytes = ? ORDER BY id DESC LIMIT ${mostAlike}`,
  )
  const goneNamed = db.prepare<[number, string, number], SightingRow>(
    `SELECT * FROM sightings WHERE folder_id = ? AND name = ? AND bytes = ? AND gone_at IS NOT NULL ORDER BY id DESC LIMIT ${mostAlike}`,
  )
  const inState = db.prepare<[number, string, number, number], SightingRow>(
    'SELECT * FROM sightings WHERE folder_id = ? AND state = ? AND gone_at IS NULL AND id > ? ORDER BY id LIMIT ?',
  )
  const adopt = db.prepare<[number, number]>('UPDATE sightings SET version = ? WHERE folder_id = ?')
  const counts = db.prepare<[number], { state: SightingState; files: number }>(
    'SELECT state, count(*) AS files FROM sightings WHERE folder_id = ? AND gone_at IS NULL GROUP BY state',
  )
  // One walk along the index, which grouping would sort first.
  const countsSince = db.prepare<[number, number], Record<SightingState, number>>(
    `SELECT ${sightingStates.map((state) => `count(*) FILTER (WHERE state = '${state}') AS ${state}`).join(', ')}
    FROM sightings WHERE folder_id = ? AND since >= ?`,
  )
  const page = db.prepare<[PageKey & { folder: number; states: string; text: string; limit: number }], SightingRow>(`
    SELECT * FROM sightings WHERE folder_id = @folder AND (since, state, id) < (@since, @state, @id)
      AND (@states = '[]' OR state IN (SELECT value FROM json_each(@states)))
      AND (@text = '' OR instr(lower(dir || '/' || name), @text) > 0)
    ORDER BY since DESC, state DESC, id DESC LIMIT @limit`)
  const prune = db.prepare<[number, number]>(
    'DELETE FROM sightings WHERE id IN (SELECT id FROM sightings WHERE gone_at < ? LIMIT ?)',
  )

  const lineFrom = createLineReader(unread)
  const read = (row: SightingRow | undefined): Line | null => (row === undefined ? null : lineFrom(row))
  const known = (id: number): Before => {
    const row = one.get(id)
    if (row === undefined) throw new JobError('not-found', { because: 'ledger-line', id: String(id) })
    return { line: lineFrom(row), why: row.why }
  }
  const write = db.transaction((entries: readonly Entry[], nowMs: number): readonly Line[] => {
    const before = new Map(entries.flatMap(({ id }) => (id === null ? [] : [[id, known(id)] as const])))
    // The place that one line leaves may be taken by another: all that move leave first.
    for (const { id } of entries.filter(leavesItsPlace)) leave.run(id)
    return entries.map((entry) => {
      if (entry.id === null) {
        const line: Line = { ...entry.line, id: 0, seenAtMs: nowMs, sinceMs: nowMs }
        return { ...line, id: Number(insert.run(...valuesOf(line)).lastInsertRowid) }
      }
      const { line: old, why: stored } = before.get(entry.id) ?? known(entry.id)
      const moved = entry.change.state !== undefined && entry.change.state !== old.state
      const line = { ...old, ...entry.change, sinceMs: moved ? nowMs : old.sinceMs }
      const why = entry.change.why === undefined ? stored : JSON.stringify(line.why)
      update.run(...valuesOf(line, why), line.id)
      before.set(line.id, { line, why })
      return line
    })
  })
  const lines = (rows: readonly SightingRow[]) => rows.map(lineFrom)

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
    write,
    adopt: (folderId, version) => void adopt.run(version, folderId),
    ...createHands(db, (ids, why: Why, nowMs) =>
      write(
        ids.map((id) => ({ id, change: { state: 'queued', why, dueAtMs: null } })),
        nowMs,
      ),
    ),
    counts: (folderId) => stateCounts(counts.all(folderId)),
    since: (folderId, sinceMs) => countsSince.get(folderId, sinceMs) ?? stateCounts([]),
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
    prune: (goneBeforeMs, limit) => prune.run(Math.floor(goneBeforeMs), limit).changes,
  }
}

interface Before {
  readonly line: Line
  /** As it is stored. */
  readonly why: string
}

function leavesItsPlace(entry: Entry): entry is Extract<Entry, { id: number }> {
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
  if (!/^\d+$/.test(since) || !/^\d+$/.test(id)) throw new JobError('usage', { reason: `“${cursor}” is no place in a list.` })
  return { since: Number(since), state, id: Number(id) }
}

function stateCounts(found: readonly { readonly state: SightingState; readonly files: number }[]): Record<SightingState, number> {
  const byState = new Map(found.map(({ state, files }) => [state, files]))
  return Object.fromEntries(sightingStates.map((state) => [state, byState.get(state) ?? 0])) as Record<SightingState, number>
}
