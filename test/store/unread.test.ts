/** Rows that this version cannot read, as a newer one, a person or a fault might have left them. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { compose, type Composed } from '../../src/main/compose.ts'
import type { Log } from '../../src/main/engine/ports.ts'
import { fileSecrets } from '../../src/main/secrets.ts'
import { describeCheck } from '../../src/shared/describe.ts'
import { plainRule } from '../../src/shared/folders.ts'
import { defaultSettings } from '../../src/shared/settings.ts'
import { numbered, startMs } from '../support/drafts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { queued, storeIn } from '../support/stored.ts'
import { until } from '../support/watching.ts'

leavesNothingOpen()

const lane = 'local:audio'
const unreadable = { code: 'internal', facts: { because: 'job-unreadable' } }

interface Tampered {
  readonly folder: string
  /** What the log says, in errors and warnings. */
  readonly logged: string[]
  readonly log: Log
}

/** Three queued jobs, a watched folder and an account, changed behind the store's back. */
async function tampered(sql: string): Promise<Tampered> {
  const folder = await temporaryFolder()
  const store = storeIn(folder)
  queued(store, numbered(3, { provider: 'xconvert' }))
  const rule = { ...plainRule('/drop', [{ target: 'mp3', preset: null, options: {} }]), recursive: true, holdMs: 5000 }
  const { id: folderId } = store.folders.add({ rule, on: true, existing: 'convert' }, startMs)
  store.folders.save(folderId, { begunAtMs: startMs, mark: 'file abc' })
  const line = {
    folderId, dir: '', name: 'a.wav', inode: null, bytes: 1, mtimeMs: 1, print: null, state: 'left', why: { code: 'hidden', facts: {} },
    version: 1, attempts: 0, dueAtMs: null, goneAtMs: null,
  } as const // prettier-ignore
  store.sightings.write([{ id: null, line }], startMs)
  store.accounts.keep('xconvert', { plan: 'pro', left: null, askedAtMs: startMs })
  store.close()
  inDatabase(folder, (db) => db.exec(sql))
  const logged: string[] = []
  const note = (text: string) => void logged.push(text)
  return { folder, logged, log: { ...testLog, warn: note, error: note } }
}

function inDatabase<T>(folder: string, work: (db: Database.Database) => T): T {
  const db = new Database(join(folder, 'beside.sqlite'))
  try {
    return work(db)
  } finally {
    db.close()
  }
}

/** A whole Beside over it, not yet started. */
async function composed(folder: string): Promise<Composed> {
  const beside = await compose({ home: folder, log: { ...testLog, error: () => undefined }, secrets: fileSecrets(folder, {}) })
  onTestFinished(beside.stop)
  return beside
}

const rowText = 'a row of the database cannot be read by this version'

describe('a live job that cannot be read', () => {
  const ofTomorrow = '{"phase":"queued","dueAtMs":0,"last":null,"work":{"step":"teleport","ticket":{"ids":{"job":"7"}}}}'

  it('ends as failed when its turn comes, counts as that and as nothing else, and is in the history', async () => {
    const { folder, log, logged } = await tampered(`UPDATE jobs SET state = '${ofTomorrow}' WHERE id = 2`)
    const store = storeIn(folder, log)
    const claimed = Array.from({ length: 3 }, () => store.jobs.claim(lane, startMs)?.id)
    expect({
      claimed,
      totals: store.jobs.totals(),
      running: store.jobs.running().map(({ id }) => id),
      job: store.jobs.get(2)?.state,
      history: store.history.page({ text: 'take' }, null, 10).jobs.map(({ id }) => id),
      unread: store.unread.list().map(({ what, name }) => `${what} ${name}`),
      logged,
    }).toEqual({
      claimed: [1, 3, undefined],
      totals: expect.objectContaining({ queued: 0, running: 2, failed: 1 }),
      running: [1, 3],
      // It may have cost: the step is not one that comes before everything was sent.
      job: { phase: 'failed', finishedAtMs: startMs, why: unreadable, sent: true },
      history: [2],
      unread: ['job 2'],
      logged: [rowText],
    })
  })

  it('keeps its state as it was inside the new one', async () => {
    const { folder, log } = await tampered(`UPDATE jobs SET state = '${ofTomorrow}' WHERE id = 2`)
    const store = storeIn(folder, log)
    while (store.jobs.claim(lane, startMs) !== null);
    store.close()
    const state = inDatabase(folder, (db) => db.prepare('SELECT state FROM jobs WHERE id = 2').pluck().get())
    expect(JSON.parse(String(state))).toMatchObject({ phase: 'failed', unread: JSON.parse(ofTomorrow) as unknown })
  })

  it.each(['running', 'paused', 'waiting', 'uncertain'])('and stands at `%s` does not stay there', async (phase) => {
    const { folder, log } = await tampered(`
      UPDATE jobs SET phase = '${phase}', state = '{"phase":"${phase}"}' WHERE id = 2;
      UPDATE totals SET jobs = jobs - 1 WHERE phase = 'queued'; INSERT INTO totals VALUES ('${phase}', 1);
      UPDATE batch_totals SET jobs = jobs - 1 WHERE phase = 'queued'; INSERT INTO batch_totals VALUES (1, '${phase}', 1)`)
    const store = storeIn(folder, log)
    const listed = phase === 'running' ? store.jobs.running() : store.jobs.list({ phases: ['paused', 'waiting', 'uncertain'], batchId: null, after: null, limit: 9 }).jobs // prettier-ignore
    expect({
      listed,
      totals: store.jobs.totals(),
      batch: store.batches.get(1)?.totals,
      phase: store.jobs.get(2)?.state.phase,
    }).toEqual({
      listed: [],
      totals: expect.objectContaining({ queued: 2, [phase]: 0, failed: 1 }),
      batch: expect.objectContaining({ queued: 2, [phase]: 0, failed: 1 }),
      phase: 'failed',
    })
  })

  it.each([
    ['its provider', `UPDATE jobs SET provider = 'nobody' WHERE id = 2`],
    ['what it is to do', `INSERT INTO plans VALUES (99, '{"target":"no format"}'); UPDATE jobs SET plan_id = 99 WHERE id = 2`],
    ['what it is to do, all of it', `INSERT INTO plans VALUES (99, '7'); UPDATE jobs SET plan_id = 99 WHERE id = 2`],
  ])('by %s, hides no other, holds up no lane, and can be forgotten', async (_, sql) => {
    const { folder, log } = await tampered(sql)
    const store = storeIn(folder, log)
    const list = () => store.jobs.list({ phases: [], batchId: null, after: null, limit: 10 }).jobs.map(({ id }) => id)
    const cancelled = store.jobs.apply(2, { type: 'cancel', atMs: startMs })
    const before = { list: list(), cancelled, totals: store.jobs.totals(), unread: store.unread.list().map(({ name }) => name) }
    const forgotten = store.history.forget('all', 10)
    expect({ ...before, forgotten, sums: store.history.sums({}), left: store.jobs.totals() }).toEqual({
      list: [1, 3],
      cancelled: null,
      totals: expect.objectContaining({ queued: 2, failed: 1 }),
      unread: ['2'],
      forgotten: 1,
      sums: { jobs: 0, done: 0, failed: 0, sourceBytes: 0, outputBytes: 0 },
      left: expect.objectContaining({ queued: 2, failed: 0 }),
    })
  })

  it('is done with for whoever waits for the end of the work', async () => {
    const { folder } = await tampered(`
      DELETE FROM jobs WHERE id <> 2; UPDATE jobs SET lane = 'xconvert', state = '{"phase":"queued"}';
      UPDATE totals SET jobs = 1; UPDATE batch_totals SET jobs = 1; DELETE FROM watched_folders`)
    const { engine } = await composed(folder)
    const stop = new AbortController()
    const seen: number[] = []
    const following = (async () => {
      for await (const portion of engine.changes(stop.signal))
        for (const change of portion) if (change.type === 'totals') seen.push(change.totals.queued + change.totals.running)
    })()
    await engine.start()
    await until(() => seen.includes(0))
    stop.abort()
    await following
    expect(engine.totals().totals).toMatchObject({ queued: 0, running: 0, failed: 1 })
  })
})

describe('the rule of a watched folder that cannot be read', () => {
  const ofTomorrow = `UPDATE watched_folders SET rule = json_set(rule, '$.holdMs', 'long', '$.spend', 'freely', '$.localOnly', 'maybe')`

  it('leaves the folder in the list, with what can be read of it, and not watched', async () => {
    const { folder, log, logged } = await tampered(ofTomorrow)
    const store = storeIn(folder, log)
    expect({
      list: store.folders.list(),
      unread: store.unread.list().map(({ what, name }) => `${what} ${name}`),
      logged,
    }).toMatchObject({
      list: [
        {
          on: false,
          isUnread: true,
          mark: 'file abc',
          rule: { path: '/drop', recursive: true, holdMs: 0, spend: null, localOnly: true },
        },
      ],
      unread: ['folder 1'],
      logged: [rowText],
    })
  })

  it('is not written over by anything but a new rule', async () => {
    const { folder, log } = await tampered(ofTomorrow)
    const store = storeIn(folder, log)
    store.folders.save(1, { mark: 'file def', on: true })
    const before = store.folders.get(1)
    const rule = { ...plainRule('/drop', [{ target: 'flac', preset: null, options: {} }]) }
    const after = store.folders.save(1, { rule })
    expect({ before, after }).toMatchObject({
      before: { on: false, isUnread: true, mark: 'file def' },
      after: { on: true, rule },
    })
    expect(after).not.toHaveProperty('isUnread')
  })

  it('is reported where not even the path can be read', async () => {
    const { folder, log } = await tampered(`UPDATE watched_folders SET rule = '{'`)
    const store = storeIn(folder, log)
    expect({
      list: store.folders.list(),
      unread: store.unread.list().map(({ name }) => name),
      removed: store.folders.remove(1),
    }).toEqual({
      list: [],
      unread: ['1'],
      removed: true,
    })
  })

  it('is said to whoever looks at the folder', async () => {
    const { folder } = await tampered(`${ofTomorrow}; DELETE FROM jobs; DELETE FROM totals; DELETE FROM batch_totals`)
    const { folders, engine } = await composed(folder)
    await folders.start()
    const checks = await engine.doctor()
    expect({
      health: folders.list().map(({ on, health }) => ({ on, health })),
      found: checks.slice(-1).map((check) => describeCheck(check).found),
    }).toEqual({
      health: [
        { on: false, health: { state: 'trouble', how: null, why: { code: 'internal', facts: { because: 'rule-unreadable' } } } },
      ],
      found: ['Something went wrong inside Beside: this version cannot read these entries of the database: folder 1.'],
    })
  })
})

describe('what else cannot be read', () => {
  it('stays in the settings, while its default holds, until it is changed', async () => {
    const { folder, log } = await tampered(
      `INSERT INTO settings VALUES (1, '{"ifExists":"ask me","ofTomorrow":1,"paused":true,"localOnly":"perhaps"}')`,
    )
    const store = storeIn(folder, log)
    const changed = store.settings.set({ ifExists: 'skip', keepDates: false })
    const unread = store.unread.list().map(({ what, name }) => `${what} ${name}`)
    store.close()
    const json = inDatabase(folder, (db) => db.prepare('SELECT json FROM settings').pluck().get())
    expect({ changed, unread, stored: JSON.parse(String(json)) as unknown }).toEqual({
      changed: { ...defaultSettings, paused: true, ifExists: 'skip', keepDates: false },
      unread: ['setting ifExists', 'setting localOnly'],
      stored: { ...defaultSettings, paused: true, ifExists: 'skip', keepDates: false, localOnly: 'perhaps', ofTomorrow: 1 },
    })
  })

  it('leaves a preset out, and says so', async () => {
    const { folder, log } = await tampered(
      `INSERT INTO presets VALUES ('Odd', '{"name":"Odd","target":"no format","options":{}}')`,
    )
    const store = storeIn(folder, log)
    expect({ list: store.presets.list(), unread: store.unread.list().map(({ what, name }) => `${what} ${name}`) }).toEqual({
      list: [],
      unread: ['preset Odd'],
    })
  })

  it.each(['{', '{"plan":7}'])('makes an account one that was never asked (%s)', async (json) => {
    const { folder, log } = await tampered(`UPDATE meta SET value = '${json}' WHERE name = 'account xconvert'`)
    const store = storeIn(folder, log)
    expect({ account: store.accounts.get('xconvert'), unread: store.unread.list().map(({ name }) => name) }).toEqual({
      account: null,
      unread: ['xconvert'],
    })
  })

  it.each(['{', '{"code":"of-tomorrow","facts":{}}'])('is no reason for a line of the ledger to be lost (%s)', async (json) => {
    const { folder, log } = await tampered(`UPDATE sightings SET why = '${json}'`)
    const store = storeIn(folder, log)
    const [line] = store.sightings.inDir(1, '')
    store.sightings.write([{ id: line?.id ?? 0, change: { attempts: 2 } }], startMs)
    store.close()
    const why = inDatabase(folder, (db) => db.prepare('SELECT why FROM sightings').pluck().get())
    expect({ line, why }).toMatchObject({
      line: { state: 'left', why: { code: 'internal', facts: { because: 'reason-unreadable' } } },
      why: json,
    })
  })

  it('stays in the history where it is finished, and is named', async () => {
    const { folder, log } = await tampered(`SELECT 1`)
    const first = storeIn(folder, log)
    first.jobs.claim(lane, startMs)
    first.jobs.apply(1, { type: 'finish', atMs: startMs, outputs: [], notes: [], archivedTo: null })
    first.close()
    inDatabase(folder, (db) => db.exec(`UPDATE jobs SET state = '{"phase":"done"}' WHERE id = 1`))
    const store = storeIn(folder, log)
    expect({
      page: store.history.page({}, null, 10).jobs,
      sums: store.history.sums({}).jobs,
      totals: store.jobs.totals().done,
      unread: store.unread.list().map(({ name }) => name),
    }).toEqual({ page: [], sums: 1, totals: 1, unread: ['1'] })
  })
})
