import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Log } from '../../src/main/engine/ports.ts'
import { migrations } from '../../src/main/store/schema.ts'
import { JobError } from '../../src/shared/failure.ts'
import { draftOf, numbered, startMs } from '../support/drafts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { queued, storeIn } from '../support/stored.ts'

leavesNothingOpen()

const childProgram = fileURLToPath(new URL('../support/store-child.ts', import.meta.url))

function startChild(folder: string): ChildProcess {
  const child = fork(childProgram, [folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return child
}

/** The code of what is thrown, with its facts. */
function failureOf(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    if (error instanceof JobError) return error.failure
    throw error
  }
  return null
}

/** Notes errors, which are expected here. */
function notingLog(errors: string[]): Log {
  return { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (text) => void errors.push(text) }
}

describe('a data folder', () => {
  it('is made where it is missing, for its owner alone', async () => {
    const folder = join(await temporaryFolder(), 'a', 'b')
    const store = storeIn(folder)
    expect([store.setAside, store.tag, store.jobs.totals().queued]).toEqual([null, 'a1a1a1', 0])
    expect(statSync(folder).mode & 0o077).toBe(0)
  })

  it('keeps everything, its tag too, from one opening to the next', async () => {
    const folder = await temporaryFolder()
    const first = storeIn(folder)
    const [id = 0] = queued(first, [draftOf('take.wav', { order: { options: { bitrate: 192 } } })])
    const job = first.jobs.claim('local:audio', startMs)
    first.close()
    first.close()
    expect(readdirSync(folder)).toEqual(['beside.sqlite'])
    const second = storeIn(folder)
    expect([second.jobs.get(id), second.jobs.running(), second.tag]).toEqual([job, [job], first.tag])
    expect(queued(second, [draftOf('take.wav', { order: { options: { bitrate: 192 } } })])).toEqual([id])
  })

  it('loses batches that nothing came into, at the next opening only', async () => {
    const folder = await temporaryFolder()
    const first = storeIn(folder)
    const empty = first.batches.open('empty', startMs)
    const [id = 0] = queued(first, [draftOf('take.wav')])
    const batchId = first.jobs.get(id)?.batchId ?? 0
    expect(first.batches.get(empty)?.label).toBe('empty')
    first.close()
    const second = storeIn(folder)
    expect([second.batches.get(empty), second.batches.get(batchId)?.label]).toEqual([null, 'drop'])
    expect(second.batches.open('next', startMs)).toBeGreaterThan(batchId)
  })

  it('that cannot be made is refused by name', async () => {
    const file = join(await temporaryFolder(), 'file')
    writeFileSync(file, '')
    expect(failureOf(() => storeIn(join(file, 'data')))).toMatchObject({
      code: 'folder-read-only',
      facts: { path: join(file, 'data') },
    })
  })

  it.skipIf(process.getuid?.() === 0)('that cannot be written to is refused by name', async () => {
    const folder = await temporaryFolder()
    chmodSync(folder, 0o500)
    expect(failureOf(() => storeIn(folder))).toMatchObject({ code: 'folder-read-only' })
    chmodSync(folder, 0o700)
  })
})

describe('one writer', () => {
  it('holds the folder: a second one in the same process is refused at once', async () => {
    const folder = await temporaryFolder()
    const first = storeIn(folder)
    expect(failureOf(() => storeIn(folder))).toMatchObject({ code: 'data-busy', facts: { path: join(folder, 'beside.sqlite') } })
    expect(queued(first, [draftOf('take.wav')])).toEqual([1])
    first.close()
    expect(storeIn(folder).jobs.totals().queued).toBe(1)
  })

  it('refuses a second process, which touches nothing', async () => {
    const folder = await temporaryFolder()
    const store = storeIn(folder)
    const [said] = (await once(startChild(folder), 'message')) as [unknown]
    expect(said).toMatchObject({ refused: { code: 'data-busy' } })
    expect([readdirSync(folder).toSorted(), store.jobs.totals().queued]).toEqual([['beside.sqlite', 'beside.sqlite-wal'], 0])
  })

  it('that is killed leaves the folder free, with everything it had committed', async () => {
    const folder = await temporaryFolder()
    const child = startChild(folder)
    let committed = 0
    child.on('message', (said: { committed: number }) => (committed = said.committed))
    while (committed < 40) await once(child, 'message')
    expect(failureOf(() => storeIn(folder))).toMatchObject({ code: 'data-busy' })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const store = storeIn(folder)
    const { queued: found } = store.jobs.totals()
    expect([found >= committed, found <= committed + 1, store.setAside]).toEqual([true, true, null])
    expect(store.jobs.list({ phases: [], batchId: null, after: null, limit: 1000 }).jobs).toHaveLength(found)
  })
})

describe('a database of a newer Beside', () => {
  async function newer(): Promise<string> {
    const path = join(await temporaryFolder(), 'beside.sqlite')
    const db = new Database(path)
    db.pragma('journal_mode = WAL')
    db.exec('CREATE TABLE jobs (of_tomorrow TEXT)')
    db.pragma(`user_version = ${migrations.length + 1}`)
    db.close()
    return path
  }

  it('is refused by name and stays as it is, byte by byte', async () => {
    const path = await newer()
    const before = readFileSync(path)
    const folder = join(path, '..')
    expect(failureOf(() => storeIn(folder))).toMatchObject({ code: 'data-newer', facts: { path } })
    expect([readFileSync(path).equals(before), readdirSync(folder)]).toEqual([true, ['beside.sqlite']])
  })

  it('is recognised in the log that a killed one left, which stays as it is too', async () => {
    const path = await newer()
    const copy = join(await temporaryFolder(), 'beside.sqlite')
    const db = new Database(path)
    db.exec('INSERT INTO jobs VALUES (1)')
    db.pragma(`user_version = ${migrations.length + 2}`)
    for (const ending of ['', '-wal']) writeFileSync(`${copy}${ending}`, readFileSync(`${path}${ending}`))
    db.close()
    const before = ['', '-wal'].map((ending) => readFileSync(`${copy}${ending}`))
    expect(failureOf(() => storeIn(join(copy, '..')))).toMatchObject({ code: 'data-newer' })
    expect(readdirSync(join(copy, '..')).toSorted()).toEqual(['beside.sqlite', 'beside.sqlite-wal'])
    expect(['', '-wal'].map((ending, index) => readFileSync(`${copy}${ending}`).equals(before[index] ?? Buffer.of()))).toEqual([
      true,
      true,
    ])
  })
})

describe('a damaged database', () => {
  /** A folder with a queue of some hundred kilobytes. */
  async function filled(): Promise<{ readonly folder: string; readonly path: string }> {
    const folder = await temporaryFolder()
    const store = storeIn(folder)
    queued(store, numbered(1500))
    store.close()
    return { folder, path: join(folder, 'beside.sqlite') }
  }

  function openDamaged(folder: string): {
    readonly errors: readonly string[]
    readonly aside: string | null
    readonly queued: number
  } {
    const errors: string[] = []
    const store = storeIn(folder, notingLog(errors))
    return { errors, aside: store.setAside, queued: store.jobs.totals().queued }
  }

  const asideName = `beside.damaged-${new Date(startMs).toISOString().replaceAll(':', '-')}.sqlite`

  it.each<[what: string, damage: (path: string) => void]>([
    ['a text', (path) => writeFileSync(path, 'Not a database, but longer than a header would be.'.repeat(40))],
    ['a few bytes', (path) => writeFileSync(path, 'SQLite')],
    ['cut off', (path) => truncateSync(path, 50_000)],
    ['short of its last page', (path) => truncateSync(path, statSync(path).size - 4096)],
    ['without its table of contents', (path) => overwrite(path, 100, 1000)],
  ])('(%s) is set aside whole, and a new one begun', async (_, damage) => {
    const { folder, path } = await filled()
    damage(path)
    const before = readFileSync(path)
    expect(openDamaged(folder)).toEqual({
      errors: ['the database is damaged and was set aside; a new one was begun'],
      aside: join(folder, asideName),
      queued: 0,
    })
    expect(readFileSync(join(folder, asideName)).equals(before)).toBe(true)
  })

  it('is found after a stop that was not clean, and its log is set aside with it', async () => {
    const { folder, path } = await filled()
    const leaf = leavesOfJobs(path)[0] ?? 0
    const store = storeIn(folder)
    queued(store, [draftOf('in the log.wav')])
    // What a crash would leave: the file and its log as they are now.
    const crashed = join(await temporaryFolder(), 'beside.sqlite')
    for (const ending of ['', '-wal']) writeFileSync(`${crashed}${ending}`, readFileSync(`${path}${ending}`))
    overwrite(crashed, (leaf - 1) * 4096, 4096)
    const wal = readFileSync(`${crashed}-wal`)
    const { aside } = openDamaged(join(crashed, '..'))
    expect(aside).toBe(join(crashed, '..', asideName))
    expect(readFileSync(`${aside}-wal`).equals(wal)).toBe(true)
  })

  it('of which only the log is left is set aside too', async () => {
    const folder = await temporaryFolder()
    writeFileSync(join(folder, 'beside.sqlite-wal'), 'all that is left')
    expect(openDamaged(folder).aside).toBe(join(folder, asideName))
    expect(readFileSync(join(folder, `${asideName}-wal`), 'utf8')).toBe('all that is left')
  })

  it('that shows itself while it is used says so by name; the next start reads everything and sets it aside', async () => {
    const { folder, path } = await filled()
    // After a clean stop, so that only a look is taken.
    for (const leaf of leavesOfJobs(path)) overwrite(path, (leaf - 1) * 4096, 4096)
    const errors: string[] = []
    const store = storeIn(folder, notingLog(errors))
    expect(store.setAside).toBeNull()
    expect(failureOf(() => store.jobs.get(700))).toMatchObject({ code: 'data-damaged', facts: { path } })
    expect(errors).toEqual(['the database is damaged; the next start reads all of it'])
    store.close()
    expect(openDamaged(folder)).toMatchObject({ aside: join(folder, asideName), queued: 0 })
  })

  it('does not push an earlier one away', async () => {
    const { folder, path } = await filled()
    writeFileSync(path, 'one')
    const first = storeIn(folder, notingLog([]))
    first.close()
    writeFileSync(path, 'two')
    const second = storeIn(folder, notingLog([]))
    expect([first.setAside, second.setAside].map((aside) => readFileSync(aside ?? '', 'utf8'))).toEqual(['one', 'two'])
  })

  it('is not what an empty file is: that is begun', async () => {
    const folder = await temporaryFolder()
    closeSync(openSync(join(folder, 'beside.sqlite'), 'w'))
    expect(openDamaged(folder)).toEqual({ errors: [], aside: null, queued: 0 })
  })
})

/** Numbers of the pages that hold rows of jobs. */
function leavesOfJobs(path: string): readonly number[] {
  const db = new Database(path, { readonly: true })
  try {
    return db
      .prepare<[], number>(`SELECT pageno FROM dbstat WHERE name = 'jobs' AND pagetype = 'leaf' ORDER BY pageno`)
      .pluck()
      .all()
  } finally {
    db.close()
  }
}

function overwrite(path: string, position: number, length: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, position)
  closeSync(file)
}
