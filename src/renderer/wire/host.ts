/**
 * What the shell around a page gives it: a way to the engine, and what a page alone may not do with files. The browser shell and
 * the desktop each bring one; what a shell cannot do is null, and the window then offers something else or nothing.
 */
import type { ClientContext, ClientLink } from '@orpc/client'
import type { Failure } from '../../shared/failure.ts'
import type { Job, Output } from '../../shared/job.ts'
import type { DesktopState, Preferences } from '../../shared/preferences.ts'

/** The engine's side of the contract, for as long as it lasts. */
export interface WireLine {
  readonly link: ClientLink<ClientContext>
  /** Resolves when nothing comes over it any more. */
  readonly closed: Promise<void>
}

/** Something dropped or picked. `path` is relative, with the folders that were dropped along. */
export interface DroppedFile {
  readonly file: File
  readonly path: string
}

/** Where the engine finds a file, or why it does not. */
export type Located = { readonly path: string } | { readonly why: Failure }

export interface UploadState {
  readonly files: number
  readonly ofFiles: number
  readonly bytes: number
  readonly ofBytes: number
}

export interface Host {
  /** Whether results appear where the originals are, or are fetched from here. */
  readonly results: 'beside' | 'download'
  /** Throws `AccessRefused` where the engine is there but does not let this page in. */
  connect(): Promise<WireLine>
  /** Absolute paths where the shell knows them at once; null where the files have to be uploaded first. */
  pathsOf: ((files: readonly File[]) => readonly Located[]) | null
  /** Uploads files to where the engine can read them; answers their paths there. One that does not arrive keeps no other from it. */
  upload:
    | ((files: readonly DroppedFile[], report: (state: UploadState) => void, signal: AbortSignal) => Promise<readonly Located[]>)
    | null
  reveal: ((path: string) => Promise<void>) | null
  open: ((path: string) => Promise<void>) | null
  /** Begins to drag the results of jobs out of the window; to be called while `dragstart` is handled. */
  drag: ((jobs: readonly Job[], event: DragStart) => void) | null
  chooseFolder: (() => Promise<string | null>) | null
  desktop: DesktopPreferences | null
  /** Where the n-th output of a job can be had by a page. */
  addressOf: ((jobId: number, n: number, how: 'save' | 'view') => string) | null
  /** Where the outputs of many can be had as one archive. */
  archiveOf: ((what: { readonly batchId: number } | { readonly jobIds: readonly number[] }) => string) | null
}

/** What a page knows of a drag that begins. */
export interface DragStart {
  readonly dataTransfer: { effectAllowed: string; setData(type: string, data: string): void }
  preventDefault(): void
}

export function resultsOf(jobs: readonly Job[]): readonly Output[] {
  return jobs.flatMap(({ state }) => (state.phase === 'done' ? state.outputs : []))
}

/** What the desktop keeps for itself and its window may change. */
export interface DesktopPreferences {
  state(): Promise<DesktopState>
  prefer(change: Partial<Preferences>): Promise<DesktopState>
  /** It has become another, here or elsewhere. */
  onChange(listener: () => void): void
}

export class AccessRefused extends Error {}
