/**
 * What the first scan finds in many folders, written together: a transaction waits for the disk, whatever is in it. What comes of a folder
 * is told once its lines are written. Alone in a file because it has a state that the scan has nothing to do with.
 */
import type { KnownListing, LedgerLine, NewLine } from '../store/ledger.ts'
import type { Reconciled } from './ledger.ts'
import type { FileEntry } from './listing.ts'
import type { LedgerPorts, WatchContext } from './watch-context.ts'

export interface FreshFolder {
  readonly dir: string
  readonly entries: readonly FileEntry[]
  /** One for each of the entries, in their order. */
  readonly lines: readonly NewLine[]
  /** What its listing came to, where with these lines each of its files has one and is at rest; null: it is not. */
  readonly digest: string | null
}

export interface FreshLines {
  add(folder: FreshFolder): Promise<void>
  /** Nothing is new there, and each file is at rest. */
  note(dir: string, digest: string): void
  write(): Promise<void>
}

/** Lines written in one transaction, or thought of at once: nothing else runs meanwhile. */
export const batchSize = 2_000

const nothing = { withdrawn: [], recalled: [], missing: [], troubled: [] }

export function createFreshLines(
  { folder: { id: folderId, version } }: WatchContext,
  { sightings, clock }: LedgerPorts,
  onReconciled: (reconciled: Reconciled, dir: string) => Promise<void>,
): FreshLines {
  let added: FreshFolder[] = []
  let addedLines = 0
  let listings: KnownListing[] = []
  const written = async (lines: readonly NewLine[], known: readonly KnownListing[]): Promise<readonly LedgerLine[]> => {
    const all: LedgerLine[] = []
    for (let start = 0; start < lines.length; start += batchSize) {
      const some = lines.slice(start, start + batchSize).map((line) => ({ id: null, line }))
      const isLast = start + batchSize >= lines.length
      for (const line of sightings.write(some, clock.nowMs(), isLast ? known : [])) all.push(line)
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (lines.length === 0 && known.length > 0) sightings.write([], clock.nowMs(), known)
    return all
  }
  const write = async () => {
    const [folders, known] = [added, listings]
    added = []
    addedLines = 0
    listings = []
    const all = (
      await written(
        folders.flatMap(({ lines }) => lines),
        known,
      )
    ).values()
    for (const { dir, entries } of folders) {
      const pairs = entries.map((entry) => ({ entry, line: all.next().value }))
      const own = pairs.flatMap(({ entry, line }) => (line === undefined ? [] : [{ entry, line }]))
      const waiting = own.filter(({ line }) => line.state === 'waiting')
      await onReconciled({ ...nothing, waiting, written: own.map(({ line }) => line) }, dir)
    }
  }
  const note = (dir: string, digest: string) => void listings.push({ folderId, dir, version, digest })
  return {
    add: async (each) => {
      added.push(each)
      addedLines += each.lines.length
      if (each.digest !== null) note(each.dir, each.digest)
      if (addedLines >= batchSize) await write()
    },
    note,
    write,
  }
}
