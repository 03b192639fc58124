/** Each preset that comes with Beside converts a sample of its kind, and the result is what its name promises. */
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { toFailure } from '../../src/shared/failure.ts'
import { suppliedPresetIds, type SuppliedPresetId } from '../../src/shared/presets.ts'
import { endedInWords, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { decodedHash, ffprobe, mediaSource, ownSource, type Probed } from '../support/media.ts'
import { exiftool } from '../support/readers.ts'

/** Taller than what is meant for everybody, with pictures and audio that hardly any phone plays. */
async function tallFilm(): Promise<string> {
  const film = ['-f', 'lavfi', '-i', 'testsrc2=size=96x1200:rate=5:duration=1', '-f', 'lavfi', '-i', 'sine=duration=1']
  return await ownSource('tall.mkv', [...film, '-c:v', 'mpeg4', '-c:a', 'ac3', '-ac', '2', '-f', 'matroska'])
}

async function placedPhoto(folder: string): Promise<string> {
  const path = join(folder, 'photo.jpg')
  const place = { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1', GPSLongitudeRef: 'E', GPSLongitude: '13/1 24/1 0/1' }
  await sharp({ create: { width: 3000, height: 2000, channels: 3, background: '#3060c0' } })
    .withExif({ IFD0: { Model: 'Camera' }, IFD3: place })
    .jpeg()
    .toFile(path)
  return path
}

/** As phones write it. */
async function placedFilm(): Promise<string> {
  const film = ['-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=5:duration=1', '-c:v', 'libx264']
  return await ownSource('placed.mp4', [...film, '-metadata', 'location=+52.5200+013.4050/', '-f', 'mp4'])
}

interface Case {
  readonly source: (folder: string) => Promise<string>
  readonly told: (path: string, source: string) => unknown
  readonly wanted: unknown
}

const stream = ({ streams }: Probed, type: string) => streams.find(({ codec_type }) => codec_type === type)

async function audio(path: string): Promise<unknown> {
  const { codec_name: codec, channels, bit_rate: rate } = stream(await ffprobe(path), 'audio') ?? {}
  return { codec, channels, rate }
}

async function video(path: string): Promise<unknown> {
  const probed = await ffprobe(path)
  const { codec_name: codec, height, codec_tag_string: tag } = stream(probed, 'video') ?? {}
  return { codec, height, tag, audio: stream(probed, 'audio')?.codec_name }
}

function picture(path: string): unknown {
  const tags = Object.entries(exiftool(path))
  const tag = (name: string) => tags.find(([key]) => key.endsWith(`:${name}`))?.[1]
  return {
    type: tag('FileType'),
    width: tag('ImageWidth'),
    height: tag('ImageHeight'),
    hasPlace: tag('GPSLatitude') !== undefined,
  }
}

const wav = async () => await mediaSource('wav')
const cases: Readonly<Record<SuppliedPresetId, Case>> = {
  podcast: { source: wav, told: audio, wanted: { codec: 'mp3', channels: 1, rate: '96000' } },
  audiobook: { source: wav, told: audio, wanted: expect.objectContaining({ codec: 'aac', channels: 1 }) },
  'lossless-archive': {
    source: wav,
    told: async (path, source) => (await decodedHash(path, 'a:0')) === (await decodedHash(source, 'a:0')),
    wanted: true,
  },
  'anything-to-mp3': {
    source: tallFilm,
    told: audio,
    wanted: expect.objectContaining({ codec: 'mp3', channels: 2 }),
  },
  'plays-everywhere': { source: tallFilm, told: video, wanted: { codec: 'h264', height: 1080, tag: 'avc1', audio: 'aac' } },
  'small-to-share': { source: tallFilm, told: video, wanted: { codec: 'h264', height: 720, tag: 'avc1', audio: 'aac' } },
  'fits-in-10-mb': { source: tallFilm, told: video, wanted: { codec: 'h264', height: 1200, tag: 'avc1', audio: 'aac' } },
  'fits-in-25-mb': { source: tallFilm, told: video, wanted: { codec: 'h264', height: 1200, tag: 'avc1', audio: 'aac' } },
  apple: { source: tallFilm, told: video, wanted: { codec: 'hevc', height: 1200, tag: 'hvc1', audio: 'ac3' } },
  web: { source: tallFilm, told: video, wanted: expect.objectContaining({ codec: 'vp9', height: 1080, audio: 'opus' }) },
  archive: { source: tallFilm, told: video, wanted: expect.objectContaining({ codec: 'mpeg4', height: 1200, audio: 'ac3' }) },
  'video-without-location': {
    source: placedFilm,
    told: async (path, source) => ({
      isSame: (await decodedHash(path, 'v:0')) === (await decodedHash(source, 'v:0')),
      place: Object.keys((await ffprobe(path)).format.tags ?? {}).filter((name) => name.startsWith('location')),
    }),
    wanted: { isSame: true, place: [] },
  },
  'photos-for-the-web': {
    source: placedPhoto,
    told: picture,
    wanted: { type: expect.stringContaining('WEBP'), width: 2048, height: 1365, hasPlace: false },
  },
  'photos-for-e-mail': {
    source: placedPhoto,
    told: picture,
    wanted: { type: 'JPEG', width: 1600, height: 1067, hasPlace: true },
  },
  print: { source: placedPhoto, told: picture, wanted: { type: 'JPEG', width: 3000, height: 2000, hasPlace: true } },
  'without-location': {
    source: placedPhoto,
    told: async (path, source) => {
      const pixels = async (from: string) => await sharp(from).raw().toBuffer()
      return { ...(picture(path) as object), isSame: (await pixels(path)).equals(await pixels(source)) }
    },
    wanted: { type: 'JPEG', width: 3000, height: 2000, hasPlace: false, isSame: true },
  },
}

describe('a preset that comes with Beside', () => {
  it.each(suppliedPresetIds)('converts: %s', async (id) => {
    const { source: make, told, wanted } = cases[id]
    const folder = await temporaryFolder()
    const source = await make(folder)
    const { convert } = await testBeside(folder)
    const { jobs } = await convert([source], '', { preset: id, out: join(folder, 'out') })
    const [path = ''] = jobs.flatMap(outputsOf)
    expect(jobs.map(endedInWords)).toEqual(['done'])
    expect(await told(path, source)).toEqual(wanted)
  })

  it.each(['plays-everywhere', 'small-to-share', 'fits-in-10-mb', 'apple', 'web', 'archive'] as const)(
    'takes a silent animation, too: %s',
    async (id) => {
      const folder = await temporaryFolder()
      const { convert } = await testBeside(folder)
      const { jobs } = await convert([await mediaSource('gif')], '', { preset: id, out: folder })
      expect(jobs.map(endedInWords)).toEqual(['done'])
    },
  )

  it('is loud by its order', async () => {
    const folder = await temporaryFolder()
    const { convert } = await testBeside(folder)
    const { jobs } = await convert([await mediaSource('wav')], '', { preset: 'podcast', out: folder })
    expect(jobs[0]?.order).toMatchObject({ preset: 'podcast', options: { normalize: true, loudness: -16 } })
  })

  it('gives way to one of the same name that the user has from before, which is changed and removed as ever', async () => {
    const folder = await temporaryFolder()
    const { engine, convert } = await testBeside(folder, {
      around: (store) => {
        store.presets.save({ name: 'podcast', target: 'opus', options: { bitrate: 64 } })
        return store
      },
    })
    const { jobs } = await convert([await mediaSource('wav')], '', { preset: 'podcast', out: folder })
    const podcasts = () => engine.presets.list().filter(({ name }) => name === 'podcast')
    const [before] = podcasts()
    engine.presets.save({ name: 'podcast', target: 'flac', options: {} })
    const [changed] = podcasts()
    const removed = engine.presets.remove('podcast')
    expect([jobs[0]?.order.target, before?.group, changed?.target, removed]).toEqual(['opus', 'own', 'flac', true])
    expect(podcasts()).toEqual([expect.objectContaining({ group: 'audio', target: 'mp3' })])
  })

  it('is neither changed nor removed', async () => {
    const { engine } = await testBeside(await temporaryFolder())
    const why = (act: () => unknown) => {
      try {
        return act()
      } catch (error) {
        return toFailure(error)
      }
    }
    const refused = { code: 'not-possible', facts: { because: 'preset-supplied', preset: 'web' } }
    expect([
      why(() => engine.presets.save({ name: 'web', target: 'mp3', options: {} })),
      why(() => engine.presets.remove('web')),
      engine.presets.remove('nobody has this'),
    ]).toEqual([refused, refused, false])
  })
})
