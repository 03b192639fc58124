import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createEngine } from '../../../src/main/engine/engine.ts'
import { batchSize } from '../../../src/main/engine/queue/moving.ts'
import type { Provider } from '../../../src/main/providers/provider.ts'
import { systemClock, systemRandom } from '../../../src/main/system.ts'
import { emptyFacts } from '../../../src/shared/media.ts'
import type { Job } from '../../../src/shared/job.ts'
import type { JobChange } from '../../../src/shared/job-change.ts'
import { ended, outputsOf, testBeside } from '../../support/beside.ts'
import { draftOf, numbered } from '../../support/drafts.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testLog } from '../../support/log.ts'
import { onlineScene } from '../../support/online-beside.ts'
import { leavesNothingOpen } from '../../support/quiet.ts'
import { storeIn } from '../../support/stored.ts'
import { writeTone } from '../../support/tone.ts'

leavesNothingOpen()

const signal = new AbortController().signal

/** Some tones in a paused queue, to MP3. */
async function waiting(...names: readonly string[]) {
  const folder = await temporaryFolder()
  for (const name of names) await writeTone(join(folder, name), 0.3)
  const beside = await testBeside(folder)
  const { engine } = beside
  engine.pauseAll()
  const add = async (files: readonly string[], target: 'mp3' | 'flac' | 'png') => {
    const batchId = engine.openBatch('test')
    const nothing = { options: {}, preset: null, out: null, recursive: true, include: [], exclude: [], priority: 0 }
    const sources = files.map((name) => join(folder, name))
    for await (const _ of engine.convert({ batchId, sources, target, ...nothing }, signal));
    return batchId
  }
  const batchId = await add(names, 'mp3')
  const live = (): readonly Job[] => engine.list({ phases: [], batchId: null, after: null, limit: 100 }).jobs
  const change = async (ids: readonly number[], to: JobChange) => await engine.changeOrders({ kind: 'ids', ids }, to, signal)
  return { ...beside, folder, batchId, add, live, change }
}

/** What stayed as it was and why, in short. */
function reasons(answer: { reasons: readonly { why: { code: string; facts: object }; jobs: number; ids: readonly number[] }[] }) {
  return answer.reasons.map(({ why, ids }) => [why.code, 'because' in why.facts ? why.facts.because : null, ids])
}

describe('jobs that have not begun', () => {
  it('become what they are told to be, under the name of that, beside jobs that do not', async () => {
    const { engine, change, live, settled, batchId, folder } = await waiting('a.wav', 'b.wav', 'c.wav')
    const [a = 0, b = 0] = live().map(({ id }) => id)
    expect(await change([b, a], { target: 'flac', set: { bitDepth: 16 } })).toMatchObject({ changed: 2, same: 0, refused: 0 })
    expect(live().map(({ order }) => [order.target, order.options])).toEqual([
      ['flac', { bitDepth: 16 }],
      ['flac', { bitDepth: 16 }],
      ['mp3', {}],
    ])
    engine.resumeAll()
    const jobs = await settled(batchId)
    expect(jobs.map(ended)).toEqual(['done', 'done', 'done'])
    expect(jobs.flatMap(outputsOf)).toEqual(['a.flac', 'b.flac', 'c.mp3'].map((name) => join(folder, name)))
  })

  it('keep the options that nobody touched', async () => {
    const { change, live } = await waiting('a.wav', 'b.wav')
    const [a = 0, b = 0] = live().map(({ id }) => id)
    await change([a], { set: { bitrate: 128, channels: 1 } })
    await change([a, b], { set: { sampleRate: 44100 }, reset: ['channels'] })
    expect(live().map(({ order }) => order.options)).toEqual([{ bitrate: 128, sampleRate: 44100 }, { sampleRate: 44100 }])
    await change([a], { options: { quality: 'low' } })
    expect(live().map(({ order }) => order.options)).toEqual([{ quality: 'low' }, { sampleRate: 44100 }])
  })

  it('get what the settings say of tags with all their options, as when they were added', async () => {
    const { engine, change, live } = await waiting('a.wav')
    engine.change({ keepTags: false })
    await change([live()[0]?.id ?? 0], { options: { bitrate: 128 } })
    expect(live()[0]?.order.options).toEqual({ preserveMetadata: false, bitrate: 128 })
  })

  it('stay as they were where they cannot become it, each with its reason, and the others change all the same', async () => {
    const { engine, change, live, add } = await waiting('a.wav', 'b.wav', 'c.wav')
    await add(['a.wav'], 'flac')
    const [a = 0, b = 0, c = 0, flac = 0] = live().map(({ id }) => id)
    await engine.cancel({ kind: 'ids', ids: [c] })
    await change([b], { set: { bitrate: 128 } })
    const answer = await change([a, b, c, 999, flac], { target: 'flac' })
    expect([answer.changed, answer.same, answer.refused]).toEqual([0, 1, 4])
    expect(reasons(answer)).toEqual([
      ['not-possible', 'job-same', [a]],
      ['option-unsupported', null, [b]],
      ['not-possible', 'job-begun', [c]],
      ['not-found', 'job', [999]],
    ])
    expect((await change([a], { target: 'png' })).reasons[0]?.why.code).toBe('pair-unsupported')
    expect(live().map(({ order }) => order.target)).toEqual(['mp3', 'mp3', 'flac'])
  })

  it('are rehearsed to the very same answer, and nothing changes', async () => {
    const { engine, live, change, add } = await waiting('a.wav', 'b.wav')
    await add(['b.wav'], 'flac')
    const [a = 0, b = 0, flac = 0] = live().map(({ id }) => id)
    const before = live()
    const to = { target: 'opus' } as const
    const rehearsed = await engine.rehearseChange({ kind: 'ids', ids: [a, b, flac] }, to, signal)
    expect(live()).toEqual(before)
    expect(await change([a, b, flac], to)).toEqual(rehearsed)
    expect([rehearsed.changed, rehearsed.refused]).toEqual([2, 1])
  })

  it('that wait for a name are asked about the other one, and are not told to replace that', async () => {
    const { engine, convert, change, settled, folder } = await waiting('a.wav')
    await engine.cancel({ kind: 'all' })
    await writeTone(join(folder, 'a.mp3'), 0.1)
    await writeTone(join(folder, 'a.flac'), 0.1)
    engine.resumeAll()
    const { batchId, jobs } = await convert([join(folder, 'a.wav')], 'mp3', { ifExists: 'ask' })
    engine.pauseAll()
    await engine.settleNameConflicts({ kind: 'batch', batchId }, 'overwrite')
    await change([jobs[0]?.id ?? 0], { target: 'flac' })
    engine.resumeAll()
    expect([jobs, await settled(batchId)].map((found) => found.map(ended))).toEqual([
      ['waiting: output-exists'],
      ['waiting: output-exists'],
    ])
  })

  it('are changed by the thousand, some at a time, and a whole batch or queue at once', async () => {
    const { engine, store } = await bare()
    const count = batchSize * 3 + 1
    store.jobs.add(store.batches.open('drop', 0), numbered(count, { lane: 'local' }), 1)
    expect(await engine.changeOrders({ kind: 'all' }, { target: 'flac', priority: 1 }, signal)).toMatchObject({
      changed: count,
      refused: 0,
    })
    expect(await engine.changeOrders({ kind: 'batch', batchId: 1 }, { target: 'flac' }, signal)).toMatchObject({ same: count })
    const page = engine.list({ phases: [], batchId: 1, after: null, limit: 1000 }).jobs
    expect(new Set(page.map(({ order, priority }) => `${order.target} ${priority}`))).toEqual(new Set(['flac 1']))
    expect(page.map(({ id }) => id)).toEqual(page.map(({ id }) => id).toSorted((one, other) => one - other))
  })
})

/** An engine whose one provider says what it can do when it is let go, and takes a job for ever. */
async function bare() {
  const folder = await temporaryFolder()
  const store = storeIn(folder)
  const gates: Promise<void>[] = []
  const asked = Promise.withResolvers<void>()
  const provider: Provider = {
    about: { id: 'local', title: 'This machine', cloud: false, resubmit: 'free', tellsPrice: 'before' },
    capabilities: async () => {
      asked.resolve()
      await gates.shift()
      return { pairings: [{ from: ['wav'], to: ['mp3', 'flac'], options: [] }], sources: ['file'], maxBytes: null }
    },
    lane: () => 'local',
    concurrency: { local: 1 },
    submit: async (_order, _report, until) =>
      await new Promise((_, reject) => until.addEventListener('abort', () => reject(until.reason as Error), { once: true })),
    stop: async () => {},
  }
  const engine = createEngine({
    store,
    providers: [provider],
    inspect: async () => emptyFacts('wav', 5),
    clock: systemClock,
    random: systemRandom,
    log: testLog,
    trash: { put: async () => {} },
    secrets: { get: async () => null, has: async () => false, set: async () => {}, forget: async () => {} },
    downloads: folder,
    checks: async () => [],
    machine: () => ({ lanes: { audio: 1, document: 1, hardware: 1, image: 1, video: 1 }, power: 'unknown' }),
  })
  onTestFinished(engine.stop)
  return { engine, store, folder, gates, asked: asked.promise }
}

describe('a job that the runner takes in that very moment', () => {
  it.each(['runner', 'change'] as const)(
    'runs one order and no half of another: whoever comes first wins, here the %s',
    async (first) => {
      const { engine, store, folder, gates, asked } = await bare()
      const path = join(folder, 'take.wav')
      await writeTone(path, 0.1)
      const draft = draftOf('take.wav', {
        lane: 'local',
        order: { source: { kind: 'file', path, bytes: 1, mtimeMs: 0 }, folder },
      })
      const [{ id } = { id: 0 }] = store.jobs.add(store.batches.open('drop', 0), [draft], 1)
      const gate = Promise.withResolvers<void>()
      gates.push(gate.promise)
      const begin = async () => {
        await engine.start()
        await expect.poll(() => engine.job(id)?.state.phase).toBe('running')
      }
      const changing = engine.changeOrders({ kind: 'ids', ids: [id] }, { target: 'flac' }, signal)
      await asked
      if (first === 'runner') await begin()
      gate.resolve()
      const answer = await changing
      if (first === 'change') await begin()
      expect([answer.changed, reasons(answer), engine.job(id)?.order.target, engine.job(id)?.state.phase]).toEqual(
        first === 'runner' ? [0, [['not-possible', 'job-begun', [id]]], 'mp3', 'running'] : [1, [], 'flac', 'running'],
      )
      // What runs is what the row says: it is the one that the provider was given.
      await engine.pause({ kind: 'ids', ids: [id] })
      expect(
        await engine.changeOrders({ kind: 'ids', ids: [id] }, { target: first === 'runner' ? 'flac' : 'mp3' }, signal),
      ).toMatchObject({ changed: 1 })
      expect(engine.job(id)?.state.phase).toBe('paused')
    },
  )
})

describe('a job that waits to be paid for', () => {
  it('is routed anew, and an approval holds for what was approved alone', async () => {
    const { engine, convert, media, settled } = await onlineScene('musicgpt', 'local')
    await writeTone(join(media, 'take.wav'), 0.3)
    engine.pauseAll()
    const request = convert([join(media, 'take.wav')], 'mp3', { with: 'musicgpt' })
    await expect.poll(() => engine.list({ phases: [], batchId: null, after: null, limit: 9 }).jobs.length).toBe(1)
    const [queued] = engine.list({ phases: [], batchId: null, after: null, limit: 9 }).jobs
    const id = queued?.id ?? 0
    expect(queued).toMatchObject({ provider: 'musicgpt', reason: { code: 'chosen' } })
    expect(await engine.changeOrders({ kind: 'ids', ids: [id] }, { with: 'local' }, signal)).toMatchObject({ changed: 1 })
    expect(engine.job(id)).toMatchObject({
      provider: 'local',
      lane: 'local:short',
      reason: { code: 'chosen' },
      order: { with: 'local' },
    })
    engine.change({ localOnly: true })
    expect(reasons(await engine.changeOrders({ kind: 'ids', ids: [id] }, { with: 'musicgpt' }, signal))).toEqual([
      ['private', 'would-be-uploaded', [id]],
    ])
    engine.resumeAll()
    const { batchId } = await request
    expect((await settled(batchId)).map(ended)).toEqual(['done'])
  })
})
