/** Watched folders as the API sees them. They can be asked and changed in any process that holds the queue; only some watch. */
import type {
  ExistingChoice,
  Folder,
  FolderChange,
  RuleRehearsal,
  Rule,
  Sighting,
  SightingQuery,
  Why,
} from '../../shared/folders.ts'

export interface Folders {
  /** Begins to watch the folders that are on. */
  start(): Promise<void>
  /** Resolves when nothing is watched any more. */
  stop(): Promise<void>
  /** All changes from now on, in portions, with so many milliseconds between two of them at least. Ends with the signal. */
  changes(signal: AbortSignal, restMs?: number): AsyncIterable<readonly FolderChange[]>

  list(): readonly Folder[]
  /** @throws JobError `usage` where files are there and what becomes of them was not chosen, `folder-missing`. */
  add(request: { readonly rule: Rule; readonly on: boolean; readonly existing: ExistingChoice | null }): Promise<Folder>
  change(id: number, rule: Rule, oldFiles: 'again' | 'keep'): Promise<Folder>
  switch(id: number, to: { readonly on: boolean; readonly existing: ExistingChoice | null }): Promise<Folder>
  accept(id: number): Promise<Folder>
  /** Scans the whole folder at its next turn. */
  scan(id: number): Promise<void>
  /** False where there was none. */
  remove(id: number): Promise<boolean>
  rehearse(
    request: { readonly rule: Rule; readonly id: number | null; readonly limit: number },
    signal: AbortSignal,
  ): Promise<RuleRehearsal>
  sightings(query: SightingQuery, after: string | null, limit: number): SightingPage
  why(path: string): Promise<readonly FileReason[]>
  again(ids: readonly number[]): Promise<number>
}

export interface SightingPage {
  readonly sightings: readonly Sighting[]
  readonly next: string | null
}

/** Why a file stands where it stands in one folder. */
export interface FileReason {
  readonly folderId: number
  /** Null: no line in the ledger; then `why` says what the rule thinks of it. */
  readonly sighting: Sighting | null
  readonly why: Why
}
