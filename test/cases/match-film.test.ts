/** Films in the lowest quality that looks as near to the source as is asked for, by real encoders, measured once more by FFmpeg alone. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noteText } from '../../src/shared/describe.ts'
import type { Job } from '../../src/shared/job.ts'
import type { Matched } from '../../src/shared/notes.ts'
import type { Options } from '../../src/shared/options.ts'
import { ended, endedInWords, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ffprobe } from '../support/media.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

interface Film {
  readonly seconds: number
  readonly size?: string
  readonly rate?: string
  readonly more?: readonly string[]
}

/** A picture with something of everything, and a tone. */
async function scene({ seconds, size = '192x108', rate = '25', more = [] }: Film) {
  const folder = await temporaryFolder()
  const media = join(folder, 'media')
  await mkdir(media)
  const source = join(media, 'film.mkv')
  const picture = `testsrc2=s=${size}:r=${rate}:d=${seconds},noise=alls=6:allf=t`
  const streams = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', `sine=duration=${seconds}`]
  const coding = ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p', '-c:a', 'flac', ...more]
  execFileSync('ffmpeg', ['-v', 'error', ...streams, ...coding, source])
  const beside = await testBeside(folder)
  const make = async (target: string, options: Options) => await beside.convert([source], target, { options })
  return { beside, source, media, make, files: async () => (await readdir(media)).toSorted() }
}

function matchedOf(job: Job | undefined): Matched | undefined {
  const notes = job?.state.phase === 'done' ? job.state.notes : []
  return notes.find((note) => note.what === 'matched')
}

/** By FFmpeg alone, with frames that go by their number. */
function ssimOf(source: string, result: string, filters = 'null'): number {
  const byNumber = 'settb=AVTB,setpts=N*40000'
  const graph = `[0:v]${filters},${byNumber}[a];[1:v]${byNumber}[b];[a][b]ssim`
  const { stderr } = spawnSync('ffmpeg', ['-i', source, '-i', result, '-lavfi', graph, '-f', 'null', '-'])
  return Number(/All:([\d.]+)/.exec(stderr.toString())?.[1])
}

describe('a film that is to look as near as is asked for', () => {
  it.each([
    ['mp4', {}],
    ['mp4', { videoCodec: 'h265' }],
    ['webm', {}],
    ['mkv', { videoCodec: 'av1' }],
  ] as const)('in %s with %o does so with the highest CRF that does', async (target, more) => {
    const { make, source } = await scene({ seconds: 2 })
    const { jobs } = await make(target, { ...more, matchQuality: 96 })
    const matched = matchedOf(jobs[0])
    const { at = 0, reached = 0 } = matched ?? {}
    const next = await make(target, { ...more, crf: at + 1 })
    const [path = '', after = ''] = [...jobs, ...next.jobs].flatMap(outputsOf)
    const [own, lower] = [ssimOf(source, path), ssimOf(source, after)]
    expect([jobs.map(endedInWords), matched]).toEqual([['done'], { what: 'matched', measure: 'ssim', reached, by: 'crf', at }])
    expect([own >= 0.96, Math.abs(own - reached) < 0.002, lower < 0.96]).toEqual([true, true, true])
  })

  it('is held against its source in the size and at the rate of the result, keeps its audio, and says what came of it', async () => {
    const { make, source, files } = await scene({ seconds: 2, size: '320x180', rate: '30000/1001' })
    const { jobs } = await make('mp4', { matchQuality: 'good', maxHeight: 90, fps: 15 })
    const [path = ''] = jobs.flatMap(outputsOf)
    const { at = 0, reached = 0 } = matchedOf(jobs[0]) ?? {}
    const filters = 'fps=15,scale=-2:90:flags=lanczos'
    const kinds = (await ffprobe(path)).streams.map(({ codec_type: kind }) => kind)
    const said = jobs.flatMap(({ state }) => (state.phase === 'done' ? state.notes.map((note) => noteText(note)) : []))
    expect([reached >= 0.97, ssimOf(source, path, filters) >= 0.96, kinds, await files()]).toEqual([
      true,
      true,
      ['video', 'audio'],
      ['film.mkv', 'film.mp4'],
    ])
    expect(said).toContain(`Quality: SSIM ${reached} at CRF ${at}`)
  })

  it('and whose picture begins a moment after its sound is held frame by frame against itself', async () => {
    const { make } = await scene({ seconds: 2, more: ['-c:v', 'libx264', '-crf', '1', '-c:a', 'aac'] })
    const { jobs } = await make('mp4', { matchQuality: 97 })
    const { at = 0, reached = 0 } = matchedOf(jobs[0]) ?? {}
    expect([reached >= 0.97, at > 1]).toEqual([true, true])
  })

  it('and is long is looked at in three places, and is near as a whole', async () => {
    const { make, source } = await scene({ seconds: 36, size: '96x64', rate: '12' })
    const { jobs } = await make('mp4', { matchQuality: 97 })
    const [path = ''] = jobs.flatMap(outputsOf)
    const { reached = 0 } = matchedOf(jobs[0]) ?? {}
    expect([jobs.map(endedInWords), reached >= 0.97, Math.abs(ssimOf(source, path) - reached) < 0.01]).toEqual([
      ['done'],
      true,
      true,
    ])
  })

  it('gets smaller with a lower level, and is encoded even where it could be copied', async () => {
    const { beside, make, media } = await scene({ seconds: 2 })
    const first = await make('mp4', { crf: 1 })
    const [big = ''] = first.jobs.flatMap(outputsOf)
    const sizes = [(await stat(big)).size]
    for (const matchQuality of ['visually-lossless', 'high', 'good'] as const) {
      const { jobs } = await beside.convert([big], 'mp4', { options: { matchQuality }, out: join(media, matchQuality) })
      for (const path of jobs.flatMap(outputsOf)) sizes.push((await stat(path)).size)
    }
    expect([sizes.length, new Set(sizes).size, sizes.toSorted((one, other) => other - one)]).toEqual([4, 4, sizes])
  })

  it('may be a part of one, of ten bits, or a picture that moves', async () => {
    const { beside, make, media } = await scene({ seconds: 3, more: ['-pix_fmt', 'yuv420p10le'] })
    const part = await make('mkv', { matchQuality: 96, trimStart: 1000, trimEnd: 2000, videoCodec: 'h265' })
    const gif = join(media, 'moving.gif')
    execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=80x60:r=10:d=1', gif])
    const moving = await beside.convert([gif], 'mp4', { options: { matchQuality: 95 } })
    const found = [...part.jobs, ...moving.jobs].map((job) => [endedInWords(job), (matchedOf(job)?.reached ?? 0) >= 0.95])
    const [path = ''] = part.jobs.flatMap(outputsOf)
    const { pix_fmt: pixels } = (await ffprobe(path)).streams[0] ?? {}
    expect([found, pixels]).toEqual([[['done', true], ['done', true]], 'yuv420p10le']) // prettier-ignore
  })

  it('leaves nothing where it is cancelled among its samples', async () => {
    const { beside, source, files } = await scene({ seconds: 20, size: '640x360' })
    const batchId = beside.engine.openBatch('test')
    const following = new AbortController()
    const changes = beside.engine.changes(following.signal)
    const request = {
      batchId,
      sources: [source],
      target: 'mp4' as const,
      options: { matchQuality: 'high' as const },
      ...{ preset: null, out: null, recursive: false, include: [], exclude: [], priority: 0 },
    }
    for await (const _ of beside.engine.convert(request, following.signal));
    let sampled: readonly string[] = []
    for await (const portion of changes) {
      if (portion.some((change) => change.type === 'progress')) sampled = await files()
      if (sampled.length > 1) break
    }
    await beside.engine.cancel({ kind: 'batch', batchId })
    const jobs = await beside.settled(batchId)
    following.abort()
    expect([jobs.map(ended), sampled.length, await files()]).toEqual([['cancelled'], 2, ['film.mkv']])
  })
})

it('says no where two options say how good a result is, or a codec has no such figure', async () => {
  const { make } = await scene({ seconds: 1, size: '96x64' })
  const both = await make('mp4', { matchQuality: 'high', crf: 20 })
  const size = await make('mp4', { matchQuality: 'high', maxSize: 1_000_000 })
  const none = await make('mov', { matchQuality: 'high', videoCodec: 'prores' })
  const untaken = await make('avi', { matchQuality: 'high' })
  const whys = [both, size, untaken].flatMap(({ refused }) => refused.map(({ why }) => [why.code, why.facts]))
  expect([whys, none.jobs.map(ended)]).toEqual([
    [
      ['options-contradict', { option: 'matchQuality', other: 'crf' }],
      ['options-contradict', { option: 'matchQuality', other: 'maxSize' }],
      ['option-unsupported', expect.objectContaining({ option: 'matchQuality' })],
    ],
    ['failed: option-invalid'],
  ])
})
