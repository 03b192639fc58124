/** Watched folders, one row each; the rule is one value. */
import { plainRule, ruleSchema, type Rule } from '../../shared/folders.ts'
import type { StoreConnection } from './connection.ts'
import type { FolderStore, WatchedFolder } from './ledger.ts'
import { jsonIn, type UnreadKeeper } from './unread.ts'

interface Row {
  readonly id: number
  readonly rule: string
  readonly version: number
  readonly is_on: number
  readonly existing: WatchedFolder['existing']
  readonly mark: string | null
  readonly begun_at: number | null
  readonly created_at: number
}

export function createWatchedFolders(db: StoreConnection, unread: UnreadKeeper): Omit<FolderStore, 'rest'> {
  const insert = db.prepare<[string, number, string | null, number]>(
    'INSERT INTO watched_folders (rule, version, is_on, existing, created_at) VALUES (?, 1, ?, ?, ?)',
  )
  const one = db.prepare<[number], Row>('SELECT * FROM watched_folders WHERE id = ?')
  const all = db.prepare<[], Row>('SELECT * FROM watched_folders ORDER BY id')
  const update = db.prepare<[Omit<Row, 'created_at'>]>(`
    UPDATE watched_folders SET rule = @rule, version = @version, is_on = @is_on, existing = @existing, mark = @mark, begun_at = @begun_at
    WHERE id = @id`)
  const remove = db.prepare<[number]>('DELETE FROM watched_folders WHERE id = ?')
  const claim = db.prepare<[number, number]>('INSERT INTO folder_batches VALUES (?, ?) ON CONFLICT DO NOTHING')
  const folderOf = db.prepare<[number], number>('SELECT folder_id FROM folder_batches WHERE batch_id = ?').pluck()
  const spent = db
    .prepare<[number, string, number], number>(
      `SELECT total(spend.amount) FROM folder_batches JOIN spend ON spend.batch_id = folder_batches.batch_id
      WHERE folder_batches.folder_id = ? AND spend.provider = ? AND spend.spent_at >= ?`,
    )
    .pluck()

  const read = (row: Row): WatchedFolder | null => {
    const { id, version, existing, mark } = row
    const stored = jsonIn(row.rule)
    const checked = ruleSchema.safeParse(stored)
    if (!checked.success) unread.report({ what: 'folder', name: String(id), trouble: checked.error.message })
    const rule = checked.data ?? readableRule(stored)
    const on = checked.success && row.is_on === 1
    if (rule === null) return null
    const isUnread = checked.success ? {} : { isUnread: true as const }
    return { id, rule, ...isUnread, version, on, existing, mark, begunAtMs: row.begun_at, createdAtMs: row.created_at }
  }
  const get = (id: number) => {
    const row = one.get(id)
    return row === undefined ? null : read(row)
  }
  return {
    add: db.transaction(({ rule, on, existing }: Parameters<FolderStore['add']>[0], nowMs: number): WatchedFolder => {
      const { lastInsertRowid } = insert.run(JSON.stringify(rule), Number(on), existing, Math.floor(nowMs))
      const added = get(Number(lastInsertRowid))
      if (added === null) throw new Error('a folder that was just written cannot be read')
      return added
    }),
    get,
    list: () =>
      all
        .all()
        .map(read)
        .filter((folder) => folder !== null),
    save: db.transaction((id: number, change: Parameters<FolderStore['save']>[1]) => {
      const row = one.get(id)
      const before = row === undefined ? null : read(row)
      if (row === undefined || before === null) return null
      const { begunAtMs, version, existing, mark } = { ...before, ...change }
      update.run({
        id,
        rule: change.rule === undefined ? row.rule : JSON.stringify(change.rule),
        version,
        is_on: change.on === undefined ? row.is_on : Number(change.on),
        existing,
        mark,
        begun_at: begunAtMs === null ? null : Math.floor(begunAtMs),
      })
      return get(id)
    }),
    remove: (id) => remove.run(id).changes > 0,
    claimBatch: (id, batchId) => void claim.run(batchId, id),
    folderOfBatch: (batchId) => folderOf.get(batchId) ?? null,
    spent: (id, provider, sinceMs) => spent.get(id, provider, sinceMs) ?? 0,
  }
}

/** What can be read of a rule, with the rest as strict as it can be; null where not even its folder is known. Only to be shown. */
function readableRule(stored: unknown): Rule | null {
  const fields: Readonly<Record<string, unknown>> = typeof stored === 'object' && stored !== null ? { ...stored } : {}
  const understood = Object.entries(ruleSchema.shape).flatMap(([name, schema]): [string, unknown][] => {
    const checked = schema.safeParse(fields[name])
    return checked.success ? [[name, checked.data]] : []
  })
  const strict = { ...plainRule('', [{ target: null, preset: null, options: {} }]), localOnly: true }
  return ruleSchema.safeParse({ ...strict, ...Object.fromEntries(understood) }).data ?? null
}
