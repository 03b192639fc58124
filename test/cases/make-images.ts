/** Pictures as cameras, machines and programs leave them, byte by byte where no library writes them. */
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

type Value = readonly [type: 1 | 2 | 3 | 4 | 5 | 7, values: readonly number[] | Buffer]
export interface TiffPage {
  readonly tags: Readonly<Record<number, Value>>
  readonly pixels: Buffer
}

const bytesOf = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 7: 1 } as const

/** Little-endian, each page in one strip. */
export function tiffOf(pages: readonly TiffPage[]): Buffer {
  const parts: Buffer[] = [Buffer.from('II*\0\0\0\0\0', 'latin1')]
  const end = () => parts.reduce((sum, part) => sum + part.length, 0)
  const put = (bytes: Buffer): number => {
    if (end() % 2 === 1) parts.push(Buffer.alloc(1))
    const at = end()
    parts.push(bytes)
    return at
  }
  let link: { readonly in: Buffer; readonly at: number } = { in: parts[0] ?? Buffer.alloc(8), at: 4 }
  for (const { tags, pixels } of pages) {
    const strip = put(pixels)
    const all: Record<number, Value> = { ...tags, 273: [4, [strip]], 279: [4, [pixels.length]] }
    const entries = Object.entries(all).map(([tag, [type, values]]) => {
      const data = Buffer.isBuffer(values) ? values : numbers(bytesOf[type], values)
      const count = type === 5 ? data.length / 8 : data.length / bytesOf[type]
      const field = Buffer.alloc(12)
      field.writeUInt16LE(Number(tag), 0)
      field.writeUInt16LE(type, 2)
      field.writeUInt32LE(count, 4)
      if (data.length <= 4) data.copy(field, 8)
      else field.writeUInt32LE(put(data), 8)
      return field
    })
    const head = Buffer.alloc(2)
    head.writeUInt16LE(entries.length)
    const directory = Buffer.concat([head, ...entries, Buffer.alloc(4)])
    link.in.writeUInt32LE(put(directory), link.at)
    link = { in: directory, at: directory.length - 4 }
  }
  return Buffer.concat(parts)
}

function numbers(size: number, values: readonly number[]): Buffer {
  const data = Buffer.alloc(size * values.length)
  for (const [n, value] of values.entries()) data.writeUIntLE(value, n * size, size)
  return data
}

const side = 64

/** A ramp from left to right in numbers that are no colours; `write` puts one number at an offset and says how many bytes it took. */
export function rampTiff(
  bits: number,
  format: 1 | 2 | 3,
  channels: number,
  write: (to: Buffer, at: number, x: number) => void,
): Buffer {
  const size = bits / 8
  const pixels = Buffer.alloc(side * side * channels * size)
  for (let n = 0; n < side * side * channels; n += 1) write(pixels, n * size, Math.floor(n / channels) % side)
  const each = (value: number) => Array.from({ length: channels }, () => value)
  const tags: TiffPage['tags'] = {
    256: [4, [side]],
    257: [4, [side]],
    258: [3, each(bits)],
    259: [3, [1]],
    262: [3, [channels === 3 ? 2 : 1]],
    277: [3, [channels]],
    278: [4, [side]],
    339: [3, each(format)],
  }
  return tiffOf([{ tags, pixels }])
}

/** 864 by 550 dots in black and white, 204 of them to an inch across and 98 down. */
export function fax(): Buffer {
  const pixels = Buffer.alloc(108 * 550)
  for (let n = 0; n < pixels.length; n += 1)
    pixels[n] = (Math.floor((n % 108) / 8) + Math.floor(n / 108 / 32)) % 2 === 0 ? 0 : 0xff
  const tags: TiffPage['tags'] = {
    256: [4, [864]],
    257: [4, [550]],
    258: [3, [1]],
    259: [3, [1]],
    262: [3, [0]],
    277: [3, [1]],
    278: [4, [550]],
    282: [5, [204, 1]],
    283: [5, [98, 1]],
    296: [3, [2]],
  }
  return tiffOf([{ tags, pixels }])
}

export function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

function header(width: number, height: number, kind: 2 | 6): Buffer {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(width, 0)
  data.writeUInt32BE(height, 4)
  data[8] = 8
  data[9] = kind
  return chunk('IHDR', data)
}

function plainRows(width: number, height: number, colour: readonly number[]): Buffer {
  const row = Buffer.concat([Buffer.alloc(1), ...Array.from({ length: width }, () => Buffer.from(colour))])
  return deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))
}

export interface ApngFrame {
  readonly colour: readonly number[]
  readonly width?: number
  readonly left?: number
  readonly seconds?: number
  /** 0 leaves it, 1 clears it, 2 brings back what was there. */
  readonly dispose?: number
  /** 1 lays it over what is there. */
  readonly blend?: number
}

/** 40 by 40; `hidden` is a picture for programs that know no animation, and no part of it. */
export function apng(frames: readonly ApngFrame[], loops = 0, hidden?: readonly number[]): Buffer {
  const kind = frames[0]?.colour.length === 4 ? 6 : 2
  const long = (...values: readonly number[]) => {
    const data = Buffer.alloc(values.length * 4)
    for (const [n, value] of values.entries()) data.writeUInt32BE(value, n * 4)
    return data
  }
  const parts = [signature, header(40, 40, kind), chunk('acTL', long(frames.length, loops))]
  if (hidden !== undefined) parts.push(chunk('IDAT', plainRows(40, 40, hidden)))
  let order = 0
  for (const [n, { colour, width = 40, left = 0, seconds = 1, dispose = 0, blend = 0 }] of frames.entries()) {
    const pace = Buffer.from([0, Math.round(seconds * 10), 0, 10, dispose, blend])
    parts.push(chunk('fcTL', Buffer.concat([long(order, width, 40, left, 0), pace])))
    order += 1
    const rows = plainRows(width, 40, colour)
    const isFirst = n === 0 && hidden === undefined
    parts.push(isFirst ? chunk('IDAT', rows) : chunk('fdAT', Buffer.concat([long(order), rows])))
    if (!isFirst) order += 1
  }
  return Buffer.concat([...parts, chunk('IEND', Buffer.alloc(0))])
}

/** As image generators write it, and a text in another alphabet. */
export function wordyPng(texts: Readonly<Record<string, string>>): Buffer {
  const chunks = Object.entries(texts).map(([keyword, text]) =>
    /^[\x20-\x7e]*$/.test(text)
      ? chunk('tEXt', Buffer.from(`${keyword}\0${text}`, 'latin1'))
      : chunk('iTXt', Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1'), Buffer.from(text)])),
  )
  const pixels = chunk('IDAT', plainRows(40, 40, [9, 99, 199]))
  return Buffer.concat([signature, header(40, 40, 2), ...chunks, pixels, chunk('IEND', Buffer.alloc(0))])
}

export async function photo(width = 320, height = 240): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const
  return await sharp({ create: { width, height, channels: 3, background: '#808080', noise } })
    .jpeg({ quality: 90 })
    .toBuffer()
}

/** Right behind its beginning. */
export function withSegment(jpeg: Buffer, marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)])
}

/** Faults that every viewer passes over. */
export const harmless: Readonly<Record<string, (jpeg: Buffer) => Buffer>> = {
  'scans that say they are parts of a progressive picture': (jpeg) => {
    const bytes = Buffer.from(jpeg)
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]))
    bytes.fill(0, scan + 2 + bytes.readUInt16BE(scan + 2) - 3, scan + 2 + bytes.readUInt16BE(scan + 2))
    return bytes
  },
  'no last marker': (jpeg) => jpeg.subarray(0, -2),
  'half a last marker': (jpeg) => jpeg.subarray(0, -1),
  'filling bytes between segments': (jpeg) => {
    const behind = 4 + jpeg.readUInt16BE(4)
    return Buffer.concat([jpeg.subarray(0, behind), Buffer.alloc(18), jpeg.subarray(behind)])
  },
  'a version of JFIF that nobody knows': (jpeg) =>
    withSegment(jpeg, 0xe0, Buffer.from('JFIF\0\x09\x02\0\0\x01\0\x01\0\0', 'latin1')),
  'EXIF of nothing but rubbish': (jpeg) => withSegment(jpeg, 0xe1, Buffer.from(`Exif\0\0${'w'.repeat(40)}`, 'latin1')),
  'a film behind its end': (jpeg) => Buffer.concat([jpeg, Buffer.from('\0\0\0\x18ftypmp42', 'latin1'), Buffer.alloc(3000, 7)]),
}

/** Lies on its side, as does the small picture in its EXIF; beside it a maker's note that points to a place within the whole. */
export async function turnedPhoto(): Promise<Buffer> {
  const small = await photo(160, 120)
  const entry = (tag: number, type: number, count: number, value: number) => {
    const field = Buffer.alloc(12)
    field.writeUInt16LE(tag, 0)
    field.writeUInt16LE(type, 2)
    field.writeUInt32LE(count, 4)
    field.writeUInt32LE(value, 8)
    return field
  }
  const directory = (next: number, ...fields: readonly Buffer[]) => {
    const [count, link] = [Buffer.alloc(2), Buffer.alloc(4)]
    count.writeUInt16LE(fields.length)
    link.writeUInt32LE(next)
    return Buffer.concat([count, ...fields, link])
  }
  // The first directory at 8, the exposure's at 50, the note at 68, the small picture's directory at 100.
  const note = Buffer.from('maker says something of its own.', 'latin1')
  const main = directory(100, entry(0x01_12, 3, 1, 6), entry(0x01_1a, 5, 1, 154), entry(0x87_69, 4, 1, 50))
  const exposure = directory(0, entry(0x92_7c, 7, note.length, 68))
  const below = directory(
    0,
    entry(0x01_03, 3, 1, 6),
    entry(0x01_12, 3, 1, 6),
    entry(0x02_01, 4, 1, 162),
    entry(0x02_02, 4, 1, small.length),
  )
  const ratio = Buffer.from([44, 1, 0, 0, 1, 0, 0, 0])
  const tiff = Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), main, exposure, note, below, ratio, small])
  return withSegment(await photo(), 0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]))
}

/** One colour whose numbers are those of other primaries and another curve, and no profile. */
export async function numberedAvif(primaries: number, transfer: number): Promise<Buffer> {
  const red = { r: 224, g: 64, b: 48 }
  const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: red } })
    .avif({ lossless: true })
    .toBuffer()
  const at = bytes.indexOf('colrnclx')
  bytes.writeUInt16BE(primaries, at + 8)
  bytes.writeUInt16BE(transfer, at + 10)
  return bytes
}

/** A drawing with a photo inside of so many megabytes. */
export function heavyDrawing(megabytes: number): string {
  const pixels = Buffer.alloc(megabytes * 750_000)
  for (let n = 0; n < pixels.length; n += 1) pixels[n] = (n * 2_654_435_761) >>> 13
  const width = 1000
  const height = Math.floor(pixels.length / (width * 3))
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.alloc(1), pixels.subarray(y * width * 3, (y + 1) * width * 3)]),
  )
  const stored = deflateSync(Buffer.concat(rows), { level: 0 })
  const png = Buffer.concat([signature, header(width, height, 2), chunk('IDAT', stored), chunk('IEND', Buffer.alloc(0))])
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="200" height="200"><image width="200" height="200" xlink:href="data:image/png;base64,${png.toString('base64')}"/></svg>`
}

export interface GifFrame {
  /** Numbers of colours, row by row: red, green, blue, and 3 for one that can be seen through. */
  readonly pixels: readonly number[]
  /** 1 leaves it, 2 clears it. */
  readonly dispose?: number
  /** Hundredths of a second. */
  readonly delay?: number
}

/** A square of this side, moving for ever. */
export function gifOf(length: number, frames: readonly GifFrame[]): Buffer {
  const short = (...values: readonly number[]) => Buffer.from(values.flatMap((value) => [value & 255, value >> 8]))
  const colours = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0])
  const head = Buffer.concat([Buffer.from('GIF89a', 'latin1'), short(length, length), Buffer.from([0x91, 0, 0]), colours])
  const loop = Buffer.concat([Buffer.from('!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0', 'latin1')])
  const parts = frames.map(({ pixels, dispose = 1, delay = 50 }) => {
    const control = Buffer.concat([Buffer.from([0x21, 0xf9, 4, (dispose << 2) | 1]), short(delay), Buffer.from([3, 0])])
    const place = Buffer.concat([
      Buffer.from([0x2c]),
      short(0, 0, length, length),
      Buffer.from([0, 2]),
      codes(pixels),
      Buffer.from([0]),
    ])
    return Buffer.concat([control, place])
  })
  return Buffer.concat([head, loop, ...parts, Buffer.from(';')])
}

/** Three bits each; the code for a new beginning comes so often that they never need more. */
function codes(pixels: readonly number[]): Buffer {
  const [clear, end] = [4, 5]
  const all = [...pixels.flatMap((pixel, n) => (n % 2 === 0 ? [clear, pixel] : [pixel])), end]
  const bits = all.flatMap((code) => [code & 1, (code >> 1) & 1, code >> 2])
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8))
  for (const [n, bit] of bits.entries()) bytes[n >> 3] = (bytes[n >> 3] ?? 0) | (bit << (n & 7))
  const portions = Array.from({ length: Math.ceil(bytes.length / 255) }, (_, n) => bytes.subarray(n * 255, (n + 1) * 255))
  return Buffer.concat(portions.flatMap((portion) => [Buffer.from([portion.length]), portion]))
}

/** 6 by 4 pixels of one colour, with chunks before and behind them. */
export function chunkyPng(colour: readonly number[], before: readonly Buffer[], behind: readonly Buffer[] = []): Buffer {
  const pixels = chunk('IDAT', plainRows(6, 4, colour))
  return Buffer.concat([signature, header(6, 4, 2), ...before, pixels, ...behind, chunk('IEND', Buffer.alloc(0))])
}

/** A list of two pictures in the first of them, as stereo cameras write it. */
export function stereoPhoto(left: Buffer, right: Buffer): Buffer {
  const long = (...values: readonly number[]) =>
    Buffer.from(values.flatMap((value) => [value, value >> 8, value >> 16, value >>> 24]))
  const short = (...values: readonly number[]) => Buffer.from(values.flatMap((value) => [value, value >> 8]))
  const list = (offset: number) => {
    const directory = Buffer.concat([short(1, 0xb002, 7), long(32, 26), long(0)])
    const entries = long(0x2003_0002, left.length, 0, 0, 0x02_0002, right.length, offset, 0)
    return Buffer.concat([Buffer.from('MPF\0II*\0', 'latin1'), long(8), directory, entries])
  }
  const first = withSegment(left, 0xe2, list(0))
  // Places count from the mark of the byte order, 10 bytes into the file.
  return Buffer.concat([withSegment(left, 0xe2, list(first.length - 10)), right])
}
