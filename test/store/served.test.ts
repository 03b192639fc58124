/** Keys and served jobs in the database: what a quota counts, and what becomes of rows that cannot be read. */
import Database from 'better-sqlite3'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { NewServedJob } from '../../src/main/store/served.ts'
import { failure } from '../../src/shared/failure.ts'
import { startMs } from '../support/drafts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { storeIn, temporaryStore } from '../support/stored.ts'

leavesNothingOpen()

const key = { name: 'phone', quota: 5, pairs: null, with: 'local' } as const
const job = (id: string, files: number): NewServedJob => ({
  id,
  keyId: 1,
  batchId: 7,
  files,
  pair: 'wav2mp3',
  keptMs: 1000,
  askedBy: null,
})

describe('a quota', () => {
  it('is lowered with the job, given back with it where it was for nothing, and never passed', async () => {
    const { served } = await temporaryStore()
    served.addKey(key, 'hash', startMs)
    const taken = [served.take(job('a', 3), startMs), served.take(job('b', 3), startMs), served.take(job('c', 2), startMs)]
    served.remove('a', 'refund')
    served.remove('a', 'refund')
    served.remove('c', 'paid')
    expect([taken, served.keyByHash('hash')?.left, served.jobs()]).toEqual([[{ left: 2 }, { lacking: 1 }, { left: 0 }], 3, []])
  })

  it('that has no bound stays so', async () => {
    const { served } = await temporaryStore()
    served.addKey({ ...key, quota: null }, 'hash', startMs)
    const taken = served.take(job('a', 1000), startMs)
    served.remove('a', 'refund')
    expect([taken, served.keyByHash('hash')?.left]).toEqual([{ left: null }, null])
  })
})

describe('a key', () => {
  it('is one under its name, and nobody has it once it is closed', async () => {
    const { served } = await temporaryStore()
    const added = [
      served.addKey(key, 'hash', startMs),
      served.addKey(key, 'other', startMs),
      served.addKey({ ...key, name: 'x' }, 'hash', startMs),
    ]
    served.closeKey(1)
    const closed = served.keyByHash('hash')
    served.removeKey(1)
    expect([added, closed, served.keys()]).toEqual([[true, false, false], null, []])
  })
})

describe('a served job', () => {
  it('keeps how it ended, once', async () => {
    const { served } = await temporaryStore()
    served.addKey(key, 'hash', startMs)
    served.take(job('a', 1), startMs)
    served.accept('a')
    const failures = [{ file: 'a.wav', why: failure('cancelled') }]
    served.end('a', failures, startMs + 5)
    served.end('a', [], startMs + 9)
    expect(served.job('a')).toMatchObject({ accepted: true, endedAtMs: startMs + 5, failures })
  })
})

describe('a row that cannot be read', () => {
  it('lets its key do nothing, and its job have failed, and is named', async () => {
    const folder = await temporaryFolder()
    const first = storeIn(folder)
    first.served.addKey({ ...key, pairs: [{ from: 'wav', to: 'mp3' }] }, 'hash', startMs)
    first.served.take(job('a', 1), startMs)
    first.close()
    const db = new Database(join(folder, 'beside.sqlite'))
    db.exec(`UPDATE api_keys SET pairs = '{"all":true}'; UPDATE served_jobs SET failures = '7', ended_at = 1`)
    db.close()
    const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
    const { served, unread } = storeIn(folder, silent)
    expect([served.keyByHash('hash')?.pairs, served.job('a')?.failures.length, unread.list().map(({ what }) => what)]).toEqual([
      [],
      1,
      ['api-key', 'served-job'],
    ])
  })
})
