import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ffmpeg, ffprobe, mediaSource, ownSource } from '../../support/media.ts'
import { startMachine } from './machine.ts'

const { convert, local } = startMachine()

/** Three seconds with tags, two chapters and a cover, in a format that holds all of them. */
async function album(name: string, cover: 'png' | 'mjpeg' | 'gif', encoder: readonly string[]): Promise<string> {
  const wav = await ownSource('album.wav', ['-f', 'lavfi', '-i', 'sine=d=3:r=44100', '-ac', '2'])
  const picture = await ownSource(`cover.${cover}`, [
    '-f',
    'lavfi',
    '-i',
    'testsrc=size=40x40:rate=1',
    '-frames:v',
    '1',
    '-c:v',
    cover,
    '-f',
    cover === 'gif' ? 'gif' : 'image2pipe',
  ])
  const tags = join(dirname(wav), 'tags.txt')
  const chapters = [0, 1000].map(
    (start, n) => `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${start + 1000 + n * 1000}\ntitle=Part ${n + 1}\n`,
  )
  await writeFile(tags, `;FFMETADATA1\ntitle=Größe; \\= 1\nartist=Beside\n${chapters.join('')}`)
  const inputs = ['-i', wav, '-f', 'ffmetadata', '-i', tags, '-i', picture]
  const maps = [
    '-map',
    '0:a',
    '-map',
    '2:v',
    '-map_metadata',
    '1',
    '-map_chapters',
    '1',
    '-c:v',
    'copy',
    '-disposition:v',
    'attached_pic',
  ]
  return await ownSource(name, [...inputs, ...maps, ...encoder])
}
const mp3 = async (): Promise<string> => await album('album.mp3', 'mjpeg', ['-c:a', 'libmp3lame', '-id3v2_version', '3'])

/** The cover as stored in the file. */
async function coverOf(path: string): Promise<string> {
  return execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-map', '0:v', '-c', 'copy', '-f', 'md5', '-'], { encoding: 'utf8' })
}

async function tagsOf(path: string): Promise<Record<string, string>> {
  const { format, streams } = await ffprobe(path)
  const all = { ...format.tags, ...streams.find(({ codec_type }) => codec_type === 'audio')?.tags }
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toLowerCase(), value]))
}

describe('tags and cover art', () => {
  it.each(['mp3', 'aac', 'm4a', 'alac', 'wav', 'flac', 'ogg', 'opus', 'aiff'] as const)(
    'go along into %s, the picture bit by bit',
    async (target) => {
      const source = await mp3()
      const result = await convert(source, target, target === 'mp3' ? { bitrate: 64 } : {})
      expect(await tagsOf(result)).toMatchObject({ title: 'Größe; = 1', artist: 'Beside' })
      expect(await coverOf(result)).toBe(await coverOf(source))
      expect((await local.inspect(result, new AbortController().signal)).pictures).not.toEqual([])
    },
  )

  it.each(['flac', 'm4a', 'ogg', 'opus'] as const)('come back out of %s', async (through) => {
    const between = await convert(await mp3(), through)
    const result = await convert(between, 'mp3')
    expect(await tagsOf(result)).toMatchObject({ title: 'Größe; = 1', artist: 'Beside' })
    expect(await coverOf(result)).toBe(await coverOf(between))
  })

  it('go from Ogg to Opus, both of which FFmpeg cannot give a picture', async () => {
    const ogg = await convert(await mp3(), 'ogg')
    const opus = await convert(ogg, 'opus')
    expect(await tagsOf(opus)).toMatchObject({ title: 'Größe; = 1' })
    expect(await coverOf(opus)).toBe(await coverOf(ogg))
  })

  it('survive a cut', async () => {
    const result = await convert(await mp3(), 'm4a', { trimStart: 500, trimEnd: 1500 })
    expect(await coverOf(result)).toBe(await coverOf(await mp3()))
    expect(await tagsOf(result)).toMatchObject({ artist: 'Beside' })
  })

  it('of a kind that no target holds become a JPEG', async () => {
    const source = await album('odd.mp3', 'gif', ['-c:a', 'libmp3lame'])
    expect((await ffprobe(await convert(source, 'm4a'))).streams.map(({ codec_name }) => codec_name)).toContain('mjpeg')
  })

  it('of several megabytes fit into Opus', async () => {
    const large = await ownSource('large.png', [
      '-f',
      'lavfi',
      '-i',
      'nullsrc=size=1200x1200,geq=random(1)*255:128:128',
      '-frames:v',
      '1',
      '-f',
      'image2pipe',
      '-c:v',
      'png',
    ])
    const source = await ownSource('large.flac', [
      '-i',
      await mediaSource('wav'),
      '-i',
      large,
      '-map',
      '0:a',
      '-map',
      '1:v',
      '-c:v',
      'copy',
      '-disposition:v',
      'attached_pic',
    ])
    const result = await convert(source, 'opus')
    expect(Number((await ffprobe(result)).format.size)).toBeGreaterThan(1_000_000)
    expect(await coverOf(result)).toBe(await coverOf(source))
  })

  it.each(['mp3', 'm4a', 'opus', 'mp4'] as const)('stay behind where that is asked: %s', async (target) => {
    const source = target === 'mp4' ? await mediaSource('mp4') : await mp3()
    const titled = await ownSource(`titled-${target}.mka`, [
      '-i',
      source,
      '-map',
      '0:a',
      '-metadata',
      'title=Secret',
      '-c',
      'copy',
    ])
    const result = await convert(target === 'mp4' ? source : titled, target, { preserveMetadata: false })
    expect(Object.keys(await tagsOf(result))).not.toContain('title')
    expect((await ffprobe(result)).chapters).toEqual([])
  })

  it('that describe the old container or the old loudness stay behind', async () => {
    const source = await ownSource('gain.flac', [
      '-i',
      await mediaSource('wav'),
      '-metadata',
      'REPLAYGAIN_TRACK_GAIN=-3 dB',
      '-metadata',
      'title=A',
    ])
    expect(Object.keys(await tagsOf(await convert(source, 'ogg', { normalize: true })))).not.toContain('replaygain_track_gain')
    const tags = Object.keys(await tagsOf(await convert(await mediaSource('m4a'), 'ogg')))
    expect(tags.filter((name) => /brand|handler|vendor/.test(name))).toEqual([])
  })
})

describe('chapters', () => {
  const startsOf = async (path: string): Promise<readonly (readonly [number, string | undefined])[]> =>
    (await ffprobe(path)).chapters.map(({ start_time, tags }) => [Number(Number(start_time).toFixed(1)), tags?.title] as const)

  it.each(['mp3', 'm4a', 'alac', 'flac', 'ogg', 'opus', 'aiff'] as const)('go along into %s', async (target) => {
    const result = await convert(await mp3(), target, target === 'mp3' ? { bitrate: 64 } : {})
    expect(await startsOf(result)).toEqual([
      [0, 'Part 1'],
      [1, 'Part 2'],
    ])
  })

  it('move with a cut', async () => {
    for (const target of ['m4a', 'opus'] as const) {
      expect(await startsOf(await convert(await mp3(), target, { trimStart: 500, trimEnd: 2000 }))).toEqual([
        [0, 'Part 1'],
        [0.5, 'Part 2'],
      ])
    }
  })

  it('come out of a film into Opus', async () => {
    const source = await ownSource('chapters.mkv', [
      '-i',
      await mediaSource('mp4'),
      '-i',
      await mp3(),
      '-map',
      '0',
      '-map_chapters',
      '1',
      '-c',
      'copy',
    ])
    expect(await startsOf(await convert(source, 'opus'))).toEqual([
      [0, 'Part 1'],
      [1, 'Part 2'],
    ])
    expect(await ffmpeg(['-i', source, '-f', 'null', '-'])).toBe('')
  })
})
