import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { Log } from '../../src/main/engine/ports.ts'
import type { Preset } from '../../src/shared/model.ts'
import { defaultSettings } from '../../src/shared/settings.ts'
import { numbered } from '../support/drafts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { queued, storeIn, temporaryStore } from '../support/stored.ts'

/** Changes the file behind the store's back, as another version or a person might. */
async function tampered(sql: string): Promise<{ readonly folder: string; readonly said: string[]; readonly log: Log }> {
  const folder = await temporaryFolder()
  const store = storeIn(folder)
  queued(store, numbered(3))
  store.close()
  const db = new Database(join(folder, 'beside.sqlite'))
  try {
    db.exec(sql)
  } finally {
    db.close()
  }
  const said: string[] = []
  const note = (text: string) => void said.push(text)
  return { folder, said, log: { ...testLog, warn: note, error: note } }
}

describe('settings', () => {
  it('are the defaults until they are changed, and stay changed', async () => {
    const folder = await temporaryFolder()
    const store = storeIn(folder)
    expect(store.settings.get()).toEqual(defaultSettings)
    const changed = store.settings.set({ ifExists: 'skip', providerOrder: ['local'] })
    expect([changed, store.settings.get()]).toEqual(
      [1, 2].map(() => ({ ...defaultSettings, ifExists: 'skip', providerOrder: ['local'] })),
    )
    store.close()
    expect(storeIn(folder).settings.get()).toEqual(changed)
  })

  it('refuse what is no setting, and stay as they were', async () => {
    const store = await temporaryStore()
    expect(() => store.settings.set({ diskReserveBytes: -1 })).toThrow('diskReserveBytes')
    expect(store.settings.get()).toEqual(defaultSettings)
  })

  it('fall back field by field where the file holds what is not understood', async () => {
    const stored = { ifExists: 'ask me', keepDates: false, ofTomorrow: 1, providerOrder: ['local', 'nobody'], paused: true }
    const { folder, said, log } = await tampered(`INSERT INTO settings VALUES (1, '${JSON.stringify(stored)}')`)
    expect(storeIn(folder, log).settings.get()).toEqual({ ...defaultSettings, keepDates: false, paused: true })
    expect(said).toEqual([1, 2].map(() => 'a row of the database cannot be read by this version'))
  })

  it.each(['null', '[]', '7', '"text"'])('are the defaults where the file holds %j', async (json) => {
    const { folder, log } = await tampered(`INSERT INTO settings VALUES (1, '${json}')`)
    expect(storeIn(folder, log).settings.get()).toEqual(defaultSettings)
  })
})

describe('presets', () => {
  const podcast: Preset = { name: 'Podcast', target: 'mp3', options: { bitrate: 96, normalize: true }, localOnly: true }

  it('are saved, replaced, listed by name and removed', async () => {
    const store = await temporaryStore()
    store.presets.save(podcast)
    store.presets.save({ name: 'Archive', target: 'flac', options: {} })
    store.presets.save({ ...podcast, target: 'opus' })
    expect(store.presets.list().map(({ name, target }) => [name, target])).toEqual([
      ['Archive', 'flac'],
      ['Podcast', 'opus'],
    ])
    expect([store.presets.remove('Archive'), store.presets.remove('Archive')]).toEqual([true, false])
    expect([store.presets.get('Archive'), store.presets.get('Podcast')]).toEqual([null, { ...podcast, target: 'opus' }])
  })

  it('that are not understood are left out', async () => {
    const { folder, said, log } = await tampered(
      `INSERT INTO presets VALUES ('Odd', '{"name":"Odd","target":"no format","options":{}}')`,
    )
    const store = storeIn(folder, log)
    store.presets.save(podcast)
    expect([store.presets.list(), store.presets.get('Odd')]).toEqual([[podcast], null])
    expect(said).toEqual(['a row of the database cannot be read by this version'])
  })
})

describe('what is no JSON', () => {
  it.each([
    `UPDATE jobs SET state = '{'`,
    `INSERT INTO plans (json) VALUES ('{')`,
    `INSERT INTO settings VALUES (1, '')`,
    `INSERT INTO presets VALUES ('Torn', '{')`,
  ])('cannot come into the file: %s', async (sql) => {
    await expect(tampered(sql)).rejects.toThrow('CHECK constraint failed: json_valid')
  })
})
