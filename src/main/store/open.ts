/** Opens the store: a whole file, locked for this process, brought up to date. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { JobError } from '../../shared/failure.ts'
import type { Log } from '../engine/ports.ts'
import { createAccountStore, createSpend } from './spend.ts'
import { createBatches, createTotals, sweepBatches } from './batches.ts'
import { closeCleanly, type StoreConnection, guarded, translated, isDamage, openForWriting } from './connection.ts'
import { clearSuspicion, damageOf, markSuspect, setAside } from './damage.ts'
import { createHistoryRows } from './history-rows.ts'
import { createHistory } from './history.ts'
import { createDeliveries } from './deliveries.ts'
import { createFolderRest } from './folder-rest.ts'
import { createHookStore } from './hooks.ts'
import { createJobs } from './jobs.ts'
import { createMemories } from './memories.ts'
import { createOutbox } from './outbox.ts'
import { migrate } from './migrate.ts'
import { createJobReader, createPlans } from './rows.ts'
import { createPresets, createSettings } from './settings.ts'
import { migrations } from './schema.ts'
import { createServedStore } from './served.ts'
import { createSightings } from './sightings.ts'
import type { Store } from './store.ts'
import { createUnread } from './unread.ts'
import { createWatchedFolders } from './watched-folders.ts'

interface StoreOptions {
  /** Made where it is missing. */
  readonly folder: string
  readonly log: Log
  readonly nowMs: () => number
  readonly randomHex: (bytes: number) => string
}

/**
 * @throws JobError `data-busy` where another process holds the data folder, `data-newer` where a newer Beside wrote it (nothing is
 * touched then), `folder-read-only` or `disk-full` where it cannot be written to.
 */
export function openStore(options: StoreOptions): Store {
  const path = join(options.folder, 'beside.sqlite')
  makeFolder(options.folder)
  try {
    return openWhole(path, options)
  } catch (error) {
    // Damage where the first check found none: now everything is read, and what is really damaged is set aside.
    if (!isDamage(error)) throw error
    markSuspect(path)
    return openWhole(path, options)
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new JobError('folder-read-only', { path: folder, reason: String(error) }, { cause: error })
  }
}

function openWhole(path: string, options: StoreOptions): Store {
  const { log, nowMs } = options
  let db: StoreConnection | null = null
  try {
    const damage = damageOf(path, migrations.length)
    const aside = damage === null ? null : setAside(path, nowMs())
    if (damage !== null) log.error('the database is damaged and was set aside; a new one was begun', { path, aside, damage })
    clearSuspicion(path)
    db = openForWriting(path)
    return { ...build(db, path, options), setAside: aside }
  } catch (error) {
    db?.close()
    throw translated(error, path)
  }
}

function build(db: StoreConnection, path: string, options: StoreOptions): Omit<Store, 'setAside'> {
  const { log, nowMs, randomHex } = options
  migrate(db, path, migrations, nowMs())
  sweepBatches(db)
  const onError = (error: unknown): unknown => {
    const meant = translated(error, path)
    if (isDamage(meant)) {
      log.error('the database is damaged; the next start reads all of it', { path, error: String(error) })
      markSuspect(path)
    }
    return meant
  }
  const { unread, ...tables } = createTables(db, options)
  return {
    folder: options.folder,
    tag: tagOf(db, randomHex),
    ...(Object.fromEntries(
      Object.entries(tables).map(([name, functions]) => [name, guarded(functions, onError)]),
    ) as typeof tables),
    unread,
    close: () => {
      try {
        closeCleanly(db)
      } catch (error) {
        // Nothing is lost: the log stays beside the file, and the next opening puts them together.
        log.warn('the log of the database could not be folded in', { path, error: String(error) })
      }
    },
  }
}

/** Everything that is kept, over tables that are up to date. */
export function createTables(
  db: StoreConnection,
  { log, nowMs, randomHex }: Omit<StoreOptions, 'folder'>,
): Omit<Store, 'folder' | 'tag' | 'setAside' | 'close'> {
  const plans = createPlans(db)
  const unread = createUnread(log)
  const hooks = createHookStore(db, unread)
  const outbox = createOutbox(db, { hooks, nowMs, randomHex })
  const totals = createTotals(db, (batchId) => batches.ended(batchId))
  const batches = createBatches(db, totals, outbox)
  const history = createHistoryRows(db)
  const reader = createJobReader(db, { plans, totals, history, unread, outbox, log, nowMs })
  const folders = createWatchedFolders(db, unread)
  return {
    jobs: createJobs(db, { plans, reader, totals, history, outbox }),
    batches: batches.store,
    history: createHistory(db, { reader, totals, history }),
    presets: createPresets(db, unread),
    settings: createSettings(db, unread),
    spend: createSpend(db),
    accounts: createAccountStore(db, unread),
    memories: createMemories(db),
    folders: { ...folders, ...createFolderRest(db, { folders, outbox }) },
    sightings: createSightings(db, unread),
    served: createServedStore(db, unread),
    hooks,
    deliveries: createDeliveries(db, { unread, subscribe: outbox.subscribe }),
    unread,
  }
}

function tagOf(db: StoreConnection, randomHex: (bytes: number) => string): string {
  db.prepare<[string]>(`INSERT INTO meta VALUES ('tag', ?) ON CONFLICT DO NOTHING`).run(randomHex(3))
  return db.prepare<[], string>(`SELECT value FROM meta WHERE name = 'tag'`).pluck().get() ?? ''
}
