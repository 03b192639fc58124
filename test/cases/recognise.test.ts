/** What a file is, told by its contents, whatever stands before them and whatever it is called. */
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { recognise } from '../../src/main/providers/local/reading/recognise.ts'
import { endedInWords, outputsOf, testBeside } from '../support/beside.ts'
import { temporaryFolder } from '../support/folder.ts'
import { mediaSource } from '../support/media.ts'
import {
  animatedPng,
  drawings,
  pdfBehind,
  plainTiff,
  pyramid,
  rawPhotos,
  rawSignatures,
  withMajorBrand,
} from './make-recognise.ts'

const heic = new URL('../providers/local/images/fixtures/turned.heic', import.meta.url)

async function written(name: string, bytes: Buffer): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, bytes)
  return path
}

const told = async (name: string, bytes: Buffer) => {
  const found = await recognise(await written(name, bytes))
  return found.kind === 'format' ? found.format : found.kind === 'other' ? found.found : found.kind
}

describe('a drawing', () => {
  it('is one however it begins and whatever it is written in, and is drawn', async () => {
    const folder = await temporaryFolder()
    const hows = Object.keys(drawings)
    const sources = hows.map((how) => join(folder, how))
    for (const how of hows) await writeFile(join(folder, how), drawings[how] ?? '')
    const { convert } = await testBeside(folder)

    const { jobs } = await convert(sources, 'png')

    expect(jobs.map(endedInWords)).toEqual(hows.map(() => 'done'))
    const drawn = jobs.flatMap(outputsOf).map(async (path) => {
      const image = sharp(path)
      const { width, height } = await image.metadata()
      return [width, height, ...(await image.extract({ left: 30, top: 20, width: 1, height: 1 }).removeAlpha().raw().toBuffer())]
    })
    expect(await Promise.all(drawn)).toEqual(hows.map(() => [60, 40, 192, 32, 32]))
  })

  it('is no web page that holds one', async () => {
    expect(await told('a.svg', Buffer.from('<!DOCTYPE html><html><body><svg width="1"></svg></body></html>'))).toBe('nothing')
  })
})

describe('a document', () => {
  it('is one behind the header of a mail, blanks or a mark, and each of its pages is drawn', async () => {
    const folder = await temporaryFolder()
    const befores = ['', 'Content-type: application/pdf\r\n\r\n', ' '.repeat(1000), '\xef\xbb\xbf']
    const sources = befores.map((_, n) => join(folder, `paper ${n}.pdf`))
    for (const [n, before] of befores.entries()) await writeFile(sources[n] ?? '', pdfBehind(before, 2))
    const { convert } = await testBeside(folder)

    const { jobs } = await convert(sources, 'png')

    expect(jobs.map((job) => `${endedInWords(job)} ${outputsOf(job).length}`)).toEqual(befores.map(() => 'done 2'))
  })
})

describe('camera raw', () => {
  it.for(Object.keys(rawPhotos))('is %s, whatever it is called', async (how) => {
    const bytes = rawPhotos[how] ?? Buffer.alloc(0)
    const names = ['IMG_1.pef', 'IMG_1.tif', 'IMG_1.jpg', 'IMG_1']
    expect(await Promise.all(names.map(async (name) => await told(name, bytes)))).toEqual(names.map(() => 'raw'))
  })

  it.for(Object.keys(rawSignatures))('is told by its first bytes: %s', async (name) => {
    const bytes = rawSignatures[name] ?? Buffer.alloc(0)
    expect([await told(name, bytes), await told('photo', bytes)]).toEqual(['raw', 'raw'])
  })

  it('is a plain TIFF by the ending of a camera, and nothing that is something else', async () => {
    const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer()
    expect([await told('a.nef', plainTiff), await told('a.nef', jpeg), await told('a.dng', Buffer.from('what'))]).toEqual([
      'raw',
      'jpeg',
      'raw',
    ])
  })

  it('is no TIFF of several sizes whose full picture comes first', async () => {
    expect([await told('a.tif', plainTiff), await told('a.tif', pyramid)]).toEqual(['tiff', 'tiff'])
  })

  it('becomes what the sensor saw and never its small picture, whatever its name says', async () => {
    const folder = await temporaryFolder()
    const sources = ['IMG_1.pef', 'IMG_2.dng', 'IMG_3.NEF', 'IMG_4.3fr', 'IMG_5.tif'].map((name) => join(folder, name))
    for (const source of sources) await writeFile(source, rawPhotos['a small picture with the sensor below'] ?? '')
    const { convert } = await testBeside(folder)

    const { jobs } = await convert(sources, 'jpeg')

    expect(jobs.map(endedInWords)).toEqual(sources.map(() => 'done'))
    const seen = jobs.flatMap(outputsOf).map(async (path) => {
      const { width, height } = await sharp(path).metadata()
      return [width, height]
    })
    expect(await Promise.all(seen)).toEqual(sources.map(() => [300, 200]))
  })

  it('that nobody here can read is refused, in a folder as well', async () => {
    const folder = await temporaryFolder()
    const source = join(folder, 'IMG_1.CR2')
    await writeFile(source, rawSignatures['IMG_1.CR2'] ?? '')
    const { convert } = await testBeside(folder)

    const outright = await convert([source], 'jpeg')
    const inFolder = await convert([folder], 'jpeg', { recursive: false })

    for (const { jobs } of [outright, inFolder])
      expect(jobs.map(({ state }) => ('why' in state ? state.why.code : state.phase))).toEqual(['source-unsupported'])
  })
})

describe('other pictures', () => {
  it('a sequence of HEIF pictures is one, and no film', async () => {
    const file = await readFile(heic)
    const brands = ['hevc', 'hevx', 'msf1', 'mif1', 'heix']
    expect(await Promise.all(brands.map(async (brand) => await told('burst.heic', withMajorBrand(file, brand))))).toEqual(
      brands.map(() => 'heic'),
    )
  })

  it('a film that calls itself compatible with pictures stays a film', async () => {
    const film = await readFile(await mediaSource('mp4'))
    expect(await told('a.mp4', Buffer.concat([film.subarray(0, 16), Buffer.from('heic'), film.subarray(20)]))).toBe('mp4')
  })

  it('a PNG that moves is a PNG', async () => {
    expect(await told('a', animatedPng())).toBe('png')
  })
})

describe('contents and names', () => {
  it('contents that are recognised win over the name', async () => {
    const folder = await temporaryFolder()
    const source = join(folder, 'photo.mp3')
    await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .toFile(source)
    expect(await recognise(source)).toEqual({ kind: 'format', format: 'jpeg' })
  })

  it('contents that are something else are named, not called damaged', async () => {
    const folder = await temporaryFolder()
    const source = join(folder, 'song.mp3')
    await writeFile(source, Buffer.concat([Buffer.from('SQLite format 3\0', 'latin1'), Buffer.alloc(3000)]))
    const { convert } = await testBeside(folder)

    const { jobs } = await convert([source], 'flac')

    expect(jobs.map(({ state }) => 'why' in state && state.why)).toMatchObject([
      { code: 'source-unsupported', facts: { because: 'of-another-kind', found: 'SQLITE' } },
    ])
  })

  it('contents without a signature are what the name says, where that proves right', async () => {
    const folder = await temporaryFolder()
    const source = join(folder, 'song.mp3')
    await copyFile(await mediaSource('mp3'), source)
    await writeFile(source, Buffer.concat([Buffer.alloc(700), await readFile(source)]))
    const { convert } = await testBeside(folder)

    const { jobs } = await convert([source], 'wav')

    expect(jobs.map(endedInWords)).toEqual(['done'])
  })
})
