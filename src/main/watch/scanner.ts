/**
 * Scans a watched folder, one step at a time: single names and subfolders where something may have changed, and, now and then, all of
 * it. What is not there any more counts as gone only once the folder itself has been found to be the right one.
 *
 * | state             | steps                                                                | ends                                        |
 * | ----------------- | -------------------------------------------------------------------- | ------------------------------------------- |
 * | idle              | none                                                                 | with a change, or the beginning of a scan   |
 * | changed paths     | names of one folder, then folders with what is below them            | when none is left                           |
 * | full scan         | all folders, depth first; changed paths come before                  | with what was not seen, then `finished`     |
 */
import { isAbsence } from '../files/identity.ts'
import { isListedAsNoText } from '../files/names.ts'
import type { LedgerLine, WatchedFolder } from '../store/ledger.ts'
import type { ChangedPath } from './fs-events.ts'
import { reconcile, type Reconciled, type ScanContext } from './ledger.ts'
import { listFolder, removeLeftTemps, statEntry, statFile, type FileEntry, type Listing } from './listing.ts'
import { isUnmeantFolder } from '../../shared/unmeant.ts'
import { contextOf, dirPath, type LedgerPorts } from './watch-context.ts'

/** Files read at once. Of the few threads that wait for disks, one must stay free when a share hangs. */
export const localConcurrency = 64
export const networkConcurrency = 3

export interface ScannerPorts {
  readonly ledger: LedgerPorts
  readonly scanContext: () => ScanContext
  /** How many files are read at once. */
  readonly concurrency: () => number
  /** Whether the folder is still the one that is watched: asked before files count as gone. */
  readonly isBelievable: () => Promise<boolean>
  /** A folder is about to be listed: whatever comes into it after that is told by events, where there are any. */
  readonly cover: (dir: string) => void
  /** Whether events tell of what is in this folder. */
  readonly covers: (dir: string) => boolean
  /** A folder that no event was told of so far is scanned with what is below. */
  readonly onFolderFound: (dir: string) => void
  readonly onReconciled: (reconciled: Reconciled, dir: string) => Promise<void>
  readonly onGone: (lines: readonly LedgerLine[]) => Promise<void>
  readonly signal: AbortSignal
}

export interface Scanner {
  /** Something may have changed there. */
  add(changed: ChangedPath): void
  /** All of it, from the beginning. */
  begin(): void
  /** The next piece; `finished` with the last piece of a full scan. */
  step(): Promise<'idle' | 'more' | 'finished'>
  isBusy(): boolean
  /** What was added and begun is dropped. */
  drop(): void
}

/** More names than that in one folder are seen by listing the folder. */
const maxNames = 500

interface Visit {
  readonly dir: string
  readonly depth: 'alone' | 'and below'
}

interface FullScan {
  readonly visited: Set<string>
  /** Folders that could not be read: what is in them is as it was. */
  readonly closed: string[]
  readonly missing: LedgerLine[]
}

export function createScanner(ports: ScannerPorts): Scanner {
  const { ledger, signal } = ports
  let names = new Map<string, Set<string>>()
  /** Last first. */
  let folders: Visit[] = []
  let full: FullScan | null = null

  const reportGone = async (lines: readonly LedgerLine[], scan: ScanContext) => {
    const gone: LedgerLine[] = []
    for (const line of lines) {
      // It may have been followed to another place meanwhile, or be there after all.
      const now = ledger.sightings.get(line.id)
      if (now === null || now.goneAtMs !== null || now.dir !== line.dir || now.name !== line.name) continue
      if ((await statFile(dirPath(scan.context, line.dir), line.name)) === null) gone.push(now)
    }
    if (gone.length > 0 && (await ports.isBelievable())) await ports.onGone(gone)
  }
  const placesIn = (dir: string, found: readonly string[]) => found.map((name) => (dir === '' ? name : `${dir}/${name}`))
  const visitNew = (dir: string, found: readonly string[], { context }: ScanContext) => {
    for (const place of placesIn(dir, found)) {
      if (context.whyClosed(place) !== null || ports.covers(place)) continue
      folders.push({ dir: place, depth: 'and below' })
      ports.onFolderFound(place)
    }
  }
  const scanNames = async (dir: string, wanted: ReadonlySet<string>) => {
    const scan = ports.scanContext()
    if (scan.context.whyClosed(dir) !== null) return
    const folder = dirPath(scan.context, dir)
    const entries = await Promise.all([...wanted].map(async (name) => ({ name, entry: await statEntry(folder, name) })))
    visitNew(
      dir,
      entries.flatMap(({ name, entry }) => (entry === 'folder' && !isUnmeantFolder(name) ? [name] : [])),
      scan,
    )
    const seen = entries.flatMap(({ entry }) => (entry === null || entry === 'folder' ? [] : [entry]))
    const lines = [...wanted]
      .map((name) => ledger.sightings.at(scan.context.folder.id, dir, name))
      .filter((line) => line !== null)
    await take(dir, seen, lines, scan)
  }
  const scanFolder = async ({ dir, depth }: Visit) => {
    const scan = ports.scanContext()
    const { folder } = scan.context
    if (scan.context.whyClosed(dir) !== null) return
    full?.visited.add(dir)
    ports.cover(dir)
    const listing = await listed(dir, scan)
    if (listing === null) return
    await take(dir, listing.files, ledger.sightings.inDir(folder.id, dir), scan)
    await removeLeftTemps(dirPath(scan.context, dir), listing.temps, ledger)
    if (depth === 'alone') return visitNew(dir, listing.folders, scan)
    for (const each of placesIn(dir, listing.folders).toReversed()) {
      const closed = scan.context.whyClosed(each)
      if (closed === null) folders.push({ dir: each, depth })
      // Which folder is the archive may be changed while it is watched.
      else if (closed.code === 'below' && folder.rule.recursive) ports.cover(each)
    }
  }
  const listed = async (dir: string, scan: ScanContext): Promise<Listing | null> => {
    try {
      return await listFolder(dirPath(scan.context, dir), ports.concurrency(), signal)
    } catch (error) {
      signal.throwIfAborted()
      const path = dirPath(scan.context, dir)
      if (!isAbsence(error) || (await isListedAsNoText(path))) {
        ledger.log.warn('a folder cannot be listed', { path, error: String(error) })
        full?.closed.push(dir)
      } else if (full === null) {
        await reportGone(linesBelow(dir, scan), scan)
      }
      return null
    }
  }
  const take = async (dir: string, seen: readonly FileEntry[], lines: readonly LedgerLine[], scan: ScanContext) => {
    const reconciled = await reconcile(dir, seen, lines, scan, ledger, signal)
    await ports.onReconciled(reconciled, dir)
    if (full !== null) full.missing.push(...reconciled.missing)
    else await reportGone(reconciled.missing, scan)
  }
  const linesBelow = (dir: string, { context }: ScanContext): readonly LedgerLine[] =>
    ledger.sightings
      .dirs(context.folder.id)
      .filter((other) => isIn(other, dir))
      .flatMap((other) => ledger.sightings.inDir(context.folder.id, other))
  const finish = async ({ visited, closed, missing }: FullScan) => {
    const scan = ports.scanContext()
    const unseen = ledger.sightings
      .dirs(scan.context.folder.id)
      .filter((dir) => !visited.has(dir) && !closed.some((shut) => isIn(dir, shut)))
    await reportGone([...missing, ...unseen.flatMap((dir) => ledger.sightings.inDir(scan.context.folder.id, dir))], scan)
  }

  return {
    add: ({ dir, name }) => {
      if (name === null) {
        if (!folders.some((visit) => visit.dir === dir)) folders.push({ dir, depth: 'and below' })
        return
      }
      const wanted = names.get(dir) ?? new Set()
      wanted.add(name)
      names.set(dir, wanted)
    },
    begin: () => {
      full = { visited: new Set(), closed: [], missing: [] }
      names = new Map()
      folders = [{ dir: '', depth: 'and below' }]
    },
    step: async () => {
      const [changed] = names
      if (changed !== undefined) {
        const [dir, wanted] = changed
        names.delete(dir)
        if (wanted.size > maxNames) await scanFolder({ dir, depth: 'alone' })
        else await scanNames(dir, wanted)
        return 'more'
      }
      const visit = folders.pop()
      if (visit !== undefined) {
        await scanFolder(visit)
        return 'more'
      }
      if (full === null) return 'idle'
      const ended = full
      full = null
      await finish(ended)
      return 'finished'
    },
    isBusy: () => names.size > 0 || folders.length > 0 || full !== null,
    drop: () => {
      names = new Map()
      folders = []
      full = null
    },
  }
}

function isIn(dir: string, folder: string): boolean {
  return folder === '' || dir === folder || dir.startsWith(`${folder}/`)
}

/**
 * The files that were there first, taken down in the moment in which the user says what becomes of them. What waits among them is led on
 * by the folder's watcher.
 */
export async function takeDown(folder: WatchedFolder, ports: LedgerPorts, signal: AbortSignal): Promise<void> {
  const isBlank = ports.sightings.dirs(folder.id).length === 0
  const scanner = createScanner({
    ledger: ports,
    scanContext: () => ({ context: contextOf(folder, ports), isBlank }),
    concurrency: () => localConcurrency,
    // Nothing that is missing now is anybody's concern yet.
    isBelievable: async () => false,
    cover: () => undefined,
    covers: () => false,
    onFolderFound: () => undefined,
    onReconciled: async () => undefined,
    onGone: async () => undefined,
    signal,
  })
  scanner.begin()
  for (let stepped = await scanner.step(); stepped === 'more'; stepped = await scanner.step()) signal.throwIfAborted()
}
