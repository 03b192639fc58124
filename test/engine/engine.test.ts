import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createEngine } from '../../src/main/engine/engine.ts'
import type { Provider } from '../../src/main/providers/provider.ts'
import { systemClock, systemRandom } from '../../src/main/system.ts'
import { JobError } from '../../src/shared/failure.ts'
import type { Draft } from '../../src/shared/job.ts'
import { emptyFacts } from '../../src/shared/media.ts'
import { draftOf } from '../support/drafts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { storeIn } from '../support/stored.ts'

leavesNothingOpen()

type Lane = 'local' | 'musicgpt'

/** An engine over one provider, which answers each job when it is let go, and over a trash that takes what it is given as late. */
async function scene(id: Lane) {
  const folder = await temporaryFolder()
  const store = storeIn(folder)
  const going: (() => void)[] = []
  const trashing: (() => void)[] = []
  let lanes: Readonly<Record<string, number>> = { [id]: 1 }
  const held = async (by: (() => void)[]) => await new Promise<void>((resolve) => by.push(resolve))
  const provider: Provider = {
    about: { id, title: id, cloud: id !== 'local', resubmit: 'free', tellsPrice: 'before' },
    capabilities: async () => ({
      pairings: [{ from: ['mp4', 'pdf'], to: ['text'], options: [] }],
      sources: ['file', 'url'],
      maxBytes: null,
    }),
    lane: () => id,
    get concurrency() {
      return lanes
    },
    submit: async ({ target, temp }, _report, signal) => {
      await held(going)
      signal.throwIfAborted()
      if (id !== 'local') throw new JobError('conversion-failed', { provider: id })
      await writeFile(temp(0), 'text')
      return { kind: 'converted', parts: [{ temp: temp(0), name: null, format: target, bytes: 4 }] }
    },
    stop: async () => {},
  }
  const engine = createEngine({
    store,
    providers: [provider],
    inspect: async () => emptyFacts('pdf', 5),
    clock: systemClock,
    random: systemRandom,
    log: testLog,
    trash: { put: async () => await held(trashing) },
    secrets: {
      get: async () => 'a key',
      has: async () => true,
      set: async () => {
        lanes = { [id]: 2 }
      },
      forget: async () => {},
    },
    downloads: folder,
    checks: async () => [],
    machine: () => ({ lanes: { audio: 1, document: 1, hardware: 1, image: 1, video: 1 }, power: 'unknown' }),
  })
  onTestFinished(engine.stop)
  const batchId = store.batches.open('drop', systemClock.nowMs())
  const draft = async (name: string): Promise<Draft> => {
    const path = join(folder, name)
    await writeFile(path, name)
    const source = { kind: 'file' as const, path, bytes: name.length, mtimeMs: 0 }
    const order = { source, folder, target: 'text', afterwards: 'trash', with: id } as const
    return draftOf(name, { order, provider: id, lane: id })
  }
  const drafts = [await draft('one.pdf'), await draft('two.pdf')]
  store.jobs.add(batchId, drafts, systemClock.nowMs())
  await engine.start()
  const letGo = (all: (() => void)[]) => {
    for (const go of all.splice(0)) go()
  }
  return { engine, store, batchId, going, trashing, letGo }
}

describe('who pauses or cancels is told how many of them', () => {
  it.each(['pause', 'cancel'] as const)('%s moved, without the one that came to its end in that very moment', async (verb) => {
    const { engine, store, batchId, going, trashing, letGo } = await scene('local')
    await expect.poll(() => going.length).toBe(1)
    letGo(going)
    await expect.poll(() => trashing.length).toBe(1)
    const asked = engine[verb]({ kind: 'batch', batchId })
    letGo(trashing)
    const moved = await asked
    const { done, paused, cancelled } = store.batches.get(batchId)?.totals ?? {}
    expect({ moved, done, idle: (paused ?? 0) + (cancelled ?? 0) }).toEqual({
      moved: verb === 'pause' ? 1 : { moved: 1, sent: 0 },
      done: 1,
      idle: 1,
    })
  })
})

describe('an address', () => {
  it.each([
    ['https://example.org/watch?v=1', null],
    ['https://example.org/film.mp4', 'mp4'],
  ])('%s is queued as what its name says: %s', async (address, from) => {
    const { engine, store, batchId, letGo, going } = await scene('musicgpt')
    const request = {
      batchId,
      sources: [address],
      target: 'text',
      with: 'musicgpt',
      options: {},
      preset: null,
      out: null,
    } as const
    const more = { recursive: true, include: [], exclude: [], priority: 0 }
    const events = []
    for await (const event of engine.convert({ ...request, sources: [address], ...more }, new AbortController().signal))
      events.push(event)
    const [job] = store.jobs.list({ phases: ['queued'], batchId, after: null, limit: 10 }).jobs.slice(-1)
    expect([events.at(-1), job?.order.from]).toMatchObject([{ type: 'end', added: 1 }, from])
    letGo(going)
  })
})

describe('the queue', () => {
  it('makes use of a new key at once', async () => {
    const { engine, going, letGo } = await scene('musicgpt')
    await expect.poll(() => going.length).toBe(1)
    await engine.providers.setKey('musicgpt', 'another')
    await expect.poll(() => going.length).toBe(2)
    letGo(going)
  })
})
