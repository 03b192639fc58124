/** What the store keeps of watched folders, as the watcher sees it (in a file of its own, since it imports only that). As everywhere in the store, one call is one transaction. */
import type { ExistingChoice, Rule, SightingQuery, SightingState, Why } from '../../shared/folders.ts'
import type { ProviderId } from '../../shared/job.ts'

export interface WatchedFolder {
  readonly id: number
  readonly rule: Rule
  /** The rule that is stored cannot be read, all of it: `rule` is what can be shown of it, and the folder is off. */
  readonly isUnread?: true
  /** Grows when a change of the rule asks what old files count for. */
  readonly version: number
  readonly on: boolean
  readonly existing: ExistingChoice | null
  /** What tells this folder from another one at the same path, once that is known. */
  readonly mark: string | null
  /** When the files that were there first had all been taken down; null: not yet. */
  readonly begunAtMs: number | null
  readonly createdAtMs: number
}

export interface FolderStore {
  add(folder: Pick<WatchedFolder, 'rule' | 'on' | 'existing'>, nowMs: number): WatchedFolder
  get(id: number): WatchedFolder | null
  list(): readonly WatchedFolder[]
  /** Null where there is no such folder. */
  save(id: number, change: Partial<Omit<WatchedFolder, 'id' | 'isUnread' | 'createdAtMs'>>): WatchedFolder | null
  /** With its ledger. False where there was none. */
  remove(id: number): boolean
  /**
   * To be called where nothing of the folder is being scanned. True where a file that was enqueued has been dealt with since it last was at
   * rest, and none waits, is queued or will be tried again: then it is at rest, and hooks hear of it.
   */
  rest(id: number): boolean
  /** This batch is of this folder's files; what it costs is the folder's. */
  claimBatch(id: number, batchId: number): void
  folderOfBatch(batchId: number): number | null
  /** What its batches cost since a time, in the provider's unit. */
  spent(id: number, provider: ProviderId, sinceMs: number): number
}

/** A line of the ledger. */
export interface LedgerLine {
  readonly id: number
  readonly folderId: number
  /** Below the watched folder, with `/`; empty: the folder itself. */
  readonly dir: string
  readonly name: string
  /** The file system's number for the file, where it has one. */
  readonly inode: string | null
  readonly bytes: number
  readonly mtimeMs: number
  /** Over its length, its ends and samples between them; null where it was never read. */
  readonly print: string | null
  readonly state: SightingState
  readonly why: Why
  readonly version: number
  readonly attempts: number
  readonly dueAtMs: number | null
  readonly goneAtMs: number | null
  readonly seenAtMs: number
  /** When it came into its state. */
  readonly sinceMs: number
}
export type NewLine = Omit<LedgerLine, 'id' | 'seenAtMs' | 'sinceMs'>
/** A new line, or a change of an old one. */
export type Entry = { readonly id: null; readonly line: NewLine } | { readonly id: number; readonly change: LineChange }
export type LineChange = Partial<Omit<LedgerLine, 'id' | 'folderId' | 'seenAtMs' | 'sinceMs'>>

/** Which batch the n-th result of a line goes into, and its job, once that is known. */
export interface Assignment {
  readonly sightingId: number
  readonly output: number
  readonly batchId: number
  readonly jobId: number | null
}

/** A folder in which each file is known and at rest, and what its listing came to. */
export interface KnownListing {
  readonly folderId: number
  readonly dir: string
  /** Of the rule that its files were judged by. */
  readonly version: number
  readonly digest: string
}

export interface SightingStore {
  get(id: number): LedgerLine | null
  /** Lines that are there. */
  inDir(folderId: number, dir: string): readonly LedgerLine[]
  at(folderId: number, dir: string, name: string): LedgerLine | null
  /** The last one that was there, if none is. */
  lastAt(folderId: number, dir: string, name: string): LedgerLine | null
  /** Folders that hold lines which are there. */
  dirs(folderId: number): readonly string[]
  /** There or gone; a few at most, last seen first. */
  withInode(folderId: number, inode: string): readonly LedgerLine[]
  withAge(folderId: number, bytes: number, mtimeMs: number): readonly LedgerLine[]
  goneNamed(folderId: number, name: string, bytes: number): readonly LedgerLine[]
  /** Lines that are there, by id. */
  inState(folderId: number, state: SightingState, afterId: number, limit: number): readonly LedgerLine[]
  /**
   * New lines and changes of old ones; answers the new values in the same order. Whatever is written makes the listing of its folder
   * unknown, but for those that come along.
   */
  write(entries: readonly Entry[], nowMs: number, listings?: readonly KnownListing[]): readonly LedgerLine[]
  /** Digest of a folder in which, by this version of the rule, each file is known and at rest; null: look at each. */
  digestOf(folderId: number, dir: string, version: number): string | null
  /** All lines count as judged by this version of the rule. */
  adopt(folderId: number, version: number): void

  /** The lines become queued. Which batch each of their results goes into is noted before it does. */
  assign(
    ids: readonly number[],
    batches: readonly { readonly output: number; readonly batchId: number }[],
    why: Why,
    nowMs: number,
  ): readonly LedgerLine[]
  /** The jobs that came of it. */
  complete(rows: readonly { readonly sightingId: number; readonly output: number; readonly jobId: number }[]): void
  /** There will be no job for it. It counts as assigned, to batch 0. */
  refuse(sightingId: number, output: number): void
  /** It may be assigned again. */
  unassign(sightingId: number, output: number): void
  /** What was about to be enqueued when a crash came, or is being enqueued now. */
  openAssignments(folderId: number): readonly Assignment[]
  assignmentsOf(sightingId: number): readonly Assignment[]
  assignmentsOfJob(jobId: number): readonly Assignment[]
  /** It has nothing more to do with its jobs. */
  dropAssignments(sightingId: number): void

  counts(folderId: number): Readonly<Record<SightingState, number>>
  /** Of lines that came into their state since then. */
  since(folderId: number, sinceMs: number): Readonly<Record<SightingState, number>>
  page(
    query: SightingQuery,
    after: string | null,
    limit: number,
  ): { readonly lines: readonly LedgerLine[]; readonly next: string | null }
  /** Forgets lines that are gone since long ago. Answers how many. */
  prune(goneBeforeMs: number, limit: number): number
}
