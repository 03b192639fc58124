import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import sharp from 'sharp'
import { JobError } from '../../../src/shared/failure.ts'
import { ffmpeg, mediaSource, ownSource } from '../../support/media.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { never, startMachine } from './machine.ts'

const { viewer } = startMachine().local
const samples = resolve(import.meta.dirname, '../../../samples')
const heic = resolve(import.meta.dirname, 'images/fixtures/turned.heic')

/** What came out, and the colour in its middle. */
async function seen(path: string, pixels = 96) {
  const picture = await viewer.picture(path, pixels, never)
  if (picture === null) return null
  const image = sharp(picture.data)
  const { format, width, height } = await image.metadata()
  const middle = await image
    .clone()
    .removeAlpha()
    .extract({ left: Math.floor(width / 2), top: Math.floor(height / 2), width: 1, height: 1 })
    .raw()
    .toBuffer()
  const colour = [...middle].map((value) => Math.round(value / 64))
  return { type: picture.type, format, width, height, colour, isSmall: picture.data.length < 40_000 }
}

const red = ['-f', 'lavfi', '-i', 'color=red:size=320x180:rate=1:duration=1', '-frames:v', '1']

describe('a small picture of a file', () => {
  it('is the photo itself, upright, no larger than asked for, and never larger than it is', async () => {
    const photo = join(samples, 'photo.jpg')
    const { width, height } = (await sharp(photo).metadata()).autoOrient
    const found = await seen(photo)
    expect({ ...found, colour: null }).toEqual({
      type: 'image/webp',
      format: 'webp',
      width: width > height ? 96 : Math.round((96 * width) / height),
      height: width > height ? Math.round((96 * height) / width) : 96,
      colour: null,
      isSmall: true,
    })
    const tiny = await ownSource('tiny.png', [
      '-f',
      'lavfi',
      '-i',
      'color=red:size=20x10:rate=1',
      '-frames:v',
      '1',
      '-f',
      'image2pipe',
      '-c:v',
      'png',
    ])
    expect(await seen(tiny)).toMatchObject({ width: 20, height: 10, colour: [4, 0, 0] })
  })

  it('holds nothing of a photo but its pixels', async () => {
    const picture = await viewer.picture(join(samples, 'photo.jpg'), 640, never)
    const { exif, xmp, icc } = await sharp(picture?.data).metadata()
    expect({ exif, xmp, icc }).toEqual({ exif: undefined, xmp: undefined, icc: undefined })
  })

  it('is made of HEIC and of drawings, too', async () => {
    const folder = await temporaryFolder()
    const drawing = join(folder, 'drawing.svg')
    await writeFile(
      drawing,
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><rect width="2" height="1" fill="red"/></svg>',
    )
    expect(await seen(drawing)).toMatchObject({ type: 'image/webp', width: 96, height: 48, colour: [4, 0, 0] })
    const phone = await seen(heic)
    expect(Math.max(phone?.width ?? 0, phone?.height ?? 0)).toBeLessThanOrEqual(96)
  })

  it('of a film is a frame some way into it, with square pixels', async () => {
    const film = await ownSource('turns-red.mkv', [
      ...['-f', 'lavfi', '-i', 'color=black:size=180x180:rate=10:duration=0.4,setsar=2[out0]'],
      ...['-f', 'lavfi', '-i', 'color=red:size=180x180:rate=10:duration=9.6,setsar=2'],
      ...[
        '-filter_complex',
        '[0:v][1:v]concat',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-g',
        '2',
        '-pix_fmt',
        'yuv420p',
        '-f',
        'matroska',
      ],
    ])
    expect(await seen(film)).toEqual({
      type: 'image/jpeg',
      format: 'jpeg',
      width: 96,
      height: 48,
      colour: [4, 0, 0],
      isSmall: true,
    })
  })

  it('of a song is its cover, and of one without there is none', async () => {
    const folder = await temporaryFolder()
    const cover = join(folder, 'cover.png')
    await ffmpeg([...red, cover])
    const song = await mediaSource('mp3')
    for (const ending of ['mp3', 'flac', 'm4a']) {
      const covered = join(folder, `song.${ending}`)
      const source = ending === 'mp3' ? song : await mediaSource(ending as 'flac')
      await ffmpeg([
        '-i',
        source,
        '-i',
        cover,
        '-map',
        '0:a',
        '-map',
        '1:v',
        '-c',
        'copy',
        '-disposition:v:0',
        'attached_pic',
        covered,
      ])
      expect(await seen(covered)).toMatchObject({ type: 'image/jpeg', width: 96, height: 54, colour: [4, 0, 0] })
      // A cover has a comment of its own: what it is a picture of.
      expect(await viewer.look(covered, never)).toMatchObject({ pictures: [{}], tags: [] })
    }
    expect(await seen(song)).toBe(null)
  })

  it('of a damaged file is a failure, as for a conversion', async () => {
    const folder = await temporaryFolder()
    const damaged = join(folder, 'damaged.jpg')
    await writeFile(damaged, (await readFile(join(samples, 'photo.jpg'))).subarray(0, 4000))
    await expect(viewer.picture(damaged, 96, never)).rejects.toBeInstanceOf(JobError)
    await expect(viewer.picture(join(folder, 'nothing.jpg'), 96, never)).rejects.toBeInstanceOf(JobError)
  })

  it('is made of files whose names begin with a dash, or hold quotes, brackets and line breaks', async () => {
    const folder = await temporaryFolder()
    for (const name of ['-i.jpg', 'a "b" [n=-1]', '%d\n.jpg']) {
      const photo = join(folder, name)
      await copyFile(join(samples, 'photo.jpg'), photo)
      expect(await seen(photo)).toMatchObject({ type: 'image/webp' })
      const film = join(folder, `${name}.mkv`)
      await copyFile(await mediaSource('mkv'), film)
      expect(await seen(film)).toMatchObject({ type: 'image/jpeg' })
    }
  })
})

describe('a look into a file', () => {
  it('tells what a photo says of itself', async () => {
    const look = await viewer.look(join(samples, 'photo.jpg'), never)
    expect(look).toMatchObject({ format: 'jpeg', durationMs: null, image: { pages: 1 } })
    expect(Object.fromEntries(look.tags.map(({ name, values }) => [name, values.join()]))).toMatchObject({
      TITLE: 'A lake in the evening',
      CAMERA: 'Lakeside 1',
      DATE: '2026-06-21 21:14:08',
      EXPOSURE: '1/125 s · f/8.0 · ISO 100',
    })
  })

  it.each(['mp3', 'ogg', 'm4a', 'flac'] as const)('tells streams and tags of sound: %s', async (format) => {
    const folder = await temporaryFolder()
    const path = join(folder, `tagged.${format}`)
    const own = ['-metadata', 'title=Évening', '-metadata', `artist=${'x'.repeat(500)}`]
    await ffmpeg([
      '-i',
      await mediaSource(format),
      '-c',
      'copy',
      ...own,
      ...(format === 'ogg' ? ['-metadata:s:a:0', 'title=Évening', '-metadata:s:a:0', `artist=${'x'.repeat(500)}`] : []),
      path,
    ])
    const look = await viewer.look(path, never)
    expect(look).toMatchObject({ format, audio: [{ sampleRate: 44_100, channels: 2 }], video: [], pictures: [] })
    expect(look.tags.toSorted((one, other) => (one.name < other.name ? -1 : 1))).toEqual([
      { name: 'ARTIST', values: ['x'.repeat(500)] },
      { name: 'TITLE', values: ['Évening'] },
    ])
  })

  it('tells size, rate and codecs of a film', async () => {
    const look = await viewer.look(await mediaSource('mp4'), never)
    expect(look).toMatchObject({
      format: 'mp4',
      video: [{ codec: 'h264', width: 96, height: 64, fps: 10, hdr: false }],
      audio: [{ codec: 'aac' }],
    })
    expect(Math.round((look.durationMs ?? 0) / 100)).toBe(10)
  })
})
