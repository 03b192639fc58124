/**
 * The one place that loads SQLite: how the database is opened (one writer, nothing lost at a power cut), and what SQLite throws in the terms of
 * failures.
 */
import Database from 'better-sqlite3'
import { type FailureCode, JobError } from '../../shared/failure.ts'
import { defineSortName } from './words.ts'

export type StoreConnection = Database.Database

/** To read only: neither the file nor its log is written, not even when it is closed. */
export function openReadOnly(path: string): StoreConnection {
  return new Database(path, { readonly: true, fileMustExist: true, timeout: 0 })
}

/**
 * SQLite plans a statement anew with each value that is bound to what it compares, in case another index were better for that one: that costs ten
 * times what the statement does, for nothing, as there are no figures about the rows. Behind a `+`, which changes nothing, it does not look.
 */
export function unlooked(sql: string): string {
  return sql.replaceAll(/(?<![-|>])(<>|<=|>=|!=|[=<>])(\s*)(?=[?@])/g, '$1$2+')
}

function plannedOnce(db: StoreConnection): StoreConnection {
  const prepare = db.prepare.bind(db)
  return Object.assign(db, { prepare: (sql: string) => prepare(unlooked(sql)) })
}

/**
 * The exclusive lock is taken at once and held until `close`: it is what makes this process the only writer, the system frees it
 * when the process dies, and with it SQLite keeps its index of the log on its own heap, not in a shared file.
 */
export function openForWriting(path: string): StoreConnection {
  const db = plannedOnce(new Database(path, { timeout: 0 }))
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

/**
 * Runs a transaction that is not waited for: a killed process loses nothing of it, a power cut may take it back, and the next transaction that
 * is waited for keeps it as well. The disk is what a commit costs most.
 */
export function withoutWaiting<T>(db: StoreConnection, work: () => T): T {
  db.exec('PRAGMA synchronous = NORMAL')
  try {
    return work()
  } finally {
    db.exec('PRAGMA synchronous = FULL')
  }
}

/** Leaves one file that is complete without its log. */
export function closeCleanly(db: StoreConnection): void {
  if (!db.open) return
  try {
    db.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    db.close()
  }
}

const meanings: readonly (readonly [prefix: string, code: FailureCode])[] = [
  ['SQLITE_BUSY', 'data-busy'],
  ['SQLITE_CORRUPT', 'data-damaged'],
  ['SQLITE_NOTADB', 'data-damaged'],
  ['SQLITE_FULL', 'disk-full'],
  ['SQLITE_IOERR_SHMSIZE', 'disk-full'],
  ['SQLITE_READONLY', 'folder-read-only'],
  ['SQLITE_CANTOPEN', 'folder-read-only'],
  ['SQLITE_PERM', 'folder-read-only'],
]

/** The same error where it has no meaning of its own for a person. */
export function translated(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  const meaning = meanings.find(([prefix]) => error.code.startsWith(prefix))
  if (meaning === undefined) return error
  return new JobError(meaning[1], { path, reason: error.message }, { cause: error })
}

export function isDamage(error: unknown): boolean {
  return error instanceof JobError && error.failure.code === 'data-damaged'
}

/** The same functions; what they throw passes through `onError` first. */
export function guarded<T extends object>(functions: T, onError: (error: unknown) => unknown): T {
  const guard =
    (call: (...given: unknown[]) => unknown) =>
    (...given: unknown[]) => {
      try {
        return call(...given)
      } catch (error) {
        throw onError(error)
      }
    }
  return Object.fromEntries(Object.entries(functions).map(([name, call]) => [name, guard(call)])) as T
}
