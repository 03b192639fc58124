/** Results that may have so many bytes: never more, and nearly all of them where quality can use them. */
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Job } from '../../src/shared/job.ts'
import type { Options } from '../../src/shared/options.ts'
import type { Progress } from '../../src/shared/wire/contract.ts'
import { ended, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ffprobe, mediaSource } from '../support/media.ts'
import * as make from './make-sizes.ts'

interface Converted {
  readonly job: Job
  /** Of the result; 0 where there is none. */
  readonly bytes: number
  readonly path: string
  /** What is left in the folder for results. */
  readonly names: readonly string[]
}

/** One Beside for all conversions of a test, each into a folder of its own. */
async function converter() {
  const folder = await temporaryFolder()
  const beside = await testBeside(folder)
  let count = 0
  return async (source: string, target: string, options: Options): Promise<Converted> => {
    const out = join(folder, String((count += 1)))
    await mkdir(out)
    const { jobs } = await beside.convert([source], target, { out, options })
    const [job] = jobs
    if (job === undefined) throw new Error('no job')
    const [path = ''] = outputsOf(job)
    return { job, path, bytes: path === '' ? 0 : (await stat(path)).size, names: await readdir(out) }
  }
}

const kB = 1000
/** What is used of the limit at least: where quality could use more, and where the best result is smaller. */
const nearlyAll = 0.85
const whatever = 0

type Row = readonly [what: string, source: () => Promise<string>, target: string, limit: number, least: number, options?: Options]
const rows: readonly Row[] = [
  ['a film', () => make.film('film.mp4', '384x216', 8), 'mp4', 250 * kB, nearlyAll],
  ['a long film', () => make.film('long.mkv', '256x144', 60), 'mp4', 900 * kB, nearlyAll],
  ['a short film', () => make.film('short.mp4', '320x180', 2), 'mp4', 90 * kB, nearlyAll],
  ['a tiny limit', () => make.film('film.mp4', '384x216', 8), 'mp4', 65 * kB, nearlyAll],
  ['noise', () => make.noise(2), 'mp4', 90 * kB, nearlyAll],
  ['noise in VP9', () => make.noise(2), 'webm', 110 * kB, nearlyAll],
  ['three languages', () => make.manyTracks(5), 'mkv', 250 * kB, nearlyAll],
  ['H.265', () => make.film('short.mp4', '320x180', 2), 'mp4', 70 * kB, nearlyAll, { videoCodec: 'h265' }],
  ['VP9', () => make.film('short.mp4', '320x180', 2), 'webm', 70 * kB, nearlyAll],
  ['AV1', () => make.film('short.mp4', '320x180', 2), 'mkv', 60 * kB, nearlyAll, { videoCodec: 'av1' }],
  ['a part of a film', () => make.film('film.mp4', '384x216', 8), 'mov', 120 * kB, nearlyAll, { trimStart: 2000, trimEnd: 5000 }],
  ['a film that fits', () => make.film('short.mp4', '320x180', 2), 'mp4', 10_000 * kB, whatever],
  ['a film that fits in its best quality', () => mediaSource('wmv'), 'mp4', 900 * kB, whatever],
  ['a film to a GIF', () => make.film('short.mp4', '320x180', 2), 'gif', 100 * kB, nearlyAll],
  ['MP3', () => make.song('song.wav', 20), 'mp3', 250 * kB, nearlyAll],
  ['MP3 with a cover', () => make.songWithCover(20), 'mp3', 320 * kB, nearlyAll],
  ['AAC, a tiny limit', () => make.song('song.wav', 20), 'm4a', 90 * kB, nearlyAll],
  ['Vorbis', () => make.song('song.wav', 20), 'ogg', 200 * kB, nearlyAll],
  ['Opus of six channels', () => make.song('six.wav', 10, { channels: 6 }), 'opus', 60 * kB, nearlyAll],
  ['audio that fits', () => mediaSource('mp3'), 'mp3', 500 * kB, whatever],
  ['a photo', () => make.photo('photo.jpg', 900, 600), 'jpeg', 150 * kB, nearlyAll],
  ['a photo, a tiny limit', () => make.photo('photo.jpg', 900, 600), 'jpeg', 9 * kB, nearlyAll],
  ['WebP that can be seen through', () => make.seeThrough(500), 'webp', 40 * kB, nearlyAll],
  ['AVIF', () => make.photo('photo.png', 500, 400), 'avif', 50 * kB, nearlyAll],
  ['PNG', () => make.photo('photo.png', 500, 400), 'png', 200 * kB, nearlyAll],
  ['TIFF', () => make.photo('photo.tiff', 400, 300), 'tiff', 100 * kB, nearlyAll],
  ['a picture that fits', () => make.photo('photo.jpg', 300, 200), 'jpeg', 900 * kB, whatever],
  ['an animation', () => make.animation(), 'webp', 60 * kB, nearlyAll],
  ['a smaller animation', () => make.animation(), 'gif', 100 * kB, nearlyAll],
]

describe('a result of limited size', () => {
  it('is never larger, and nearly as large where quality can use that', { timeout: 600_000 }, async () => {
    const convert = await converter()
    for (const [what, source, target, maxSize, least, options = {}] of rows) {
      const { job, bytes, names } = await convert(await source(), target, { ...options, maxSize })
      expect.soft([what, ended(job), names.length, bytes]).toEqual([what, 'done', 1, expect.toSatisfy(within(maxSize, least))])
    }
  })
})

function within(limit: number, least: number) {
  return (bytes: number): boolean => bytes <= limit && bytes > limit * least
}

const impossible: readonly (readonly [what: string, source: () => Promise<string>, target: string, limit: number])[] = [
  ['a film', () => make.film('film.mp4', '384x216', 8), 'mp4', 5 * kB],
  ['noise', () => make.noise(2), 'webm', 3 * kB],
  ['three languages', () => make.manyTracks(5), 'mkv', 20 * kB],
  ['audio', () => make.song('song.wav', 20), 'mp3', 10 * kB],
  ['six channels', () => make.song('six.wav', 10, { channels: 6 }), 'm4a', 5 * kB],
  ['a film to a GIF', () => make.film('short.mp4', '320x180', 2), 'gif', 3 * kB],
  ['PNG', () => make.seeThrough(500), 'png', 1 * kB],
]

describe('a limit that nothing can keep', () => {
  it('is refused with the least that is possible, and that least is possible', { timeout: 600_000 }, async () => {
    const convert = await converter()
    for (const [what, source, target, maxSize] of impossible) {
      const path = await source()
      const { job, names } = await convert(path, target, { maxSize })
      expect.soft([what, ended(job), names]).toEqual([what, 'failed: limit-too-small', []])
      const facts = job.state.phase === 'failed' ? job.state.why.facts : {}
      const least = 'leastBytes' in facts ? facts.leastBytes : 0
      const again = await convert(path, target, { maxSize: least })
      expect.soft([what, ended(again.job), again.bytes <= least, least > maxSize]).toEqual([what, 'done', true, true])
    }
  })
})

describe('what is asked for besides', () => {
  it('stays as it is where it is no bound: channels, sample rate, frames a second', async () => {
    const convert = await converter()
    const { path } = await convert(await make.film('film.mp4', '384x216', 8), 'mp4', {
      ...{ maxSize: 160 * kB, channels: 2, sampleRate: 32_000, fps: 20 },
    })
    const { streams } = await ffprobe(path)
    expect(streams).toMatchObject([{ avg_frame_rate: '20/1' }, { channels: 2, sample_rate: '32000' }])
  })

  it('is the best that there may be where it is a bound', async () => {
    const convert = await converter()
    const source = await make.song('song.wav', 20)
    const [plain, bounded] = [
      await convert(source, 'mp3', { bitrate: 64 }),
      await convert(source, 'mp3', { bitrate: 64, maxSize: 900 * kB }),
    ]
    expect(bounded.bytes).toBe(plain.bytes)
  })

  it('says that there are fewer channels', async () => {
    const convert = await converter()
    const { job } = await convert(await make.song('six.wav', 10, { channels: 6 }), 'opus', { maxSize: 60 * kB })
    expect(job.state).toMatchObject({ notes: [{ what: 'left', thing: 'channels' }] })
  })

  it('copies what fits as it is', async () => {
    const source = await make.film('short.mp4', '320x180', 2)
    const convert = await converter()
    const { path } = await convert(source, 'mp4', { maxSize: 10_000 * kB })
    const rates = async (of: string) => (await ffprobe(of)).streams.map(({ bit_rate }) => bit_rate)
    expect(await rates(path)).toEqual(await rates(source))
  })

  it('is refused where size is no matter of choice', async () => {
    const folder = await temporaryFolder()
    const beside = await testBeside(folder)
    const { refused } = await beside.convert([await make.song('song.wav', 20)], 'flac', { out: folder, options: { maxSize: kB } })
    await beside.stop()
    expect(refused).toMatchObject([{ why: { code: 'option-unsupported', facts: { option: 'maxSize' } } }])
  })
})

describe('a film that has to fit', () => {
  it('says how far it is over all passes, and never goes back', async () => {
    const folder = await temporaryFolder()
    const beside = await testBeside(folder)
    const told: Progress[] = []
    const following = new AbortController()
    const follow = (async () => {
      for await (const portion of beside.engine.changes(following.signal))
        for (const change of portion) if (change.type === 'progress') told.push(change.progress)
    })()
    const { jobs } = await beside.convert([await make.film('film.mp4', '384x216', 8)], 'mp4', {
      out: folder,
      options: { maxSize: 250 * kB },
    })
    following.abort()
    await follow
    await beside.stop()
    const shares = told.flatMap(({ progress }) => progress ?? [])
    expect([jobs.map(ended), shares]).toEqual([['done'], shares.toSorted((one, other) => one - other)])
    expect(told.some(({ leftMs }) => (leftMs ?? 0) > 0)).toBe(true)
  })

  it('leaves nothing where it is cancelled between its passes', async () => {
    const folder = await temporaryFolder()
    const out = join(folder, 'out')
    await mkdir(out)
    const beside = await testBeside(folder)
    const converting = beside.convert([await make.film('long.mkv', '256x144', 60)], 'mp4', {
      out,
      options: { maxSize: 900 * kB },
    })
    await expect.poll(async () => (await readdir(out, { recursive: true })).some((name) => name.includes('pass-'))).toBe(true)
    await beside.engine.cancel({ kind: 'all' })
    const { jobs } = await converting
    await beside.stop()
    expect([jobs.map(ended), await readdir(out)]).toEqual([['cancelled'], []])
  })
})
