/** A small picture for each thing that only pictures hold, by sharp, and by bytes where sharp does not write it. */
import { writeFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import type { FormatId } from '../../src/shared/formats.ts'
import type { ThingSource } from './make-things.ts'

function plain(): Sharp {
  return sharp({ create: { width: 40, height: 30, channels: 3, background: '#3060c0' } })
}

function by(from: FormatId, draw: () => Promise<Buffer>): ThingSource {
  return { from, make: async (path) => await writeFile(path, await draw()) }
}

const camera = { Make: 'Lakeside', Model: 'One' }
const paris = { GPSLatitudeRef: 'N', GPSLatitude: '48/1 51/1 0/1', GPSLongitudeRef: 'E', GPSLongitude: '2/1 21/1 0/1' }
const sentence =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="a test"/></rdf:RDF></x:xmpmeta>'

export const pictureThings = {
  transparency: by('png', async () => {
    // Red, half of it not to be seen.
    const red = Buffer.from(Array.from({ length: 40 * 30 }, (_, pixel) => [255, 0, 0, pixel % 40 < 20 ? 0 : 128]).flat())
    return await sharp(red, { raw: { width: 40, height: 30, channels: 4 } })
      .png()
      .toBuffer()
  }),
  'colour-depth': by('png', async () => {
    const ramp = Uint16Array.from({ length: 40 * 30 * 3 }, (_, index) => index * 17)
    return await sharp(ramp, { raw: { width: 40, height: 30, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer()
  }),
  pages: by('tiff', async () => tiffOf([greyPage(1), greyPage(1)])),
  'measured-samples': by('tiff', async () => tiffOf([greyPage(4)])),
  'colour-profile': by('png', async () => await plain().withIccProfile('p3').png().toBuffer()),
  'gain-map': by('jpeg', ultraHdr),
  'other-pictures': by('ico', async () => iconOf(await Promise.all([32, 48].map(squareOf)))),
  density: by('jpeg', async () => await plain().withDensity(300).jpeg().toBuffer()),
  thumbnail: by('jpeg', async () => {
    const small = await plain().resize(16, 12).jpeg().toBuffer()
    return withSegment(await plain().jpeg().toBuffer(), 0xe1, exifWithThumbnail(small))
  }),
  'text-chunk': by('png', async () => withText(await plain().png().toBuffer(), 'parameters', 'a lighthouse, Steps: 20')),
  exif: by('jpeg', async () => await plain().withExif({ IFD0: camera }).jpeg().toBuffer()),
  'maker-notes': by('jpeg', async () => withSegment(await plain().jpeg().toBuffer(), 0xe1, exifWithMakerNote())),
  location: by('jpeg', async () => await plain().withExif({ IFD0: camera, IFD3: paris }).jpeg().toBuffer()),
  xmp: by('jpeg', async () => await plain().withXmp(sentence).jpeg().toBuffer()),
  iptc: by('jpeg', async () => withSegment(await plain().jpeg().toBuffer(), 0xed, iptcRecord('A caption'))),
} as const satisfies Readonly<Record<string, ThingSource>>

async function squareOf(side: number): Promise<{ readonly side: number; readonly png: Buffer }> {
  return { side, png: await plain().resize(side, side).png().toBuffer() }
}

/** Of Windows, a directory in front of its pictures. */
function iconOf(pictures: readonly { readonly side: number; readonly png: Buffer }[]): Buffer {
  const head = Buffer.from([0, 0, 1, 0, pictures.length, 0])
  let at = head.length + 16 * pictures.length
  const entries = pictures.map(({ side, png }) => {
    const entry = Buffer.from([side, side, 0, 0, 1, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    entry.writeUInt32LE(png.length, 8)
    entry.writeUInt32LE(at, 12)
    at += png.length
    return entry
  })
  return Buffer.concat([head, ...entries, ...pictures.map(({ png }) => png)])
}

/** A segment of a JPEG, right behind its beginning. */
function withSegment(jpeg: Buffer, marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)])
}

/** The first picture says nothing but that a smaller one follows. */
function exifWithThumbnail(small: Buffer): Buffer {
  const [first, second] = [8, 8 + 2 + 12 + 4]
  const at = second + 2 + 3 * 12 + 4
  const tiff = Buffer.alloc(at)
  tiff.write('II*\0', 'latin1')
  tiff.writeUInt32LE(first, 4)
  writeEntries(tiff, first, [[0x11_2, 3, 1, 1]], second)
  writeEntries(
    tiff,
    second,
    [
      [0x103, 3, 1, 6],
      [0x201, 4, 1, at],
      [0x202, 4, 1, small.length],
    ],
    0,
  )
  return Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, small])
}

/** The exposure says nothing but what its maker wrote in a way of its own. */
function exifWithMakerNote(): Buffer {
  const note = Buffer.from('Lakeside\0 what only it knows')
  const [first, exposure] = [8, 8 + 2 + 12 + 4]
  const at = exposure + 2 + 12 + 4
  const tiff = Buffer.alloc(at)
  tiff.write('II*\0', 'latin1')
  tiff.writeUInt32LE(first, 4)
  writeEntries(tiff, first, [[0x87_69, 4, 1, exposure]], 0)
  writeEntries(tiff, exposure, [[0x92_7c, 7, note.length, at]], 0)
  return Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, note])
}

type Entry = readonly [tag: number, type: number, count: number, value: number]

function writeEntries(tiff: Buffer, at: number, entries: readonly Entry[], next: number): void {
  tiff.writeUInt16LE(entries.length, at)
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const place = at + 2 + index * 12
    tiff.writeUInt16LE(tag, place)
    tiff.writeUInt16LE(type, place + 2)
    tiff.writeUInt32LE(count, place + 4)
    tiff.writeUInt32LE(value, place + 8)
  }
  tiff.writeUInt32LE(next, at + 2 + entries.length * 12)
}

function iptcRecord(caption: string): Buffer {
  const text = Buffer.from(caption)
  const dataset = Buffer.concat([Buffer.from([0x1c, 2, 120, 0, text.length]), text, Buffer.alloc(text.length % 2 === 0 ? 1 : 0)])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(dataset.length)
  return Buffer.concat([Buffer.from('Photoshop 3.0\u00008BIM\u0004\u0004\0\0', 'latin1'), size, dataset])
}

function withText(png: Buffer, keyword: string, text: string): Buffer {
  const body = Buffer.from(`tEXt${keyword}\0${text}`, 'latin1')
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  size.writeUInt32BE(body.length - 4)
  sum.writeUInt32BE(crc32(body))
  // Behind the header, which is always the first and as long.
  return Buffer.concat([png.subarray(0, 33), size, body, sum, png.subarray(33)])
}

interface Page {
  readonly entries: readonly Entry[]
  readonly data: Buffer
}

/** A ramp in grey: one byte a sample, or floating point in four. */
function greyPage(bytes: 1 | 4): Page {
  const side = 32
  const data = Buffer.alloc(side * side * bytes)
  for (let index = 0; index < side * side; index += 1) {
    const share = (index % side) / (side - 1)
    if (bytes === 1) data[index] = Math.round(share * 255)
    else data.writeFloatLE(share, index * 4)
  }
  const entries: Entry[] = [
    [256, 4, 1, side],
    [257, 4, 1, side],
    [258, 3, 1, bytes * 8],
    [259, 3, 1, 1],
    [262, 3, 1, 1],
    [273, 4, 1, 0],
    [277, 3, 1, 1],
    [278, 4, 1, side],
    [279, 4, 1, data.length],
    [339, 3, 1, bytes === 1 ? 1 : 3],
  ]
  return { entries, data }
}

function tiffOf(pages: readonly Page[]): Buffer {
  const sizes = pages.map(({ entries, data }) => 2 + entries.length * 12 + 4 + data.length)
  const file = Buffer.alloc(sizes.reduce((sum, size) => sum + size, 8))
  file.write('II*\0', 'latin1')
  file.writeUInt32LE(8, 4)
  let at = 8
  for (const [index, { entries, data }] of pages.entries()) {
    const dataAt = at + 2 + entries.length * 12 + 4
    const next = at + (sizes[index] ?? 0)
    const placed = entries.map((entry): Entry => (entry[0] === 273 ? [273, 4, 1, dataAt] : entry))
    writeEntries(file, at, placed, index === pages.length - 1 ? 0 : next)
    data.copy(file, dataAt)
    at = next
  }
  return file
}

/** As phones write it: a text that speaks of a gain map, an index of the pictures, and the map behind the picture. */
async function ultraHdr(): Promise<Buffer> {
  const xmp = (about: string) =>
    Buffer.from(
      `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"${about}</rdf:Description></rdf:RDF></x:xmpmeta>`,
      'latin1',
    )
  const numbers = ' hdrgm:GainMapMin="0" hdrgm:GainMapMax="2" hdrgm:Gamma="1" hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="2">'
  const map = withSegment(await plain().resize(20, 15).greyscale().jpeg().toBuffer(), 0xe1, xmp(numbers))
  const item = (semantic: string, length: string) =>
    `<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="${semantic}" Item:Mime="image/jpeg"${length}/></rdf:li>`
  const items = `${item('Primary', '')}${item('GainMap', ` Item:Length="${map.length}"`)}`
  const directory = ` xmlns:Container="http://ns.google.com/photos/1.0/container/" xmlns:Item="http://ns.google.com/photos/1.0/container/item/"><Container:Directory><rdf:Seq>${items}</rdf:Seq></Container:Directory>`
  const base = withSegment(await plain().jpeg().toBuffer(), 0xe1, xmp(directory))
  return Buffer.concat([withIndex(base, map.length), map])
}

/** The Multi-Picture Format: where the second picture begins, counted from its own header. */
function withIndex(jpeg: Buffer, second: number): Buffer {
  const body = Buffer.alloc(4 + 8 + 2 + 3 * 12 + 4 + 32)
  body.write('MPF\0II*\0', 'latin1')
  body.writeUInt32LE(8, 8)
  writeEntries(
    body.subarray(4),
    8,
    [
      [0xb0_00, 7, 4, 0x30_30_31_30],
      [0xb0_01, 4, 1, 2],
      [0xb0_02, 7, 32, 50],
    ],
    0,
  )
  const size = jpeg.length + body.length + 4
  const pictures = body.subarray(4 + 50)
  pictures.writeUInt32LE(0x03_00_00, 0)
  pictures.writeUInt32LE(size, 4)
  pictures.writeUInt32LE(second, 16 + 4)
  pictures.writeUInt32LE(size - 2 - 4 - 4, 16 + 8)
  return withSegment(jpeg, 0xe2, body)
}
