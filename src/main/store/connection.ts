/** The one place that loads SQLite, and how the database is opened: one writer, nothing lost at a power cut. */
import Database from 'better-sqlite3'
import { defineSortName } from './sort-name.ts'

export type Connection = Database.Database

/** For a look that changes nothing: neither the file nor its log is written, not even when it is closed. */
export function openReadOnly(path: string): Connection {
  return new Database(path, { readonly: true, fileMustExist: true, timeout: 0 })
}

/**
 * The exclusive lock is taken at once and held until `close`: it is what makes this process the only writer, the system frees it
 * when the process dies, and with it SQLite keeps its index of the log on its own heap, not in a shared file.
 */
export function openForWriting(path: string): Connection {
  const db = new Database(path, { timeout: 0 })
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.exec('BEGIN EXCLUSIVE; COMMIT')
    db.pragma('foreign_keys = ON')
    db.pragma('temp_store = MEMORY')
    db.pragma('cache_size = -65536')
    // 6 MiB of log: pages that many commits touch are copied back once, and the commit that copies them takes hardly longer than others.
    db.pragma('wal_autocheckpoint = 1500')
    defineSortName(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Leaves one file that is complete without its log. */
export function closeCleanly(db: Connection): void {
  if (!db.open) return
  try {
    db.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    db.close()
  }
}
