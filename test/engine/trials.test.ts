import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FormatId } from '../../src/shared/formats.ts'
import { toFailure } from '../../src/shared/failure.ts'
import type { Options } from '../../src/shared/options.ts'
import type { Trial, TrialEvent, TrialRequest } from '../../src/shared/trial.ts'
import { outputsOf, testBeside, type TestBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ownSource } from '../support/media.ts'
import { onlineScene } from '../support/online-beside.ts'
import { processes } from '../support/processes.ts'
import { writeTone } from '../support/tone.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const film = (audio: string) => [
  ...['-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=10:duration=24', '-f', 'lavfi', '-i', 'sine=frequency=440:duration=24'],
  ...[
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '80',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    audio,
    '-b:a',
    '96k',
    '-f',
    'matroska',
  ],
]
const photo = join(import.meta.dirname, '../../samples/photo.jpg')

interface Scene extends TestBeside {
  readonly folder: string
  /** Files of trials that are there now. */
  left(): Promise<readonly string[]>
  /** Queues one, in a queue that is paused. */
  add(path: string, target: FormatId, options?: Options): Promise<number>
}

async function scene(sources: Readonly<Record<string, string>>): Promise<Scene> {
  const folder = await temporaryFolder()
  for (const [name, path] of Object.entries(sources)) await copyFile(path, join(folder, name))
  const beside = await testBeside(folder)
  const { engine } = beside
  engine.pauseAll()
  return {
    ...beside,
    folder,
    left: async () => await readdir(join(folder, 'beside-home', 'trials')).catch(() => []),
    add: async (name, target, options = {}) => {
      const nothing = { preset: null, out: null, recursive: true, include: [], exclude: [], priority: 0 }
      const batchId = engine.openBatch('test')
      const request = { batchId, sources: [join(folder, name)], target, options, ...nothing }
      for await (const _ of engine.convert(request, new AbortController().signal));
      return engine.list({ phases: [], batchId, after: null, limit: 1 }).jobs[0]?.id ?? 0
    },
  }
}

/** Tries, looks while it is there, and turns away. */
async function tried<T>({ trials }: TestBeside, request: TrialRequest, look: (trial: Trial) => Promise<T>): Promise<T> {
  const listening = new AbortController()
  const events = trials.run(request, listening.signal)
  try {
    for await (const event of events) if (event.type === 'made') return await look(event.trial)
  } finally {
    listening.abort()
  }
  throw new Error('nothing was made')
}

async function refusal(beside: TestBeside, request: TrialRequest) {
  const { code, facts } = await tried(beside, request, async () => null).then(
    () => ({ code: 'none', facts: {} }),
    (error: unknown) => toFailure(error),
  )
  return [code, 'because' in facts ? facts.because : null]
}

/** What the conversion itself makes. */
async function sizeAfter({ engine, settled }: TestBeside, id: number): Promise<number> {
  engine.resumeAll()
  const [job] = await settled(engine.job(id)?.batchId ?? 0)
  if (job === undefined) throw new Error('no job')
  return (await stat(outputsOf(job)[0] ?? '')).size
}

describe('a conversion that is tried before it begins', () => {
  it('of a film is ten seconds from its middle, in the data folder as long as somebody looks, and tells the size of the whole', async () => {
    const beside = await scene({ 'film.mkv': await ownSource('film.mkv', film('aac')) })
    const id = await beside.add('film.mkv', 'mp4', { crf: 30 })
    const before = await readdir(beside.folder)
    const trial = await tried(beside, { jobId: id }, async (made) => {
      const view = await beside.views.view(
        {
          file: { jobId: id, of: 'trial' },
          region: { left: 0, top: 0, width: 1, height: 1 },
          room: { width: 80, height: 60 },
          atMs: 1000,
          page: 0,
        },
        new AbortController().signal,
      )
      expect([view.whole, (await beside.left()).length]).toEqual([{ width: 96, height: 64 }, 1])
      return made
    })
    expect([Math.round((trial.stretch?.fromMs ?? 0) / 100), trial.stretch?.lastsMs]).toEqual([70, 10_000])
    expect([await beside.left(), await readdir(beside.folder)]).toEqual([[], before])
    const { minBytes, maxBytes, bytes } = trial.whole ?? { minBytes: 0, maxBytes: 0, bytes: 0 }
    const real = await sizeAfter(beside, id)
    expect([trial.isEstimate, real > minBytes, real < maxBytes, bytes / trial.bytes > 2.2]).toEqual([true, true, true, true])
  })

  it('leaves as they are the streams that the conversion leaves so, and counts them so', async () => {
    const beside = await scene({ 'film.mkv': await ownSource('film-ac3.mkv', film('mp2')) })
    const copied = await beside.add('film.mkv', 'mkv', { normalize: true })
    const trial = await tried(beside, { jobId: copied, atMs: 3000 }, async (made) => made)
    const whole = await beside.add('film.mkv', 'mov')
    const all = await tried(beside, { jobId: whole }, async (made) => made)
    expect(trial.stretch?.fromMs).toBe(3000)
    const real = await sizeAfter(beside, copied)
    const { minBytes = 0, maxBytes = 0 } = trial.whole ?? {}
    expect([real > minBytes, real < maxBytes]).toEqual([true, true])
    const { size } = await stat(join(beside.folder, 'film.mkv'))
    expect(Math.abs((all.whole?.bytes ?? 0) - size) < size / 10).toBe(true)
  })

  it('of a picture is the picture: its size is the one that it will have', async () => {
    const beside = await scene({ 'photo.jpg': photo })
    const id = await beside.add('photo.jpg', 'webp')
    const same = { change: { target: 'jpeg', set: { imageQuality: 40 } } } as const
    const [plain, changed] = [
      await tried(beside, { jobId: id }, async (made) => made),
      await tried(beside, { jobId: id, ...same }, async (made) => made),
    ]
    expect(beside.engine.job(id)?.order.target).toBe('webp')
    expect([plain.stretch, plain.isEstimate, plain.whole?.bytes, changed.bytes < plain.bytes * 3]).toEqual([
      null,
      false,
      plain.bytes,
      true,
    ])
    expect(await sizeAfter(beside, id)).toBe(plain.bytes)
  })

  it('says what would be left behind', async () => {
    const tagged = await ownSource('tagged.mkv', [...film('aac').slice(0, -2), '-metadata', 'title=A name', '-f', 'matroska'])
    const beside = await scene({ 'film.mkv': tagged })
    const id = await beside.add('film.mkv', 'gif', { fps: 5, maxHeight: 32 })
    const notes = await tried(beside, { jobId: id }, async (made) => made.notes)
    const { jobs } = await (async () => {
      beside.engine.resumeAll()
      return { jobs: await beside.settled(beside.engine.job(id)?.batchId ?? 0) }
    })()
    const state = jobs[0]?.state
    expect(notes).toEqual(state?.phase === 'done' ? state.notes.filter(({ what }) => what === 'left') : null)
  })

  it('is nothing for what has begun, is no file here, cannot become it, or is of the kind that has no stretch', async () => {
    const beside = await scene({ 'photo.jpg': photo })
    const id = await beside.add('photo.jpg', 'webp')
    await rm(join(beside.folder, 'photo.jpg'))
    expect([
      await refusal(beside, { jobId: 99 }),
      await refusal(beside, { jobId: id }),
      await refusal(beside, { jobId: id, change: { target: 'mp3' } }),
      await refusal(beside, { jobId: id, change: { set: { bitrate: 128 } } }),
    ]).toEqual([
      ['not-found', 'job'],
      ['source-missing', null],
      ['pair-unsupported', null],
      ['option-unsupported', null],
    ])
    await beside.engine.cancel({ kind: 'all' })
    expect([await refusal(beside, { jobId: id }), await beside.left()]).toEqual([['not-possible', 'job-begun'], []])
  })

  it('goes to no online provider, whatever the job says', async () => {
    const beside = await onlineScene('musicgpt', 'local')
    const { engine, media, musicgpt } = beside
    await writeTone(join(media, 'take.wav'), 0.3)
    engine.pauseAll()
    const nothing = { preset: null, out: null, recursive: true, include: [], exclude: [], priority: 0, options: {} }
    const batchId = engine.openBatch('test')
    const request = { batchId, sources: [join(media, 'take.wav')], target: 'mp3', with: 'musicgpt', ...nothing } as const
    for await (const _ of engine.convert({ ...request, sources: [...request.sources] }, new AbortController().signal));
    const id = engine.list({ phases: [], batchId, after: null, limit: 1 }).jobs[0]?.id ?? 0
    const asked = musicgpt.server.seen.length
    expect([await refusal(beside, { jobId: id }), musicgpt.server.seen.length]).toEqual([['not-possible', 'trial-online'], asked])
    expect(await tried(beside, { jobId: id, change: { with: 'local' } }, async ({ files }) => files)).toBe(1)
  })

  it('ends with its listener: the program that worked at it dies, and nothing is left', async () => {
    const large = [
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=1280x720:rate=30:duration=30',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-f',
      'matroska',
    ]
    const beside = await scene({ 'film.mkv': await ownSource('large.mkv', large) })
    const id = await beside.add('film.mkv', 'webm', { crf: 10 })
    const listening = new AbortController()
    const events = beside.trials.run({ jobId: id }, listening.signal)
    const first = events.next()
    const atWork = () => processes().some(({ line }) => line.includes(join(beside.folder, 'beside-home', 'trials')))
    await expect.poll(atWork).toBe(true)
    listening.abort()
    await Promise.allSettled([first, events.return(undefined)])
    expect([atWork(), await beside.left()]).toEqual([false, []])
  })

  it('is made one at a time, and takes a place in its lane: no job begins there meanwhile', async () => {
    const beside = await scene({ 'film.mkv': await ownSource('film.mkv', film('aac')) })
    const { engine, trials } = beside
    engine.change({ lanes: { video: 1 } })
    const [one, two] = [await beside.add('film.mkv', 'mp4', { crf: 30 }), await beside.add('film.mkv', 'webm', { crf: 50 })]
    const listening = new AbortController()
    const order: string[] = []
    const listen = async (name: string, jobId: number) => {
      for await (const event of trials.run({ jobId }, listening.signal) as AsyncIterable<TrialEvent>) {
        // It has its place from before the first word that it says.
        engine.resumeAll()
        order.push(`${name} ${event.type} ${engine.totals().totals.running}`)
        if (event.type === 'made') return
      }
    }
    const both = [listen('one', one), listen('two', two)]
    await Promise.all(both)
    listening.abort()
    const names = order.map((line) => line.split(' ')[0])
    expect(names.lastIndexOf('one') < names.indexOf('two')).toBe(true)
    expect(order.filter((line) => line.startsWith('one progress') && !line.endsWith('0'))).toEqual([])
    await engine.cancel({ kind: 'all' })
  })

  it('that a crash left is gone at the next start', async () => {
    const folder = await temporaryFolder()
    const trials = join(folder, 'beside-home', 'trials')
    await mkdir(join(trials, 'of-a-crash'), { recursive: true })
    await writeFile(join(trials, 'of-a-crash', '0.mp4'), 'half a film')
    const { stop } = await testBeside(folder)
    await stop()
    expect(await readdir(join(folder, 'beside-home'))).not.toContain('trials')
  })

  it('that nobody reads any further ends when Beside does', async () => {
    const beside = await scene({ 'photo.jpg': photo })
    const id = await beside.add('photo.jpg', 'webp')
    const events = beside.trials.run({ jobId: id }, new AbortController().signal)
    while ((await events.next()).value?.type !== 'made');
    await beside.stop()
    expect(await beside.left()).toEqual([])
  })
})
