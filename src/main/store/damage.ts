/**
 * Is the file that a start finds what it should be? Damaged is what SQLite cannot read; such a file is set aside, never deleted.
 *
 * Reading everything takes seconds on a large file, and a killed process damages nothing (that is what the log is for). So after
 * a clean stop only the header is read here; after one that was not clean all of a small file is, and what SQLite reads of a large
 * one by itself; and where damage showed while Beside ran, a mark is left and the next start reads everything, however long it takes.
 */
import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type StoreConnection, translated, isDamage, openReadOnly } from './connection.ts'
import { beside, companions, refuseNewer, versionOf } from './migrate.ts'

/** Read through in about a tenth of a second. */
const smallBytes = 32 * 1024 * 1024

/**
 * The reason why the file is not usable, or null. Nothing is written.
 * @throws JobError `data-newer` for the file of a newer Beside, `data-busy` where another process holds it.
 */
export function damageOf(path: string, newest: number): string | null {
  const bytes = sizeOf(path)
  const isClean = sizeOf(`${path}-wal`) === 0
  if (bytes === 0) return isClean ? null : 'the file is gone, its log is there'
  const version = versionInHeader(path)
  if (version === null) return 'the file is not a database'
  if (isClean) refuseNewer(version, newest, path)
  const readAll = existsSync(markOf(path)) || (!isClean && bytes <= smallBytes)
  if (isClean && !readAll) return null
  try {
    return damageInside(path, newest, readAll ? firstTrouble : () => null)
  } catch (error) {
    const meant = translated(error, path)
    if (isDamage(meant)) return error instanceof Error ? error.message : String(error)
    throw meant
  }
}

/** A check that needs SQLite: for what is in the log, or for every page. */
function damageInside(path: string, newest: number, check: (db: StoreConnection) => string | null): string | null {
  const hadIndex = existsSync(`${path}-shm`)
  const db = openReadOnly(path)
  try {
    refuseNewer(versionOf(db), newest, path)
    return check(db)
  } finally {
    db.close()
    // SQLite leaves behind what it made for the check. Nobody misses it: whoever writes has it on the heap (see connection.ts).
    if (!hadIndex) rmSync(`${path}-shm`, { force: true })
  }
}

function firstTrouble(db: StoreConnection): string | null {
  const found = String(db.pragma('quick_check(1)', { simple: true }))
  return found === 'ok' ? null : found
}

/** Renames the file and what SQLite keeps beside it. Answers the new name. */
export function setAside(path: string, nowMs: number): string {
  let atMs = nowMs
  while (existsSync(beside(path, 'damaged', atMs))) atMs += 1
  const aside = beside(path, 'damaged', atMs)
  for (const ending of ['', ...companions]) {
    if (existsSync(`${path}${ending}`)) renameSync(`${path}${ending}`, `${aside}${ending}`)
  }
  return aside
}

/** Has the next start read everything. */
export function markSuspect(path: string): void {
  writeFileSync(markOf(path), '')
}

export function clearSuspicion(path: string): void {
  rmSync(markOf(path), { force: true })
}

function markOf(path: string): string {
  return `${path}.suspect`
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** Null for what does not begin like an SQLite file. `user_version` stands at byte 60, as of the last time the log was folded in. */
function versionInHeader(path: string): number | null {
  const header = Buffer.alloc(100)
  const file = openSync(path, 'r')
  try {
    const isWhole = readSync(file, header, 0, 100, 0) === 100
    return isWhole && header.toString('latin1', 0, 16) === 'SQLite format 3\0' ? header.readInt32BE(60) : null
  } finally {
    closeSync(file)
  }
}
