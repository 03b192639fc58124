/** What the user wants of the desktop, in a file of the data folder. The engine knows nothing of it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

const preferencesSchema = z.object({
  /** Sleep is held off while something is converted. */
  keepAwake: z.boolean(),
  /** A notification when everything is done. */
  notify: z.boolean(),
  /** Closing the window leaves Beside in the tray. */
  stayInTray: z.boolean(),
  /** Hidden, when the user logs in. */
  atLogin: z.boolean(),
  /** New versions are fetched, and put in place when nothing is to be done. */
  update: z.boolean(),
})
export type Preferences = z.infer<typeof preferencesSchema>

const usual: Preferences = { keepAwake: true, notify: true, stayInTray: false, atLogin: false, update: true }

export interface KeptPreferences {
  get(): Preferences
  set(change: Partial<Preferences>): void
}

export function openPreferences(home: string, onChange: (now: Preferences) => void): KeptPreferences {
  const path = join(home, 'desktop.json')
  let now = read(path)
  return {
    get: () => now,
    set: (change) => {
      now = { ...now, ...change }
      writeFileSync(path, `${JSON.stringify(now, null, 2)}\n`, { mode: 0o600 })
      onChange(now)
    },
  }
}

function read(path: string): Preferences {
  try {
    return { ...usual, ...preferencesSchema.partial().parse(JSON.parse(readFileSync(path, 'utf8'))) } as Preferences
  } catch {
    return usual
  }
}
