/** Hooks, one row each; all but name and switch is one value. They are asked for with every event, so they are read once. Apart from their deliveries. */
import { hookDraftSchema, type Hook, type HookDraft } from '../../shared/hooks.ts'
import type { StoreConnection } from './connection.ts'
import type { HookStore } from './hook-store.ts'
import { jsonIn, type UnreadKeeper } from './unread.ts'

interface Row {
  readonly id: number
  readonly name: string
  readonly json: string
  readonly is_on: number
  readonly created_at: number
}

export function createHookStore(db: StoreConnection, unread: UnreadKeeper): HookStore {
  const all = db.prepare<[], Row>('SELECT * FROM hooks ORDER BY name')
  const write = db.prepare<[string, string, number]>(
    'INSERT INTO hooks (name, json, is_on, created_at) VALUES (?, ?, 1, ?) ON CONFLICT (name) DO UPDATE SET json = excluded.json',
  )
  const setOn = db.prepare<[number, number]>('UPDATE hooks SET is_on = ? WHERE id = ?')
  const remove = db.prepare<[number]>('DELETE FROM hooks WHERE id = ?')
  /** Only this process writes, and only here. */
  let known: readonly Hook[] | null = null

  const read = (row: Row): Hook | null => {
    const checked = hookDraftSchema.safeParse({ ...(jsonIn(row.json) as object | undefined), name: row.name })
    if (!checked.success) unread.report({ what: 'hook', name: row.name, trouble: checked.error.message })
    const own = { id: row.id, on: row.is_on === 1, createdAtMs: row.created_at }
    return checked.success ? { ...checked.data, ...own } : null
  }
  const list = (): readonly Hook[] =>
    (known ??= all
      .all()
      .map(read)
      .filter((hook) => hook !== null))
  const get = (id: number): Hook | null => list().find((hook) => hook.id === id) ?? null
  const written = (changes: number): boolean => {
    known = null
    return changes > 0
  }
  return {
    list,
    get,
    save: ({ name, ...rest }: HookDraft, nowMs) => {
      written(write.run(name, JSON.stringify(rest), Math.floor(nowMs)).changes)
      const saved = list().find((hook) => hook.name === name)
      if (saved === undefined) throw new Error('a hook that was just written cannot be read')
      return saved
    },
    switch: (id, { on }) => (written(setOn.run(Number(on), id).changes) ? get(id) : null),
    remove: (id) => written(remove.run(id).changes),
  }
}
