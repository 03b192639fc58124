/** Watched folders, one row each; the rule is one value. A rule that is no longer understood is left out, and logged. */
import { ruleSchema, type Rule } from '../../shared/folders.ts'
import type { Log } from '../engine/ports.ts'
import type { Connection } from './connection.ts'
import type { FolderStore, WatchedFolder } from './ledger.ts'

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

export function createWatchedFolders(db: Connection, log: Log): FolderStore {
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
    const rule = ruleIn(row.rule)
    if (rule === null) {
      log.error('the rule of a watched folder cannot be understood', { id: row.id })
      return null
    }
    const { id, version, existing, mark } = row
    return { id, rule, version, on: row.is_on === 1, existing, mark, begunAtMs: row.begun_at, createdAtMs: row.created_at }
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
      const before = get(id)
      if (before === null) return null
      const { rule, on, begunAtMs, version, existing, mark } = { ...before, ...change }
      update.run({
        id,
        rule: JSON.stringify(rule),
        version,
        is_on: Number(on),
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

function ruleIn(json: string): Rule | null {
  const checked = ruleSchema.safeParse(JSON.parse(json))
  return checked.success ? checked.data : null
}
