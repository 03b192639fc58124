/** When a watched folder has come to rest, and what hooks are told of it, in one transaction. Apart, since it joins the folder, its ledger and the outbox. */
import type { StoreConnection } from './connection.ts'
import type { FolderStore } from './ledger.ts'
import type { Outbox } from './outbox.ts'

/** Files that were enqueued and have been dealt with since the folder was last at rest. */
interface Lately {
  readonly done: number
  readonly skipped: number
  readonly failed: number
}

export function createFolderRest(
  db: StoreConnection,
  { folders, outbox }: { readonly folders: Pick<FolderStore, 'get'>; readonly outbox: Pick<Outbox, 'folderAtRest'> },
): Pick<FolderStore, 'rest'> {
  const lately = db.prepare<[number], Lately>(`
    SELECT lately_done AS done, lately_left AS skipped, lately_failed AS failed FROM watched_folders
    WHERE id = ? AND lately_done + lately_left + lately_failed > 0`)
  const open = db
    .prepare<[number, string], number>('SELECT 1 FROM sightings WHERE folder_id = ? AND state = ? AND gone_at IS NULL LIMIT 1')
    .pluck()
  const settle = db.prepare<[number]>(
    'UPDATE watched_folders SET lately_done = 0, lately_left = 0, lately_failed = 0 WHERE id = ?',
  )
  const rest = db.transaction((id: number, found: Lately): void => {
    settle.run(id)
    const folder = folders.get(id)
    if (folder !== null) outbox.folderAtRest({ id, path: folder.rule.path, out: folder.rule.out, ...found })
  })
  return {
    rest: (id) => {
      const found = lately.get(id)
      if (found === undefined) return false
      // What has failed and will be tried again has not come to its end.
      if ((['waiting', 'queued', 'failed'] as const).some((state) => open.get(id, state) !== undefined)) return false
      rest(id, found)
      return true
    },
  }
}
