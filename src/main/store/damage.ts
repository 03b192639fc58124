/**
 * Is the file that a start finds what it should be? Damaged is what SQLite cannot read; such a file is set aside, never deleted.
 *
 * Reading everything takes seconds on a large file, and a killed process damages nothing (that is what the log is for). So a
 * clean stop costs a look at the header; a stop that was not clean has all of a small file read, and a large one's header; and
 * where reading found damage while Beside ran, a mark is left and the next start reads everything, however long it takes.
 */
import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { openReadOnly, type Connection } from './connection.ts'
import { beside, companions } from './file-names.ts'
import { refuseNewer, versionOf } from './migrate.ts'
import { inBesidesTerms, isDamage } from './trouble.ts'

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
  const header = headerOf(path)
  if (header === null) return 'the file is not a database'
  if (isClean) {
    refuseNewer(header.version, newest, path)
    if (bytes < header.bytes) return `the file ends early: ${bytes} bytes of ${header.bytes}`
  }
  const readAll = existsSync(markOf(path)) || (!isClean && bytes <= smallBytes)
  if (isClean && !readAll) return null
  try {
    return damageInside(path, newest, readAll ? firstTrouble : () => null)
  } catch (error) {
    const meant = inBesidesTerms(error, path)
    if (isDamage(meant)) return error instanceof Error ? error.message : String(error)
    throw meant
  }
}

/** A look that needs SQLite: for what is in the log, or for every page. */
function damageInside(path: string, newest: number, look: (db: Connection) => string | null): string | null {
  const hadIndex = existsSync(`${path}-shm`)
  const db = openReadOnly(path)
  try {
    refuseNewer(versionOf(db), newest, path)
    return look(db)
  } finally {
    db.close()
    // SQLite leaves behind what it made for the look; Beside itself works without (see connection.ts).
    if (!hadIndex) rmSync(`${path}-shm`, { force: true })
    if (sizeOf(`${path}-wal`) === 0) rmSync(`${path}-wal`, { force: true })
  }
}

function firstTrouble(db: Connection): string | null {
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

interface Header {
  readonly version: number
  /** What the file should measure at least. */
  readonly bytes: number
}

/** The first 100 bytes of every SQLite file: the page size at 16 (1 means 65536), the number of pages at 28, user_version at 60. */
function headerOf(path: string): Header | null {
  const header = Buffer.alloc(100)
  const file = openSync(path, 'r')
  try {
    if (readSync(file, header, 0, 100, 0) < 100 || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') return null
  } finally {
    closeSync(file)
  }
  const pageBytes = header.readUInt16BE(16)
  return { version: header.readInt32BE(60), bytes: header.readUInt32BE(28) * (pageBytes === 1 ? 65_536 : pageBytes) }
}
