/** Brings a file up to this program's tables, and names what lies beside it. A file that holds something is copied first, and the copy is kept. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { JobError } from '../../shared/failure.ts'
import type { StoreConnection } from './connection.ts'

/** @throws JobError `data-newer` for a file that has seen more migrations than there are here; it stays as it is. */
export function migrate(db: StoreConnection, path: string, migrations: readonly string[], nowMs: number): void {
  const version = versionOf(db)
  refuseNewer(version, migrations.length, path)
  if (version === migrations.length) return
  if (version > 0) backUp(db, path, migrations.length, nowMs)
  for (const [index, change] of migrations.entries()) {
    if (index < version) continue
    db.transaction(() => {
      db.exec(change)
      db.pragma(`user_version = ${index + 1}`)
    })()
  }
}

export function versionOf(db: StoreConnection): number {
  return Number(db.pragma('user_version', { simple: true }))
}

export function refuseNewer(version: number, newest: number, path: string): void {
  if (version > newest) throw new JobError('data-newer', { path, because: 'newer-tables', version, known: newest })
}

/** Through the connection that holds the lock, so that what is still in the log is in the copy; whole under its name or not there. */
function backUp(db: StoreConnection, path: string, version: number, nowMs: number): void {
  const plain = beside(path, `before-v${version}`)
  const copy = existsSync(plain) ? beside(path, `before-v${version}`, nowMs) : plain
  const unfinished = `${copy}.unfinished`
  rmSync(unfinished, { force: true })
  db.prepare('VACUUM INTO ?').run(unfinished)
  const file = openSync(unfinished, 'r+')
  fsyncSync(file)
  closeSync(file)
  renameSync(unfinished, copy)
}

/** `beside.sqlite` and `damaged` to `beside.damaged-2026-11-21T06-38-00.123Z.sqlite`, or without the time where none is given. */
export function beside(path: string, word: string, atMs?: number): string {
  const time = atMs === undefined ? '' : `-${new Date(atMs).toISOString().replaceAll(':', '-')}`
  return path.replace(/\.sqlite$/, `.${word}${time}.sqlite`)
}

/** What SQLite keeps beside a database while it is open, and after a crash. */
export const companions = ['-wal', '-shm'] as const
