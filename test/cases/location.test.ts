/** Without location: nothing in a result tells where it was made, as readers see that had no part in it; all else is there. */
import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { FormatId } from '../../src/shared/formats.ts'
import type { Options } from '../../src/shared/options.ts'
import { temporaryFolder } from '../support/folder.ts'
import { decodedHash, ffprobe } from '../support/media.ts'
import { exiftool } from '../support/readers.ts'
import { convertedFile, type Result } from './conversions.ts'
import { placedMatroska, placedPhoneFilm, placedPhoto, placedPicture, placedSong, placeWord } from './make-places.ts'

const without: Options = { preserveLocation: false }

/** Names of ExifTool's tags, and the word wherever it stands in the bytes. */
async function traces(path: string): Promise<readonly string[]> {
  const named = Object.keys(exiftool(path)).filter((name) =>
    /GPS|Location|City|Country|State\b|Province|Latitude|Longitude|Altitude|Coordinates|Venue|Geo_/i.test(name),
  )
  const bytes = await readFile(path)
  const words = (['utf8', 'utf16le'] as const).filter((encoding) => bytes.includes(Buffer.from(placeWord, encoding)))
  return [...named, ...words]
}

async function ended(results: Readonly<Record<string, Result>>): Promise<Readonly<Record<string, unknown>>> {
  const all = await Promise.all(
    Object.entries(results).map(async ([target, { end, path }]) => [target, end === 'done' ? await traces(path) : end]),
  )
  return Object.fromEntries(all) as Readonly<Record<string, unknown>>
}

const nowhere = (into: readonly FormatId[]) => Object.fromEntries(into.map((target) => [target, []]))
const stills = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const satisfies readonly FormatId[]

const words = (path: string) => {
  const found = exiftool(path)
  const tag = (name: string) => Object.entries(found).find(([key]) => key.endsWith(`:${name}`))?.[1]
  return {
    make: tag('Make'),
    copyright: tag('Copyright'),
    date: tag('DateTimeOriginal'),
    title: tag('Title'),
    profile: tag('ProfileDescription'),
    rights: tag('WebStatement'),
  }
}
const kept = {
  make: 'Beside',
  copyright: 'nobody',
  date: '2024:05:06 07:08:09',
  title: 'A boat',
  profile: 'sP3C',
  rights: 'https://example.org/rights',
}

describe('a photo', () => {
  it('says in every way where it was taken, before', async () => {
    const found = await traces(await placedPhoto(await temporaryFolder()))
    expect(found).toEqual(
      expect.arrayContaining(['GPS:GPSLatitude', 'XMP-photoshop:City', 'IPTC:City', 'XMP-drone-dji:GPSLatitude', 'utf8']),
    )
  })

  it('loses its place and nothing else, whatever it becomes', async () => {
    const results = await convertedFile(await placedPhoto(await temporaryFolder()), stills, without)
    expect(await ended(results)).toEqual(nowhere(stills))
    const holders = stills.filter((target) => target !== 'gif')
    expect(holders.map((target) => [target, words(results[target]?.path ?? '')])).toEqual(holders.map((target) => [target, kept]))
    expect(holders.flatMap((target) => results[target]?.left ?? [])).toEqual([])
  })

  it('keeps every pixel, how it is turned, its IPTC and its small copy from JPEG to JPEG', async () => {
    const source = await placedPhoto(await temporaryFolder())
    const { jpeg } = await convertedFile(source, ['jpeg'], without)
    const pixels = async (path: string) => await sharp(path).raw().toBuffer()
    const tags = exiftool(jpeg?.path ?? '')
    expect((await pixels(jpeg?.path ?? '')).equals(await pixels(source))).toBe(true)
    expect([tags['IFD0:Orientation'], tags['IPTC:ObjectName'], tags['IFD1:ThumbnailLength']]).toEqual([
      6,
      'A boat',
      exiftool(source)['IFD1:ThumbnailLength'],
    ])
  })

  it('is encoded where a size is asked for, and loses its place as well', async () => {
    const results = await convertedFile(await placedPhoto(await temporaryFolder()), ['jpeg'], { ...without, width: 30 })
    expect(await ended(results)).toEqual({ jpeg: [] })
    expect(words(results['jpeg']?.path ?? '')).toEqual(kept)
  })

  it('loses it where it is said in XMP of more than one segment', async () => {
    const results = await convertedFile(await placedPhoto(await temporaryFolder(), 199_998), ['jpeg', 'png'], without)
    expect(await ended(results)).toEqual(nowhere(['jpeg', 'png']))
    expect(String(exiftool(results['jpeg']?.path ?? '')['XMP-dc:Description'])).toHaveLength(199_998)
  })

  it('that is cut off is damaged, although nothing of it would be encoded', async () => {
    const source = await placedPhoto(await temporaryFolder())
    const bytes = await readFile(source)
    const { jpeg } = await convertedFile(source, ['jpeg'], without, bytes.subarray(0, bytes.length - 200))
    expect(jpeg?.end).toContain('damaged')
  })

  it.each(['png', 'webp', 'avif', 'tiff', 'gif', 'heic'] as const)('loses it out of a %s', async (kind) => {
    const source = await placedPicture(await temporaryFolder(), kind)
    expect(await traces(source)).not.toEqual([])
    const into: readonly FormatId[] = kind === 'heic' ? ['jpeg', 'avif'] : kind === 'gif' ? ['gif', 'png'] : [kind, 'jpeg']
    const results = await convertedFile(source, into, without)
    expect(await ended(results)).toEqual(nowhere(into))
    const { make, title } = words(results[into[0] ?? '']?.path ?? '')
    // GIF holds no more than comments.
    expect([make, title]).toEqual(kind === 'gif' ? [undefined, undefined] : ['Beside', 'A boat'])
  })
})

describe('a film', () => {
  const films = ['mp4', 'mov', 'mkv'] as const satisfies readonly FormatId[]

  it.each(['mp4', 'mov'] as const)('of a phone loses it out of %s, and keeps title, date and camera', async (kind) => {
    const source = await placedPhoneFilm(kind)
    expect(await traces(source)).not.toEqual([])
    const results = await convertedFile(source, films, without)
    expect(await ended(results)).toEqual(nowhere(films))
    const path = results[kind]?.path ?? ''
    const { tags = {} } = (await ffprobe(path)).format
    expect([tags['title'], tags['creation_time']?.slice(0, 19), tags['com.apple.quicktime.make']]).toEqual([
      'A boat',
      '2024-05-06T07:08:09',
      'Apple',
    ])
    expect(await decodedHash(path, 'v:0')).toBe(await decodedHash(source, 'v:0'))
  })

  it('in Matroska loses it with what nobody can look into, and says so', async () => {
    const folder = await temporaryFolder()
    const source = await placedMatroska(folder)
    const results = await convertedFile(source, ['mkv', 'mp4', 'webm'], without)
    expect(await ended(results)).toEqual(nowhere(['mkv', 'mp4', 'webm']))
    const { streams } = await ffprobe(results['mkv']?.path ?? '')
    const kinds = streams.map(({ codec_type, tags }) => [codec_type, tags?.['filename'] ?? tags?.['title'] ?? ''])
    expect(kinds).toEqual([
      ['video', ''],
      ['audio', 'Waves'],
      ['subtitle', ''],
      ['attachment', 'letters.ttf'],
      ['video', 'cover.jpg'],
    ])
    expect(results['mkv']?.left.toSorted()).toEqual(['attachment', 'subtitles'])
  })
})

describe('a song', () => {
  const into = {
    mp3: ['mp3', 'm4a', 'flac'],
    m4a: ['m4a', 'mp3'],
    flac: ['flac', 'mp3', 'ogg'],
    wav: ['wav', 'flac'],
  } as const

  it.each(['mp3', 'm4a', 'flac', 'wav'] as const)('loses it out of %s, its cover and its fields', async (kind) => {
    const source = await placedSong(await temporaryFolder(), kind)
    expect(await traces(source)).not.toEqual([])
    const results = await convertedFile(source, into[kind], without)
    expect(await ended(results)).toEqual(nowhere(into[kind]))
    const { tags = {} } = (await ffprobe(results[kind]?.path ?? '')).format
    // A recorder has no title; what it calls a scene is in its own chunk.
    expect(tags['title'] ?? tags['TITLE']).toBe(kind === 'wav' ? undefined : 'A boat')
  })
})
