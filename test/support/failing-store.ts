/** A store of which a test lets single calls fail: the disk of the data folder does not answer, a row is not what it should be. */
import type { Log } from '../../src/main/engine/ports.ts'
import type { Store } from '../../src/main/store/store.ts'
import { testLog } from './log.ts'

export interface FailingStore {
  over(store: Store): Store
  /** From now on each call of that name for which this answers true fails. */
  fail(name: 'ofJob' | 'get' | 'write' | 'ownerOf' | 'folder', when?: (argument: unknown) => boolean): void
  /** All is well again. Answers how many calls have failed. */
  heal(): number
  failures(): number
  /** Of what goes wrong on purpose, nothing is printed. */
  readonly log: Log
}

export function failingStore(): FailingStore {
  const failing = new Map<string, (argument: unknown) => boolean>()
  let failures = 0
  const unless = <A extends readonly unknown[], T>(name: string, call: (...args: A) => T) => {
    return (...args: A): T => {
      if (failing.get(name)?.(args[0]) !== true) return call(...args)
      failures += 1
      throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' })
    }
  }
  return {
    over: (store) => ({
      ...store,
      jobs: { ...store.jobs, ownerOf: unless('ownerOf', store.jobs.ownerOf) },
      folders: { ...store.folders, get: unless('folder', store.folders.get) },
      sightings: {
        ...store.sightings,
        assignmentsOfJob: unless('ofJob', store.sightings.assignmentsOfJob),
        get: unless('get', store.sightings.get),
        write: unless('write', store.sightings.write),
      },
    }),
    fail: (name, when = () => true) => void failing.set(name, when),
    heal: () => {
      failing.clear()
      return failures
    },
    failures: () => failures,
    log: { ...testLog, error: () => undefined },
  }
}
