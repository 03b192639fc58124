/** The settings, one row. What is missing or no longer understood falls back to its default, field by field. */
import { defaultSettings, settingsSchema, type Settings } from '../../shared/settings.ts'
import type { Log } from '../engine/ports.ts'
import type { Connection } from './connection.ts'
import type { SettingsStore } from './store.ts'

export function createSettings(db: Connection, log: Log): SettingsStore {
  const select = db.prepare<[], string>('SELECT json FROM settings WHERE id = 1').pluck()
  const write = db.prepare<[string]>('INSERT INTO settings VALUES (1, ?) ON CONFLICT DO UPDATE SET json = excluded.json')
  // Asked for at every claim; only `set` changes them.
  let known: Settings | null = null

  const read = (): Settings => ({ ...defaultSettings, ...understood(select.get() ?? '{}', log) })
  return {
    get: () => (known ??= read()),
    set: (change) => {
      const settings = settingsSchema.parse({ ...(known ?? read()), ...change })
      write.run(JSON.stringify(settings))
      known = settings
      return settings
    },
  }
}

function understood(json: string, log: Log): Partial<Settings> {
  const value: unknown = JSON.parse(json)
  const stored: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {}
  const fields = Object.entries(settingsSchema.shape).flatMap(([name, schema]): [string, unknown][] => {
    if (!Object.hasOwn(stored, name)) return []
    const checked = schema.safeParse(stored[name])
    if (checked.success) return [[name, checked.data]]
    log.warn('a setting is not understood; its default is used', { name, value: stored[name] })
    return []
  })
  return Object.fromEntries(fields)
}
