/** The user's presets, by name. */
import { presetSchema, type Preset } from '../../shared/model.ts'
import type { Connection } from './connection.ts'
import type { PresetStore } from './store.ts'
import type { UnreadKeeper } from './unread.ts'

interface PresetRow {
  readonly name: string
  readonly json: string
}

export function createPresets(db: Connection, unread: UnreadKeeper): PresetStore {
  const all = db.prepare<[], PresetRow>('SELECT name, json FROM presets ORDER BY name')
  const select = db.prepare<[string], PresetRow>('SELECT name, json FROM presets WHERE name = ?')
  const write = db.prepare<[string, string]>('INSERT INTO presets VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json')
  const remove = db.prepare<[string]>('DELETE FROM presets WHERE name = ?')

  const read = ({ name, json }: PresetRow): Preset | null => {
    const checked = presetSchema.safeParse(JSON.parse(json))
    if (checked.success) return checked.data
    unread.report({ what: 'preset', name, trouble: checked.error.message })
    return null
  }
  return {
    list: () =>
      all
        .all()
        .map(read)
        .filter((preset) => preset !== null),
    get: (name) => {
      const row = select.get(name)
      return row === undefined ? null : read(row)
    },
    save: (preset) => void write.run(preset.name, JSON.stringify(preset)),
    remove: (name) => remove.run(name).changes > 0,
  }
}
