/** Formats of audio and video that fewer people ask for: each from a real source, and read back by FFprobe. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Job } from '../../src/shared/job.ts'
import type { Options } from '../../src/shared/options.ts'
import { ended, outputsOf, testBeside, type TestBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ffprobe, mediaSource, ownSource } from '../support/media.ts'

/** A source into each target, by one engine. */
async function converted(source: string, targets: readonly string[], options: Options = {}): Promise<Record<string, Job>> {
  const folder = await temporaryFolder()
  const beside: TestBeside = await testBeside(folder)
  const jobs: Record<string, Job> = {}
  for (const target of targets) {
    const { jobs: made } = await beside.convert([source], target, { out: folder, options })
    const [job] = made
    if (job !== undefined) jobs[target] = job
  }
  await beside.stop()
  return jobs
}

/** Container, codecs, seconds. */
async function seen(job: Job): Promise<string> {
  if (job.state.phase !== 'done') return ended(job)
  const { format, streams } = await ffprobe(outputsOf(job)[0] ?? '')
  const codecs = streams.map(({ codec_name }) => codec_name)
  return [format.format_name.split(',')[0], ...codecs, Math.round(Number(format.duration))].join(' ')
}

async function allSeen(jobs: Record<string, Job>): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const [target, job] of Object.entries(jobs)) found[target] = await seen(job)
  return found
}

const leftBy = ({ state }: Job) =>
  state.phase === 'done' ? state.notes.map((note) => (note.what === 'left' ? note.thing : note.what)) : []

/** Matroska keeps the names that the source has. */
const asFfmpegHasIt = (name: string) => ({ albumartist: 'album_artist', tracknumber: 'track' })[name] ?? name

const tagged = async (): Promise<string> =>
  await ownSource('tagged.flac', [
    ...['-f', 'lavfi', '-i', 'sine=d=1', '-ac', '2', '-metadata', 'title=Song', '-metadata', 'artist=Ann'],
    ...['-metadata', 'album_artist=All', '-metadata', 'track=3', '-metadata', 'MYFIELD=mine'],
  ])

describe('a song', { timeout: 120_000 }, () => {
  it('becomes what was asked for, with its tags or a word about them', async () => {
    const is = {
      wma: 'asf wmav2 1',
      ac3: 'ac3 ac3 1',
      caf: 'caf pcm_s16be 1',
      mka: 'matroska flac 1',
      au: 'au pcm_s16be 1',
      voc: 'voc pcm_s16le 1',
      mp2: 'mp3 mp2 1',
      wv: 'wv wavpack 1',
      tta: 'tta tta 1',
    }
    const jobs = await converted(await tagged(), Object.keys(is))
    expect(await allSeen(jobs)).toEqual(is)
    const silent = Object.entries(jobs).filter(([, job]) => leftBy(job).length === 0)
    expect(silent.map(([target]) => target)).toEqual(['wma', 'caf', 'mka', 'mp2', 'wv', 'tta'])
    for (const [, job] of silent) {
      const { tags = {} } = (await ffprobe(outputsOf(job)[0] ?? '')).format
      const told = Object.fromEntries(Object.entries(tags).map(([name, value]) => [asFfmpegHasIt(name.toLowerCase()), value]))
      expect(told).toMatchObject({ title: 'Song', artist: 'Ann', album_artist: 'All', track: '3', myfield: 'mine' })
    }
  })

  it('becomes AMR where FFmpeg can, and else says which encoder is missing', async () => {
    const { amr } = await converted(await tagged(), ['amr'])
    const [state] = amr === undefined ? [] : [amr.state]
    const why = state?.phase === 'failed' ? `${state.why.code} ${Object.values(state.why.facts).join(' ')}` : ''
    expect(amr !== undefined && why === '' ? await seen(amr) : why).toMatch(/^amr amr_nb 1$|^tool-missing .*libopencore_amrnb/)
  })
})

describe('a film', { timeout: 120_000 }, () => {
  it('becomes what was asked for', async () => {
    const is = {
      avi: 'avi mpeg4 mp3 1',
      wmv: 'asf wmv2 wmav2 1',
      mpeg: 'mpeg mpeg2video mp2 1',
      ts: 'mpegts h264 aac 1',
      flv: 'flv h264 aac 1',
      ogv: 'ogg theora vorbis 1',
      '3gp': 'mov h264 aac 1',
      mxf: 'mxf mpeg2video pcm_s16le 1',
    }
    expect(await allSeen(await converted(await mediaSource('webm'), Object.keys(is)))).toEqual(is)
  })

  it.each([
    ['prores', 'mov', 'mov prores aac 1'],
    ['dnxhr', 'mov', 'mov dnxhd aac 1'],
    ['dnxhr', 'mxf', 'mxf dnxhd pcm_s16le 1'],
  ] as const)('becomes %s in %s for whoever cuts it', async (videoCodec, target, is) => {
    expect(await allSeen(await converted(await mediaSource('mp4'), [target], { videoCodec }))).toEqual({ [target]: is })
  })
})

describe('a strange film', { timeout: 120_000 }, () => {
  const odd = async () =>
    await ownSource('odd.mkv', [...['-f', 'lavfi', '-i', 'testsrc2=s=351x203:r=12:d=1', '-c:v', 'ffv1', '-pix_fmt', 'yuv444p']])

  it('of odd sides and a rate that no broadcast has becomes what the format can be', async () => {
    const jobs = await converted(await odd(), ['3gp', 'mpeg', 'mxf'])
    const is: Record<string, unknown> = {}
    for (const [target, job] of Object.entries(jobs)) {
      const [{ width, height, avg_frame_rate, pix_fmt } = {}] = (await ffprobe(outputsOf(job)[0] ?? '')).streams
      is[target] = [width, height, avg_frame_rate, pix_fmt].join(' ')
    }
    expect(is).toEqual({ '3gp': '350 202 12/1 yuv420p', mpeg: '350 202 24/1 yuv420p', mxf: '350 202 24/1 yuv420p' })
  })

  it('of a single pixel is still a film', async () => {
    const speck = await ownSource('speck.mkv', ['-f', 'lavfi', '-i', 'color=red:s=1x1:r=10:d=1,format=gbrp', '-c:v', 'ffv1'])
    expect(await allSeen(await converted(speck, ['3gp', 'avi']))).toEqual({ '3gp': 'mov h264 1', avi: 'avi mpeg4 1' })
  })

  it('that is cut off, or none, is refused in its own words', async () => {
    const folder = await temporaryFolder()
    const whole = await readFile(await mediaSource('mkv'))
    const cases = { 'cut.mkv': whole.subarray(0, 6_000), 'text.mkv': Buffer.from('no film at all') }
    const codes: Record<string, string> = {}
    for (const [name, bytes] of Object.entries(cases)) {
      await writeFile(join(folder, name), bytes)
      const { avi } = await converted(join(folder, name), ['avi'])
      codes[name] = avi?.state.phase === 'failed' ? avi.state.why.code : (avi?.state.phase ?? '')
    }
    expect(codes).toEqual({ 'cut.mkv': 'source-damaged', 'text.mkv': 'source-unknown' })
  })

  it('with chapters says that Ogg video has none', async () => {
    const folder = await temporaryFolder()
    const chapter = (from: number) => `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${from}\nEND=${from + 500}\ntitle=One\n`
    await writeFile(join(folder, 'chapters.txt'), `;FFMETADATA1\n${chapter(0)}${chapter(500)}`)
    const args = [
      '-i',
      await mediaSource('mkv'),
      '-i',
      join(folder, 'chapters.txt'),
      '-map',
      '0',
      '-map_chapters',
      '1',
      '-c',
      'copy',
    ]
    const { ogv } = await converted(await ownSource('chapters.mkv', args), ['ogv'])
    expect(ogv === undefined ? [] : leftBy(ogv)).toEqual(['chapters'])
  })
})
