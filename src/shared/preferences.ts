/** What the user wants of the desktop. The desktop keeps it; the engine knows nothing of it, and in a browser there is none. */
import * as z from 'zod'
import { languageTags } from './language.ts'

export const notices = ['always', 'failures', 'never'] as const
export const whensDone = ['nothing', 'sleep', 'quit'] as const

export const preferencesSchema = z.object({
  /** Sleep is held off while something is converted. */
  keepAwake: z.boolean(),
  /** A notification when everything is done: always, or only when something failed. */
  notify: z.enum(notices),
  /** What becomes of the machine, or of Beside, when everything is done. */
  whenDone: z.enum(whensDone),
  /** Closing the window leaves Beside in the tray. */
  stayInTray: z.boolean(),
  /** Hidden, when the user logs in. */
  atLogin: z.boolean(),
  /** New versions are fetched, and put in place when nothing is to be done. */
  update: z.boolean(),
  /** The window can also be had in a browser of this machine. */
  web: z.boolean(),
  /** Of tray, menus and notifications. The window keeps its own, and passes it on. */
  language: z.enum(['system', ...languageTags]),
})
export type Preferences = z.infer<typeof preferencesSchema>

export const usualPreferences: Preferences = {
  keepAwake: true,
  notify: 'always',
  whenDone: 'nothing',
  stayInTray: false,
  atLogin: false,
  update: true,
  web: false,
  language: 'system',
}

/** As the window shows it. */
export interface DesktopState {
  readonly preferences: Preferences
  /** What this system and this build can do. */
  readonly can: { readonly tray: boolean; readonly sleep: boolean; readonly update: boolean }
  /** Where the window is in a browser, while the user wants it; it holds the token of this start. */
  readonly webAddress: string | null
}
