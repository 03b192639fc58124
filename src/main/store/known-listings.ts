/** Folders of which each file is known and at rest, by what their listing came to. Alone in a file because it is a table of its own, which only the ledger's lines change. */
import type { StoreConnection } from './connection.ts'
import type { KnownListing } from './ledger.ts'

export interface KnownListings {
  digestOf(folderId: number, dir: string, version: number): string | null
  put(listing: KnownListing): void
  forget(folderId: number, dir: string): void
}

export function createKnownListings(db: StoreConnection): KnownListings {
  const one = db
    .prepare<[number, string, number], string>(
      'SELECT digest FROM known_listings WHERE folder_id = ? AND dir = ? AND version = ?',
    )
    .pluck()
  const put = db.prepare<[number, string, number, string]>('INSERT OR REPLACE INTO known_listings VALUES (?, ?, ?, ?)')
  const remove = db.prepare<[number, string]>('DELETE FROM known_listings WHERE folder_id = ? AND dir = ?')
  return {
    digestOf: (folderId, dir, version) => one.get(folderId, dir, version) ?? null,
    put: ({ folderId, dir, version, digest }) => void put.run(folderId, dir, version, digest),
    forget: (folderId, dir) => void remove.run(folderId, dir),
  }
}
