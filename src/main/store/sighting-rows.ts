/** Rows of `sightings` to lines and back. */
import { failure } from '../../shared/failure.ts'
import { whySchema, type SightingState, type Why } from '../../shared/folders.ts'
import type { Line } from './ledger.ts'
import { jsonIn, type UnreadKeeper } from './unread.ts'

/** Stands in for a reason that cannot be read, and is never written. */
const unreadable = failure('internal', { because: 'reason-unreadable' })

export interface SightingRow {
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
export function createLineReader(unread: UnreadKeeper): (row: SightingRow) => Line {
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
  return (row) => lineFrom(row, whyOf(row))
}

function lineFrom(row: SightingRow, why: Why): Line {
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
export type SightingValues = [
  folder: number, dir: string, name: string, inode: string | null, bytes: number, mtimeMs: number, print: string | null, state: SightingState,
  why: string, version: number, attempts: number, dueAt: number | null, goneAt: number | null, seenAt: number, since: number,
] // prettier-ignore

/** @param why as it is stored, where it does not change. */
export function valuesOf(line: Line, why = JSON.stringify(line.why)): SightingValues {
  return [
    line.folderId, line.dir, line.name, line.inode, line.bytes, line.mtimeMs, line.print, line.state,
    why, line.version, line.attempts, whole(line.dueAtMs), whole(line.goneAtMs), Math.floor(line.seenAtMs), Math.floor(line.sinceMs),
  ] // prettier-ignore
}

function whole(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms)
}
