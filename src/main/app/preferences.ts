/** What the user wants of the desktop, in a file of the data folder. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { preferencesSchema, usualPreferences, type Preferences } from '../../shared/preferences.ts'

export interface KeptPreferences {
  get(): Preferences
  set(change: Partial<Preferences>): void
}

export function openPreferences(home: string, onChange: (now: Preferences, before: Preferences) => void): KeptPreferences {
  const path = join(home, 'desktop.json')
  let now = read(path)
  return {
    get: () => now,
    set: (change) => {
      const before = now
      now = { ...now, ...change }
      writeFileSync(path, `${JSON.stringify(now, null, 2)}\n`, { mode: 0o600 })
      onChange(now, before)
    },
  }
}

/** One that is not understood falls back by itself and leaves the others alone. */
function read(path: string): Preferences {
  const stored = stateIn(path)
  const understood = Object.entries(preferencesSchema.shape).flatMap(([name, schema]): [string, unknown][] => {
    const checked = schema.safeParse(stored[name])
    return checked.success ? [[name, checked.data]] : []
  })
  return { ...usualPreferences, ...Object.fromEntries(understood) }
}

function stateIn(path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
