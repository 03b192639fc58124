import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import type { ImageTarget } from '../../../../src/main/providers/local/images/pairings.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { convert, distance, fixture, plain, seen, sourceOf, startImages, tags, twoColours, workers } from './studio.ts'

const images = startImages()
const holders = ['jpeg', 'png', 'webp', 'avif', 'tiff'] as const satisfies readonly ImageTarget[]

/** What people would miss, read by a parser of its own. */
async function kept(path: string): Promise<object> {
  const { exif, gps, icc, xmp, png } = await tags(path)
  // libvips writes it to a PNG compressed, where this reader sees text only.
  const inPng = /dc:source="([^"]*)/.exec(String(png?.['XML:com.adobe.xmp']?.value))?.[1]
  return {
    make: exif?.Make?.description,
    exposure: exif?.ExposureTime?.description,
    orientation: exif?.Orientation?.value ?? 1,
    latitude: gps?.Latitude,
    profile: icc?.['ICC Description']?.value,
    source: xmp?.['source']?.description ?? inPng,
  }
}
const all = { make: 'Beside', exposure: '1/60', orientation: 1, latitude: 51.5, profile: 'sP3C', source: 'a drawer' }

const exif = {
  IFD0: { Make: 'Beside', Model: 'Sample', Copyright: 'nobody' },
  IFD2: { ExposureTime: '1/60' },
  IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
}
const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
  xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="a drawer"/></rdf:RDF></x:xmpmeta>`

/** Stored 60 × 40, red left and green right, to be turned a quarter clockwise: shown 40 × 60, red above green. */
async function photo(folder: string): Promise<string> {
  const path = join(folder, 'photo.jpg')
  const image = twoColours().withIccProfile('p3').withExif(exif).withXmp(xmp).jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
  const bytes = await image.toBuffer()
  // The tag is there and says upright.
  const entry = bytes.indexOf(Buffer.from('120103000100000001', 'hex'))
  bytes[entry + 8] = 6
  await writeFile(path, bytes)
  return path
}

it('the photo of these tests says what it is meant to say', async () => {
  expect(await kept(await photo(await temporaryFolder()))).toEqual({ ...all, orientation: 6 })
})

describe.for(holders)('%s', (target) => {
  it('keeps EXIF, place, colour profile and XMP of a JPEG, and shows it upright', async () => {
    const { temp } = await convert(images, await photo(await temporaryFolder()), 'jpeg', target)

    const { width, height, at } = await seen(temp)
    expect({ ...(await kept(temp)), width, height }).toEqual({ ...all, width: 40, height: 60 })
    expect(at(20, 12)[0]).toBeGreaterThan(at(20, 12)[1] ?? 0)
    expect(at(20, 48)[1]).toBeGreaterThan(at(20, 48)[0] ?? 0)
  })

  it('keeps them of a TIFF, whose own place for them is another', async () => {
    const folder = await temporaryFolder()
    const tiff = await convert(images, await photo(folder), 'jpeg', 'tiff')

    const { temp } = await convert(images, tiff.temp, 'tiff', target)

    expect(await kept(temp)).toEqual(all)
  })

  it('keeps them of a HEIC, which is turned once and not twice', async () => {
    const folder = await temporaryFolder()

    const { temp } = await convert(images, await sourceOf('heic', folder), 'heic', target)

    const { width, height } = await seen(temp)
    expect({ ...(await kept(temp)), width, height }).toEqual({ ...all, source: undefined, width: 64, height: 96 })
  })

  it('holds nothing of it when metadata is not to be kept, in colours that are right without a profile', async () => {
    const { temp } = await convert(images, await photo(await temporaryFolder()), 'jpeg', target, { preserveMetadata: false })

    const nothing = {
      make: undefined,
      exposure: undefined,
      orientation: 1,
      latitude: undefined,
      profile: undefined,
      source: undefined,
    }
    const { width, height, at } = await seen(temp)
    expect({ ...(await kept(temp)), width, height }).toEqual({ ...nothing, width: 40, height: 60 })
    expect(distance(at(20, 12), [192, 32, 32, 255])).toBeLessThan(12)
  })
})

it('a GIF, which can hold no profile, gets its colours converted instead', async () => {
  const { temp } = await convert(images, await photo(await temporaryFolder()), 'jpeg', 'gif')

  expect(distance((await seen(temp)).at(20, 12), [192, 32, 32, 255])).toBeLessThan(12)
})

it('values of a TIFF written by another byte order come out right', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'motorola.tiff')
  await writeFile(path, motorolaTiff())

  const { temp } = await convert(images, path, 'tiff', 'jpeg')

  const { exif: read } = await tags(temp)
  expect([read?.Make?.description, read?.ExposureTime?.description, read?.ISOSpeedRatings?.value]).toEqual([
    'Motorola',
    '1/125',
    400,
  ])
})

describe('what a press photo says in IPTC', () => {
  /** With XMP of its own, where it is asked for. */
  async function press(folder: string, own?: string): Promise<string> {
    const path = join(folder, 'press.jpg')
    const image = plain('#808080').jpeg()
    const bytes = await (own === undefined ? image : image.withXmp(own)).toBuffer()
    const said = [
      [90, 'Délft'],
      [120, 'A <boat> & its owner'],
      [25, 'boat'],
      [25, 'canal'],
      [55, '20240131'],
    ] as const
    await writeFile(path, Buffer.concat([bytes.subarray(0, 2), iptcSegment(said), bytes.subarray(2)]))
    return path
  }
  /** By a parser of its own. */
  const sets = async (path: string) => {
    const { iptc } = await tags(path)
    return [iptc?.City, iptc?.['Caption/Abstract'], iptc?.Keywords].flatMap((tag) => [tag].flat().map((one) => one?.description))
  }
  const saidInSets = ['Délft', 'A <boat> & its owner', 'boat', 'canal']
  const xmpOf = async (path: string) => (await sharp(path).metadata()).xmpAsString ?? ''

  it.each(['jpeg', 'tiff'] as const)('is kept as it is in a %s, also on the way through a TIFF', async (target) => {
    const folder = await temporaryFolder()
    const path = await press(folder)
    const { temp } = await convert(images, path, 'jpeg', target)
    const tiff = target === 'tiff' ? temp : (await convert(images, path, 'jpeg', 'tiff')).temp
    const again = await convert(images, tiff, 'tiff', target)
    expect([await sets(temp), await sets(again.temp)]).toEqual([saidInSets, saidInSets])
    expect((await seen(again.temp)).width).toBe(60)
  })

  it.each(['png', 'webp', 'avif'] as const)('is said in the XMP of a %s', async (target) => {
    const { temp } = await convert(images, await press(await temporaryFolder()), 'jpeg', target)
    const found = await xmpOf(temp)
    expect(found).toContain('<photoshop:City>Délft</photoshop:City>')
    expect(found).toContain('<rdf:li xml:lang="x-default">A &lt;boat&gt; &amp; its owner</rdf:li>')
    expect(found).toContain('<rdf:Bag><rdf:li>boat</rdf:li><rdf:li>canal</rdf:li></rdf:Bag>')
    expect(found).toContain('<photoshop:DateCreated>2024-01-31</photoshop:DateCreated>')
  })

  it('does not take the place of what the XMP says already', async () => {
    const own = xmp.replace(
      'dc:source=',
      'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:City="Leiden" dc:source=',
    )
    const { temp } = await convert(images, await press(await temporaryFolder(), own), 'jpeg', 'webp')
    const found = await xmpOf(temp)
    expect([
      found.includes('Leiden'),
      found.includes('a drawer'),
      found.includes('Délft'),
      found.includes('<rdf:li>canal'),
    ]).toEqual([true, true, false, true])
  })

  it('goes with all other metadata when none is to be kept', async () => {
    const path = await press(await temporaryFolder())
    for (const target of holders) {
      const { temp } = await convert(images, path, 'jpeg', target, { preserveMetadata: false })
      const bytes = await readFile(temp)
      expect([bytes.includes('canal'), await xmpOf(temp)]).toEqual([false, ''])
    }
  })
})

it('a TIFF that has had EXIF put in by hand still decodes', async () => {
  const folder = await temporaryFolder()
  const { temp } = await convert(images, await photo(folder), 'jpeg', 'tiff')

  const decoded = await sharp(temp).raw().toBuffer({ resolveWithObject: true })

  expect(decoded.info).toMatchObject({ width: 40, height: 60, channels: 3 })
})

it('damaged EXIF costs the EXIF and not the picture', async () => {
  const folder = await temporaryFolder()
  const bytes = await readFile(await photo(folder))
  const at = bytes.indexOf('Exif\0\0', 0, 'latin1')
  bytes.fill(0xff, at + 14, at + 200)
  const path = join(folder, 'odd.jpg')
  await writeFile(path, bytes)

  const { temp } = await convert(images, path, 'jpeg', 'tiff')

  expect(await seen(temp)).toMatchObject({ type: 'tiff', width: 60, height: 40 })
})

it('10 bits of a HEIC are 16 in a PNG and a TIFF, with white still white', async () => {
  for (const target of ['png', 'tiff'] as const) {
    const folder = await temporaryFolder()
    const path = join(folder, 'deep.heic')
    await writeFile(path, await readFile(fixture('deep.heic')))

    const { temp } = await convert(images, path, 'heic', target)

    const { width, height, at } = await seen(temp)
    expect({ width, height, depth: (await sharp(temp).metadata()).depth }).toEqual({ width: 64, height: 48, depth: 'ushort' })
    expect(distance(at(32, 1), [255, 255, 255, 255])).toBeLessThan(6)
    expect(distance(at(62, 30), [250, 160, 117, 255])).toBeLessThan(16)
  }
})

afterAll(async () => {
  await images.stop()
  expect(workers()).toEqual([])
})

/** One grey pixel, big-endian, with a maker, an exposure time and a sensitivity. */
function motorolaTiff(): Buffer {
  const main = [
    [256, 3, 1, 1 << 16],
    [257, 3, 1, 1 << 16],
    [258, 3, 1, 8 << 16],
    [259, 3, 1, 1 << 16],
    [262, 3, 1, 1 << 16],
    [271, 2, 9, 200],
    [273, 4, 1, 8],
    [277, 3, 1, 1 << 16],
    [278, 3, 1, 1 << 16],
    [279, 4, 1, 1],
    [0x8769, 4, 1, 220],
  ]
  const bytes = Buffer.alloc(300)
  bytes.write('MM\0*', 'latin1')
  bytes.writeUInt32BE(16, 4)
  bytes[8] = 0x80
  const directory = (at: number, entries: readonly (readonly number[])[]): void => {
    bytes.writeUInt16BE(entries.length, at)
    for (const [index, [tag = 0, type = 0, count = 0, value = 0]] of entries.entries()) {
      bytes.writeUInt16BE(tag, at + 2 + index * 12)
      bytes.writeUInt16BE(type, at + 4 + index * 12)
      bytes.writeUInt32BE(count, at + 6 + index * 12)
      bytes.writeUInt32BE(value, at + 10 + index * 12)
    }
  }
  directory(16, main)
  bytes.write('Motorola\0', 200, 'latin1')
  directory(220, [
    [0x829a, 5, 1, 260],
    [0x8827, 3, 1, 400 << 16],
  ])
  bytes.writeUInt32BE(1, 260)
  bytes.writeUInt32BE(125, 264)
  return bytes
}

function iptcSegment(said: readonly (readonly [number: number, text: string])[]): Buffer {
  const isUtf8 = Buffer.from([0x1c, 0x01, 90, 0, 3, 0x1b, 0x25, 0x47])
  const sets = said.map(([number, text]) =>
    Buffer.concat([Buffer.from([0x1c, 0x02, number, 0, Buffer.byteLength(text)]), Buffer.from(text)]),
  )
  const dataset = Buffer.concat([isUtf8, ...sets])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(dataset.length)
  const padded = dataset.length % 2 === 0 ? dataset : Buffer.concat([dataset, Buffer.alloc(1)])
  const body = Buffer.concat([Buffer.from('Photoshop 3.0\x008BIM\x04\x04\0\0', 'latin1'), size, padded])
  const head = Buffer.from([0xff, 0xed, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}
