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
import { createFreshLines, batchSize, type FreshLines } from './fresh-lines.ts'
import { areAtRest, newLines, reconcile, type Reconciled, type ScanContext } from './ledger.ts'
import { entriesOf, listerFor, type Listed, type Lister } from './lister.ts'
import { isIn, isLarge, listAhead, type ListedAhead } from './listing-ahead.ts'
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
  /** What lists many folders at once, for full scans; null: they are listed one by one. */
  readonly lister: () => Lister | null
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

/** Folders that are listed together: enough for both threads to be busy while the last ones are compared. */
const foldersAhead = 64

interface FullScan {
  /** There is so much to list that the thread is worth it. */
  isLarge: boolean
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
  /** The folders that are compared this moment, and those that are listed meanwhile. */
  let current: ListedAhead | null = null
  let ahead: ListedAhead | null = null

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
    if (depth === 'alone') visitNew(dir, listing.folders, scan)
    else visitBelow(dir, listing.folders, scan)
  }
  const visitBelow = (dir: string, found: readonly string[], { context }: ScanContext) => {
    for (const each of placesIn(dir, found).toReversed()) {
      const closed = context.whyClosed(each)
      if (closed === null) folders.push({ dir: each, depth: 'and below' })
      // Which folder is the archive may be changed while it is watched.
      else if (closed.code === 'below' && context.folder.rule.recursive) ports.cover(each)
    }
  }
  /** The next ones that the thread takes; null: there is none, or it is not worth it. */
  const askAhead = async (scan: ScanContext): Promise<ListedAhead | null> => {
    const lister = ports.lister()
    const last = folders.at(-1)
    if (full === null || lister === null || last === undefined) return null
    full.isLarge ||= await isLarge(dirPath(scan.context, last.dir), folders.length)
    if (!full.isLarge) return null
    const { id, version } = scan.context.folder
    const asked = new Map<string, { readonly dir: string; readonly path: string; readonly digest: string | null }>()
    while (asked.size < foldersAhead) {
      const visit = folders.at(-1)
      if (visit === undefined) break
      const { dir } = visit
      const path = dirPath(scan.context, dir)
      if (!lister.takes(path)) break
      folders.pop()
      if (scan.context.whyClosed(dir) !== null) continue
      ports.cover(dir)
      asked.set(dir, { dir, path, digest: ledger.sightings.digestOf(id, dir, version) })
    }
    return asked.size === 0 ? null : listAhead(lister, [...asked.values()], signal)
  }
  const scanMany = async (batch: ListedAhead, scan: ScanContext) => {
    current = batch
    const listed = await batch.listed
    signal.throwIfAborted()
    for (const [n, { dir }] of batch.folders.entries()) {
      full?.visited.add(dir)
      visitBelow(dir, listed?.[n]?.folders ?? [], scan)
    }
    // The thread goes on while these are compared.
    ahead = await askAhead(scan)
    const fresh = createFreshLines(scan.context, ledger, ports.onReconciled)
    for (const [n, asked] of batch.folders.entries()) {
      // All of it was dropped meanwhile, as when the folder turns out to be away.
      if (current !== batch) return
      const found = listed?.[n] ?? null
      const isSeen = found !== null && !batch.isOutdated(asked.dir) && (await takeListed(asked, found, scan, fresh))
      if (!isSeen) await takeAnew(asked.dir, found === null ? 'its folders, too' : 'files alone', scan)
    }
    await fresh.write()
    current = null
  }
  const takeAnew = async (dir: string, what: 'files alone' | 'its folders, too', scan: ScanContext) => {
    const listing = await listed(dir, scan)
    if (listing === null) return
    await take(dir, listing.files, ledger.sightings.inDir(scan.context.folder.id, dir), scan)
    await removeLeftTemps(dirPath(scan.context, dir), listing.temps, ledger)
    if (what === 'its folders, too') visitBelow(dir, listing.folders, scan)
  }
  /** False where the folder has to be listed anew. */
  const takeListed = async (
    { dir, path, digest }: ListedAhead['folders'][number],
    { files, temps }: Listed,
    scan: ScanContext,
    fresh: FreshLines,
  ): Promise<boolean> => {
    const { id: folderId, version } = scan.context.folder
    await removeLeftTemps(path, temps, ledger)
    // A line may have changed while it was listed.
    if (files === null) return ledger.sightings.digestOf(folderId, dir, version) === digest
    const entries = await entriesOf(path, files)
    const lines = ledger.sightings.inDir(folderId, dir)
    if (lines.length === 0 && (await addFresh(dir, entries, files.digest, scan, fresh))) return true
    if (areAtRest(entries, lines, scan)) {
      if (files.digest !== null) fresh.note(dir, files.digest)
      return true
    }
    // Whatever is known from elsewhere may be among those; and what is written now makes other listings unknown.
    await fresh.write()
    // Some of those that could not all be added are there by now.
    await take(dir, entries, lines.length === 0 ? ledger.sightings.inDir(folderId, dir) : lines, scan)
    return true
  }
  /** Some at a time. False where each has to be looked at by itself, as where one of them goes wrong. */
  const addFresh = async (
    dir: string,
    entries: readonly FileEntry[],
    digest: string | null,
    scan: ScanContext,
    fresh: FreshLines,
  ) => {
    let isAtRest = true
    for (let start = 0; start < entries.length; start += batchSize) {
      const some = entries.slice(start, start + batchSize)
      const lines = linesOrNull(dir, some, scan)
      if (lines === null) return false
      isAtRest &&= lines.every(({ state }) => state !== 'waiting')
      const isLast = start + batchSize >= entries.length
      await fresh.add({ dir, entries: some, lines, digest: isLast && isAtRest ? digest : null })
    }
    return true
  }
  const linesOrNull = (dir: string, entries: readonly FileEntry[], scan: ScanContext) => {
    try {
      return newLines(dir, entries, scan, ledger)
    } catch {
      return null
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
    add: (changed) => {
      const { dir, name } = changed
      current?.noteChange(changed)
      ahead?.noteChange(changed)
      if (name === null) {
        if (!folders.some((visit) => visit.dir === dir)) folders.push({ dir, depth: 'and below' })
        return
      }
      const wanted = names.get(dir) ?? new Set()
      wanted.add(name)
      names.set(dir, wanted)
    },
    begin: () => {
      full = { isLarge: false, visited: new Set(), closed: [], missing: [] }
      current = null
      ahead = null
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
      const scan = ports.scanContext()
      const batch = ahead ?? (await askAhead(scan))
      if (batch !== null) {
        ahead = null
        await scanMany(batch, scan)
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
      current = null
      ahead = null
    },
  }
}

/**
 * The files that were there first, taken down in the moment in which the user says what becomes of them. What waits among them is led on
 * by the folder's watcher.
 */
export async function takeDown(
  folder: WatchedFolder,
  ports: LedgerPorts & { readonly platform: NodeJS.Platform },
  signal: AbortSignal,
): Promise<void> {
  const isBlank = ports.sightings.dirs(folder.id).length === 0
  const lister = await listerFor(folder.rule.path, ports.platform)
  const scanner = createScanner({
    ledger: ports,
    scanContext: () => ({ context: contextOf(folder, ports), isBlank }),
    lister: () => lister,
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
  try {
    for (let stepped = await scanner.step(); stepped === 'more'; stepped = await scanner.step()) signal.throwIfAborted()
  } finally {
    await lister?.stop()
  }
}
