/**
 * Folders that the thread lists while those before them are compared with the ledger. A listing that was made before an event about its
 * folder came is out of date: what the event is about has been seen already, and would be taken back.
 * Alone in a file because the scan only asks it.
 */
import { namesIn } from './listing.ts'
import type { ChangedPath } from './fs-events.ts'
import type { AskedFolder, Listed, Lister } from './lister.ts'

export interface AheadFolder extends AskedFolder {
  readonly dir: string
}

export interface ListedAhead {
  readonly folders: readonly AheadFolder[]
  /** In the order of the folders, null for those that cannot be listed; null for all where the thread has ended. */
  readonly listed: Promise<readonly (Listed | null)[] | null>
  /** Something may have changed there. */
  noteChange(changed: ChangedPath): void
  isOutdated(dir: string): boolean
}

export function listAhead(lister: Lister, folders: readonly AheadFolder[], signal: AbortSignal): ListedAhead {
  const dirs = new Set<string>()
  const trees: string[] = []
  return {
    folders,
    listed: lister.list(folders, signal).catch(() => null),
    noteChange: ({ dir, name }) => {
      if (name === null) trees.push(dir)
      else dirs.add(dir)
    },
    isOutdated: (dir) => dirs.has(dir) || trees.some((tree) => isIn(dir, tree)),
  }
}

export function isIn(dir: string, folder: string): boolean {
  return folder === '' || dir === folder || dir.startsWith(`${folder}/`)
}

const manyNames = 500
const manyFolders = 16

/** Whether what is still to be scanned is worth a thread, which takes as long to start as the scan of a small tree. */
export async function isLarge(path: string, foldersLeft: number): Promise<boolean> {
  return foldersLeft > manyFolders || (await namesIn(path)).length > manyNames
}
