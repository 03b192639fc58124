/**
 * What online providers were told by their services last, such as catalogues, in a form that is each provider's own: it checks what it reads, and
 * asks anew where that is of no use. Apart, since nobody else may look into it.
 */
import type { StoreConnection } from './connection.ts'
import type { MemoryStore } from './store.ts'
import { jsonIn } from './unread.ts'

export function createMemories(db: StoreConnection): MemoryStore {
  const select = db.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck()
  const write = db.prepare<[string, string]>('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
  return {
    get: (id) => {
      const json = select.get(`memory ${id}`)
      return json === undefined ? null : jsonIn(json)
    },
    keep: (id, value) => void write.run(`memory ${id}`, JSON.stringify(value)),
  }
}
