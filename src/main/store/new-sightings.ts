/**
 * New lines of the ledger, as many in a statement as have all but their file in common: the first scan of a folder brings a hundred
 * thousand of them, in which whatever each costs by itself is what the user waits for.
 */
import type { Statement } from 'better-sqlite3'
import type { StoreConnection } from './connection.ts'
import type { LedgerLine, NewLine } from './ledger.ts'

const inCommon = [
  'folder_id',
  'dir',
  'print',
  'state',
  'why',
  'version',
  'attempts',
  'due_at',
  'gone_at',
  'seen_at',
  'since',
] as const
const ofEach = ['name', 'inode', 'bytes', 'mtime_ms'] as const
/** There is a statement for so many lines, for half of them, and so on down to one. */
const maxRows = 64

/** Within a transaction. Answers the lines in the order given. */
export function createInsert(db: StoreConnection): (lines: readonly NewLine[], nowMs: number) => readonly LedgerLine[] {
  const statements = new Map<number, Statement>()
  const statementFor = (rows: number) => {
    const known = statements.get(rows)
    if (known !== undefined) return known
    const fresh = db.prepare(`
      INSERT INTO sightings (${inCommon.join(', ')}, ${ofEach.join(', ')})
      SELECT alike.*, each.* FROM (SELECT ${inCommon.map((column) => `? AS ${column}`).join(', ')}) AS alike
        CROSS JOIN (VALUES ${Array.from({ length: rows }, () => '(?, ?, ?, ?)').join(', ')}) AS each`)
    statements.set(rows, fresh)
    return fresh
  }
  return (lines, nowMs) => {
    const inserted: LedgerLine[] = []
    for (let start = 0; start < lines.length;) {
      const first = lines[start]
      if (first === undefined) break
      let rows = 1
      while (rows * 2 <= Math.min(maxRows, lines.length - start) && areAlike(lines, start, rows * 2)) rows *= 2
      const some = lines.slice(start, start + rows)
      const values: unknown[] = [...commonOf(first, nowMs)]
      for (const { name, inode, bytes, mtimeMs } of some) values.push(name, inode, bytes, mtimeMs)
      const { lastInsertRowid } = statementFor(rows).run(values)
      // Nobody else writes meanwhile, so their numbers follow each other.
      const firstId = Number(lastInsertRowid) - rows + 1
      for (const [n, line] of some.entries()) inserted.push({ ...line, id: firstId + n, seenAtMs: nowMs, sinceMs: nowMs })
      start += rows
    }
    return inserted
  }
}

function areAlike(lines: readonly NewLine[], start: number, count: number): boolean {
  const one = lines[start]
  for (let at = start + 1; at < start + count; at += 1) {
    const other = lines[at]
    if (one === undefined || other === undefined) return false
    const isAlike =
      other.folderId === one.folderId &&
      other.dir === one.dir &&
      other.print === one.print &&
      other.state === one.state &&
      other.version === one.version &&
      other.attempts === one.attempts &&
      other.dueAtMs === one.dueAtMs &&
      other.goneAtMs === one.goneAtMs &&
      (other.why === one.why || JSON.stringify(other.why) === JSON.stringify(one.why))
    if (!isAlike) return false
  }
  return true
}

function commonOf(line: NewLine, nowMs: number): readonly unknown[] {
  const [whyText, atMs] = [JSON.stringify(line.why), Math.floor(nowMs)]
  const { folderId, dir, print, state, version, attempts, dueAtMs, goneAtMs } = line
  return [folderId, dir, print, state, whyText, version, attempts, whole(dueAtMs), whole(goneAtMs), atMs, atMs]
}

/** As the columns of times have it. */
export function whole(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms)
}
