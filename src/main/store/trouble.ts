/** What SQLite throws, in Beside's own terms. */
import Database from 'better-sqlite3'
import { JobError, type FailureCode } from '../../shared/failure.ts'

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
export function inBesidesTerms(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  const meaning = meanings.find(([prefix]) => error.code.startsWith(prefix))
  if (meaning === undefined) return error
  return new JobError(meaning[1], { path, reason: error.message }, { cause: error })
}

export function isDamage(error: unknown): boolean {
  return error instanceof JobError && error.failure.code === 'data-damaged'
}

/** The same functions; what they throw passes through `translated` first. */
export function guarded<T extends object>(functions: T, translated: (error: unknown) => unknown): T {
  const guard =
    (call: (...given: unknown[]) => unknown) =>
    (...given: unknown[]) => {
      try {
        return call(...given)
      } catch (error) {
        throw translated(error)
      }
    }
  return Object.fromEntries(Object.entries(functions).map(([name, call]) => [name, guard(call)])) as T
}
