import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openForWriting, type StoreConnection } from '../../src/main/store/connection.ts'
import { migrate, versionOf } from '../../src/main/store/migrate.ts'
import { startMs } from '../support/drafts.ts'
import { temporaryFolder } from '../support/folder.ts'

const songs = 'CREATE TABLE songs (name TEXT) STRICT'
const lengths = 'ALTER TABLE songs ADD COLUMN length REAL; UPDATE songs SET length = 1.5'
const broken = 'DELETE FROM songs; CREATE TABLE songs (name TEXT)'

async function database(): Promise<{ readonly db: StoreConnection; readonly path: string; readonly folder: string }> {
  const folder = await temporaryFolder()
  const path = join(folder, 'beside.sqlite')
  const db = openForWriting(path)
  onTestFinished(() => void db.close())
  return { db, path, folder }
}

function rowsOf(path: string): unknown {
  const db = new Database(path, { readonly: true })
  try {
    return db.prepare('SELECT * FROM songs').all()
  } finally {
    db.close()
  }
}

describe('a migration', () => {
  it('of an empty file copies nothing', async () => {
    const { db, path, folder } = await database()
    migrate(db, path, [songs, lengths], startMs)
    expect(versionOf(db)).toBe(2)
    expect(readdirSync(folder).filter((name) => name.includes('before'))).toEqual([])
  })

  it('of a file that holds something keeps a copy of it, with what is only in the log', async () => {
    const { db, path, folder } = await database()
    migrate(db, path, [songs], startMs)
    db.prepare('INSERT INTO songs VALUES (?)').run('one')
    migrate(db, path, [songs, lengths], startMs)
    expect(db.prepare('SELECT * FROM songs').all()).toEqual([{ name: 'one', length: 1.5 }])
    expect(rowsOf(join(folder, 'beside.before-v2.sqlite'))).toEqual([{ name: 'one' }])
  })

  it('is done once', async () => {
    const { db, path, folder } = await database()
    migrate(db, path, [songs], startMs)
    migrate(db, path, [songs], startMs)
    expect([versionOf(db), existsSync(join(folder, 'beside.before-v1.sqlite'))]).toEqual([1, false])
  })

  it('that fails changes nothing; the copy of the first try is kept beside that of the second', async () => {
    const { db, path, folder } = await database()
    migrate(db, path, [songs], startMs)
    db.prepare('INSERT INTO songs VALUES (?)').run('one')
    expect(() => migrate(db, path, [songs, broken], startMs)).toThrow('already exists')
    expect([versionOf(db), db.prepare('SELECT * FROM songs').all()]).toEqual([1, [{ name: 'one' }]])
    db.prepare('INSERT INTO songs VALUES (?)').run('two')
    migrate(db, path, [songs, lengths], startMs)
    const copies = readdirSync(folder)
      .filter((name) => name.includes('before'))
      .toSorted()
    expect(copies).toEqual(['beside.before-v2-2027-01-15T08-00-00.000Z.sqlite', 'beside.before-v2.sqlite'])
    expect(copies.map((name) => rowsOf(join(folder, name)))).toEqual([[{ name: 'one' }, { name: 'two' }], [{ name: 'one' }]])
  })

  it('never touches a newer file', async () => {
    const { db, path } = await database()
    migrate(db, path, [songs, lengths], startMs)
    expect(() => migrate(db, path, [songs], startMs)).toThrow('data-newer')
    expect(versionOf(db)).toBe(2)
  })
})
