/**
 * What the desktop does for its window beyond the contract: a handful of calls that the preload script passes on, none of which
 * takes anything but paths and preferences. The engine's port is handed over as a message to the page itself.
 */
import type { Failure } from './failure.ts'
import type { DesktopState, Preferences } from './preferences.ts'

export const windowOrigin = 'app://beside'
/** The message that brings the port, and the name under which the window finds the rest. */
export const portMessage = 'beside:port'
export const desktopName = 'besideDesktop'

/** Errors lose their sense on the way through Electron, so a failure comes as data. */
export type Granted<T> = { readonly value: T } | { readonly failure: Failure }

export interface Desktop {
  /** Empty for what is no file on a disk. */
  pathOf(file: File): string
  reveal(path: string): Promise<Granted<null>>
  /** Only what Beside itself could have made: media, never a program. */
  open(path: string): Promise<Granted<null>>
  chooseFolder(): Promise<Granted<string | null>>
  /** Begins to drag files out of the window. */
  drag(paths: readonly string[]): void
  /** Files that the system wants converted (open-with, arguments), once. */
  takeFiles(): Promise<Granted<readonly string[]>>
  /** `takeFiles` has something. */
  onFiles(listener: () => void): void
  /** Asks for a port; it comes as `portMessage`. */
  askForPort(): void
  state(): Promise<Granted<DesktopState>>
  prefer(change: Partial<Preferences>): Promise<Granted<DesktopState>>
  /** `state` has become another, here or by the menu. */
  onState(listener: () => void): void
}

export const desktopChannels = {
  port: 'port',
  files: 'files',
  reveal: 'reveal',
  open: 'open',
  chooseFolder: 'choose-folder',
  drag: 'drag',
  takeFiles: 'take-files',
  state: 'state',
  prefer: 'prefer',
  stateChanged: 'state-changed',
} as const
