/** Rows of `sightings` to lines and back. */
import type { SightingState, Why } from '../../shared/folders.ts'
import type { Line } from './ledger.ts'

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

export function lineFrom(row: SightingRow): Line {
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
    why: JSON.parse(row.why) as Why,
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

export function valuesOf(line: Line): SightingValues {
  return [
    line.folderId, line.dir, line.name, line.inode, line.bytes, line.mtimeMs, line.print, line.state,
    JSON.stringify(line.why), line.version, line.attempts, whole(line.dueAtMs), whole(line.goneAtMs), Math.floor(line.seenAtMs), Math.floor(line.sinceMs),
  ] // prettier-ignore
}

function whole(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms)
}
