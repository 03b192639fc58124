/** What the user has set: the settings, one row, and the presets by name. */
import { type Preset, presetSchema } from '../../shared/model.ts'
import { defaultSettings, type Settings, settingsSchema } from '../../shared/settings.ts'
import type { StoreConnection } from './connection.ts'
import type { PresetStore, SettingsStore } from './store.ts'
import type { UnreadKeeper } from './unread.ts'

type Fields = Readonly<Record<string, unknown>>

interface Stored {
  readonly settings: Settings
  /** What this version cannot read, or does not know. */
  readonly others: Fields
}

export function createSettings(db: StoreConnection, unread: UnreadKeeper): SettingsStore {
  const select = db.prepare<[], string>('SELECT json FROM settings WHERE id = 1').pluck()
  const write = db.prepare<[string]>('INSERT INTO settings VALUES (1, ?) ON CONFLICT DO UPDATE SET json = excluded.json')
  // Asked for at every claim; only `set` changes them.
  let known: Stored | null = null

  const stored = (): Stored => (known ??= settingsIn(select.get() ?? '{}', unread))
  return {
    get: () => stored().settings,
    set: (change) => {
      const { settings: before, others: unchanged } = stored()
      const settings = settingsSchema.parse({ ...before, ...change })
      const others = Object.fromEntries(Object.entries(unchanged).filter(([name]) => !Object.hasOwn(change, name)))
      write.run(JSON.stringify({ ...settings, ...others }))
      known = { settings, others }
      return settings
    },
  }
}

function settingsIn(json: string, unread: UnreadKeeper): Stored {
  const value: unknown = JSON.parse(json)
  const fields: Fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
  const understood: Record<string, unknown> = {}
  const others: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    const schema = Object.hasOwn(settingsSchema.shape, name) ? settingsSchema.shape[name as keyof Settings] : undefined
    const checked = schema?.safeParse(field)
    if (checked?.success === true) understood[name] = checked.data
    else others[name] = field
    if (checked?.success === false) unread.report({ what: 'setting', name, trouble: checked.error.message })
  }
  return { settings: { ...defaultSettings, ...understood }, others }
}

interface PresetRow {
  readonly name: string
  readonly json: string
}

export function createPresets(db: StoreConnection, unread: UnreadKeeper): PresetStore {
  const all = db.prepare<[], PresetRow>('SELECT name, json FROM presets ORDER BY name')
  const select = db.prepare<[string], PresetRow>('SELECT name, json FROM presets WHERE name = ?')
  const write = db.prepare<[string, string]>('INSERT INTO presets VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json')
  const remove = db.prepare<[string]>('DELETE FROM presets WHERE name = ?')

  const presetIn = ({ name, json }: PresetRow): Preset | null => {
    const checked = presetSchema.safeParse(JSON.parse(json))
    if (checked.success) return checked.data
    unread.report({ what: 'preset', name, trouble: checked.error.message })
    return null
  }
  return {
    list: () =>
      all
        .all()
        .map(presetIn)
        .filter((preset) => preset !== null),
    get: (name) => {
      const row = select.get(name)
      return row === undefined ? null : presetIn(row)
    },
    save: (preset) => void write.run(preset.name, JSON.stringify(preset)),
    remove: (name) => remove.run(name).changes > 0,
  }
}
