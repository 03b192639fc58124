/** What films hold besides a picture and a sound, and what becomes of it. */
import { describe, expect, it } from 'vitest'
import type { Job } from '../../src/shared/job.ts'
import type { Options } from '../../src/shared/options.ts'
import { ended, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ffmpegMessages, ffprobe } from '../support/media.ts'
import * as make from './make-video.ts'

async function converted(source: string, target: string, options: Options = {}): Promise<Job> {
  const folder = await temporaryFolder()
  const beside = await testBeside(folder)
  const { jobs } = await beside.convert([source], target, { out: folder, options })
  await beside.stop()
  const [job] = jobs
  if (job === undefined) throw new Error('no job')
  return job
}

async function result(source: string, target: string, options: Options = {}): Promise<string> {
  const job = await converted(source, target, options)
  expect(ended(job)).toBe('done')
  return outputsOf(job)[0] ?? ''
}

const leftBy = (job: Job) =>
  job.state.phase === 'done' ? job.state.notes.map((note) => (note.what === 'left' ? note.thing : note.what)) : []
const kinds = async (path: string) => (await ffprobe(path)).streams.map(({ codec_name }) => codec_name)
/** As far as it can be decoded. */
async function decodedMs(path: string): Promise<number> {
  const said = await ffmpegMessages(['-i', path, '-map', '0', '-f', 'null', '-'])
  const [, hours, minutes, seconds] = [...said.matchAll(/time=(\d+):(\d+):([\d.]+)/g)].at(-1)?.map(Number) ?? []
  return ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000
}

describe('an encrypted film', () => {
  it.each(['mkv', 'mp4', 'mp3'])('is refused by that name: %s', async (target) => {
    expect(ended(await converted(await make.protectedFilm(), target))).toBe('failed: source-protected')
  })
})

describe('a stream that nobody can decode', () => {
  it('is left with a word, and the rest converted', async () => {
    const job = await converted(await make.unknownSound('film.mov', true), 'mp4')
    expect([ended(job), leftBy(job)]).toEqual(['done', ['opaque-stream']])
  })

  it('is named where nothing else is there', async () => {
    const { state } = await converted(await make.unknownSound('sound.mov', false), 'mp3')
    expect(state).toMatchObject({ why: { code: 'source-unsupported', facts: { because: 'codec-unknown', found: 'xxxx' } } })
  })
})

describe('a recording', () => {
  it.each(['ts', 'mpeg'] as const)('whose sound begins late keeps it: %s', async (format) => {
    const { streams } = await ffprobe(await result(await make.lateSound(format, 12), 'mkv'))
    expect(streams.map(({ codec_type }) => codec_type)).toEqual(['video', 'audio'])
  })

  it('that begins between two key frames is copied from the first one on', async () => {
    expect(await kinds(await result(await make.recording(), 'mp4'))).toEqual(['h264', 'aac'])
  })

  it('lasts as long as its streams, whatever its header says', async () => {
    expect(Number((await ffprobe(await result(await make.lyingHeader(), 'mp4'))).format.duration)).toBeCloseTo(3, 0)
  })
})

describe('an edit list', () => {
  it.each(['mkv', 'mp4', 'mp3', 'aac'])('hides as much in the result: %s', async (target) => {
    const lastsMs = await decodedMs(await result(await make.trimmed(), target))
    expect(Math.abs(lastsMs - 1700)).toBeLessThan(120)
  })
})

describe('an index of the streams in Ogg', () => {
  it('is nothing that could be missed', async () => {
    const source = await make.withSkeleton()
    expect((await ffprobe(source)).streams.map(({ codec_type }) => codec_type)).toEqual(['data', 'video'])
    const job = await converted(source, 'mp4')
    expect([ended(job), leftBy(job)]).toEqual(['done', []])
  })
})

describe('a film of one frame', () => {
  it('is no damaged one', async () => {
    expect(await kinds(await result(await make.oneFrame(), 'mp4'))).toEqual(['h264'])
  })
})

describe('what goes along inside a picture', () => {
  it.each(['mp4', 'mkv'])('as Dolby Vision is in a copy: %s', async (target) => {
    const { streams } = await ffprobe(await result(await make.dolbyVision('vision.mp4'), target))
    expect(JSON.stringify(streams)).toMatch(/DOVI configuration record/)
  })

  it('as captions stays in H.264, and is left with a word elsewhere', async () => {
    const source = await make.captioned()
    const encoded = await ffmpegMessages([
      '-i',
      await result(source, 'mp4', { maxHeight: 32 }),
      '-vf',
      'showinfo',
      '-frames:v',
      '1',
      '-f',
      'null',
      '-',
    ])
    expect(encoded).toMatch(/closed captions/i)
    expect(leftBy(await converted(source, 'mp4', { videoCodec: 'h265' }))).toEqual(['video-extra'])
  })

  it('as a time code is found in Matroska, too', async () => {
    const job = await converted(await make.withTimeCode(), 'mkv')
    const { streams } = await ffprobe(outputsOf(job)[0] ?? '')
    expect([leftBy(job), streams[0]?.tags?.['TIMECODE']]).toEqual([[], '01:02:03:04'])
  })
})

describe('subtitles', () => {
  it('with fonts and places lose them in MP4 with a word', async () => {
    const source = await make.withSubtitles('ass')
    expect(leftBy(await converted(source, 'mp4'))).toEqual(['subtitle-style'])
    expect(leftBy(await converted(source, 'mkv'))).toEqual([])
  })
})

describe('a chapter without a title', () => {
  it('leaves the title of the next where it was', async () => {
    const { chapters } = await ffprobe(await result(await make.withChapters(), 'mp4'))
    expect(chapters.map(({ start_time, tags }) => [Number(start_time), (tags?.['title'] ?? '').trim()])).toEqual([
      [0, ''],
      [0.5, 'Two'],
    ])
  })
})

describe('of two pictures', () => {
  it('the one that is marked as default goes on', async () => {
    const job = await converted(await make.twoPictures(), 'mp4')
    const { streams } = await ffprobe(outputsOf(job)[0] ?? '')
    expect([leftBy(job), streams.map(({ width }) => width)]).toEqual([['video-track'], [64]])
  })
})

describe('pixels', () => {
  it('of two moments become those of one', async () => {
    const said = await ffmpegMessages(['-i', await result(await make.interlaced(), 'mp4'), '-vf', 'idet', '-f', 'null', '-'])
    const [, top, bottom, whole] = /Multi frame detection: TFF:\s*(\d+) BFF:\s*(\d+) Progressive:\s*(\d+)/.exec(said) ?? []
    expect(Number(whole)).toBeGreaterThan(3 * (Number(top) + Number(bottom)))
  })

  it.each([
    ['720x576', '64/45', 853],
    ['720x480', '8/9', 640],
  ])('that are oblong are square in a GIF: %s', async (size, sar, width) => {
    const { streams } = await ffprobe(await result(await make.oblong(size, sar), 'gif'))
    expect(streams[0]).toMatchObject({ width, height: 480 })
  })

  it('that can be seen through stay so in WebM and GIF, and lie on white elsewhere', async () => {
    const source = await make.seeThrough()
    const webm = await result(source, 'webm', { maxHeight: 32 })
    expect((await make.pixel(webm, 1, 1, ['-c:v', 'libvpx-vp9']))[3]).toBeLessThan(4)
    expect((await make.pixel(await result(source, 'gif'), 1, 1))[3]).toBe(0)
    const job = await converted(source, 'mp4')
    const [red = 0, green = 0, blue = 0] = await make.pixel(outputsOf(job)[0] ?? '', 1, 1)
    expect([leftBy(job), Math.min(red, green, blue) > 250]).toEqual([['transparency'], true])
  })

  it('of RGB say by which matrix they were converted', async () => {
    const path = await result(await make.green(), 'mp4')
    const [red = 0, green = 0, blue = 0] = await make.pixel(path, 9, 9)
    expect((await ffprobe(path)).streams[0]).toMatchObject({ pix_fmt: 'yuv420p', color_space: 'bt709' })
    expect([red < 5, Math.abs(green - 192) < 5, blue < 5]).toEqual([true, true, true])
  })

  it('of high dynamic range keep what they were mastered on', async () => {
    const path = await result(await make.mastered(), 'mkv', { maxHeight: 60 })
    const said = await ffmpegMessages(['-i', path, '-vf', 'showinfo', '-frames:v', '1', '-f', 'null', '-'])
    expect(said).toMatch(/MaxCLL=1000, MaxFALL=400/)
    expect(said).toMatch(/max_luminance=1000\.0/)
  })
})

describe('the last picture of a GIF', () => {
  it.each(['mp4', 'mov', 'mkv', 'webm'])('is held as long as it says: %s', async (target) => {
    const { format } = await ffprobe(await result(await make.heldGif(), target))
    expect(Number(format.duration)).toBeCloseTo(3.4, 1)
  })
})

describe('what is attached', () => {
  it.each(['jpg', 'webp'] as const)('as a poster stays one: %s', async (type) => {
    const source = await make.poster(type)
    const { streams } = await ffprobe(await result(source, 'mp4'))
    expect(streams.map(({ codec_name, disposition }) => [codec_name, disposition.attached_pic])).toEqual([
      ['h264', 0],
      ['aac', 0],
      ['mjpeg', 1],
    ])
    const encoded = (await ffprobe(await result(source, 'mkv', { crf: 30 }))).streams
    expect(encoded.at(-1)?.tags?.['filename']).toBe(`cover.${type}`)
  })

  it('as a font stays, with its name, when metadata is left out', async () => {
    const { streams } = await ffprobe(await result(await make.withFont(), 'mkv', { preserveMetadata: false, crf: 30 }))
    expect(streams.at(-1)?.tags).toMatchObject({ filename: 'a.ttf' })
  })
})

describe('what a phone says of place, camera and local time', () => {
  it.each(['mp4', 'mov', 'mkv'])('goes along into %s', async (target) => {
    const tags = Object.entries((await ffprobe(await result(await make.phoneFilm(), target))).format.tags ?? {})
    const found = Object.fromEntries(tags.map(([name, value]) => [name.toLowerCase(), value]))
    const wanted = Object.entries(make.phoneTags).map(([name, value]) => [name.toLowerCase(), value])
    expect(found).toMatchObject(Object.fromEntries(wanted))
    expect(found['creation_time']).toMatch(/^2024-05-06T05:08:09/)
  })

  it.each(['mp4', 'mkv'])('stays behind where that is asked: %s', async (target) => {
    const { format } = await ffprobe(await result(await make.phoneFilm(), target, { preserveMetadata: false }))
    expect(JSON.stringify(format.tags ?? {})).not.toMatch(/48\.85|Apple|2024/)
  })
})
