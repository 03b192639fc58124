/** What fails beneath the watching, or with one file, holds up nothing else, and is made good once it works again. */
import { appendFile, copyFile, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { missingOf } from '../../src/main/watch/completeness.ts'
import { failingStore } from '../support/failing-store.ts'
import { temporaryFolder } from '../support/folder.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { copies, until, watching } from '../support/watching.ts'

leavesNothingOpen()

const minuteMs = 60_000

describe('a store that does not answer for a while', () => {
  it.each<[when: string, call: 'ofJob' | 'get' | 'write']>([
    ['it is looked up which file a job was for', 'ofJob'],
    ['the file of the job is looked up', 'get'],
    ['it is written down what became of the file', 'write'],
  ])('when %s: the end of the job is made known once it answers', async (_, call) => {
    const store = failingStore()
    const { add, drop, tone, clock, folder, engine, settled, ledger } = await watching({ over: store.over, log: store.log })
    await add()
    engine.pauseAll()
    await copyFile(tone, join(drop, 'take.wav'))
    await until(() => folder().counts.queued === 1)
    store.fail(call)
    engine.resumeAll()
    await until(() => engine.totals().totals.done === 1 && store.failures() > 0)
    store.heal()
    clock.pass(minuteMs)
    await settled()
    await copyFile(tone, join(drop, 'next.wav'))
    await settled()
    expect(ledger().filter((text) => text.endsWith('done converted'))).toEqual([
      'next.wav: done converted',
      'take.wav: done converted',
    ])
  })

  it('when a folder is to be shown to a reader: it is shown once it answers', async () => {
    const store = failingStore()
    const { add, drop, tone, clock, folders, settled } = await watching({ over: store.over, log: store.log })
    await add()
    const end = new AbortController()
    let shown = 0
    const reading = (async () => {
      for await (const portion of folders.changes(end.signal)) shown += portion.filter(({ type }) => type === 'folder').length
    })()
    await copyFile(tone, join(drop, 'take.wav'))
    await settled()
    store.fail('folder')
    clock.pass(minuteMs)
    await until(() => store.failures() > 0)
    store.heal()
    shown = 0
    clock.pass(minuteMs)
    await until(() => shown > 0)
    end.abort()
    await reading
    expect(shown).toBeGreaterThan(0)
  })

  it('when files are seen: they are found once it answers, though nothing is heard of them any more', async () => {
    const store = failingStore()
    const { add, drop, tone, clock, settled, done } = await watching({ over: store.over, log: store.log })
    await add()
    store.fail('write')
    await copies(tone, drop, ['one.wav', 'two.wav'])
    await until(() => store.failures() > 0)
    store.heal()
    clock.pass(minuteMs)
    await settled()
    expect(done()).toBe(2)
  })
})

describe('one file that goes wrong', () => {
  it('as it is seen leaves the others to be converted, and is converted once it does not', async () => {
    const store = failingStore()
    const { add, drop, tone, looked, settled, done } = await watching({ over: store.over, log: store.log })
    await add()
    store.fail('ownerOf', (path) => String(path).endsWith('bad.wav'))
    await copies(tone, drop, ['bad.wav', 'one.wav', 'two.wav'])
    await until(() => done() === 2 && store.failures() > 0)
    store.heal()
    await looked()
    await settled()
    expect(done()).toBe(3)
  })

  it('as it is checked leaves the others to be converted, and is converted once it does not', async () => {
    const store = failingStore()
    const { over, log } = store
    const { add, drop, tone, clock, lines, settled, done } = await watching({ over, log, timings: { gatherMs: 0 } })
    await add()
    await clock.still(async () => {
      await copies(tone, drop, ['bad.wav', 'one.wav', 'two.wav'])
      await until(() => lines().length === 3)
      store.fail('ownerOf', (path) => String(path).endsWith('bad.wav'))
    })
    await until(() => done() === 2 && store.failures() > 0)
    store.heal()
    clock.pass(minuteMs)
    await settled()
    expect(done()).toBe(3)
  })

  it('because it becomes shorter while it is read is no trouble', async () => {
    const path = join(await temporaryFolder(), 'film.mp4')
    const box = Buffer.alloc(32)
    box.writeUInt32BE(32, 0)
    box.write('ftypisom', 4, 'latin1')
    await appendFile(path, box)
    const file = await open(path, 'r')
    // It was longer when its length was asked for.
    const shrunk = { read: file.read.bind(file), stat: async () => ({ size: 1_000_000 }) }
    const missing = await missingOf(shrunk)
    await file.close()
    expect(missing).toBe(null)
  })
})

describe.runIf(process.platform === 'linux')('two files whose names are no text, and read alike', () => {
  it('do not keep the folder from being looked through', async () => {
    const { add, drop, aside, tone, settled, looked, ledger } = await watching()
    await copies(tone, aside, ['one', 'two'])
    const named = (byte: number) => Buffer.concat([Buffer.from(`${drop}/caf`), Buffer.from([byte]), Buffer.from('.wav')])
    await rename(join(aside, 'one'), named(0xe9))
    await rename(join(aside, 'two'), named(0xe8))
    await copyFile(tone, join(drop, 'take.wav'))
    await add()
    await settled()
    await looked()
    expect(ledger()).toEqual(['caf\uFFFD.wav: left source-unreadable', 'take.mp3: left own-output', 'take.wav: done converted'])
  })
})
