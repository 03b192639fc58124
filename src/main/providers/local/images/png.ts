/**
 * PNG as a list of chunks: what a file says besides its pixels, and how that is put in. A PNG that is not compressed is also the only way
 * to hand sharp pixels together with a colour profile that it did not read from a file itself.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { crc32, deflateSync, inflateSync } from 'node:zlib'
import type { Sharp } from 'sharp'
import { densityOf, type Density } from './density.ts'
import type { Cicp } from './heif.ts'
import type { Mixture } from './icc.ts'
import { inMemory, type Read } from './tiff.ts'

export interface PngChunk {
  readonly type: string
  /** Offset of its data. */
  readonly at: number
  readonly length: number
}

export interface TextChunk {
  readonly keyword: string
  readonly text: string
}

/** Behind the signature and the IHDR chunk. */
const chunksStart = 33
const inchesPerMetre = 1 / 0.0254
/** Of one text, also of one that was compressed: no prompt or workflow is longer, and a hostile one could be. */
const maxTextBytes = 16 << 20
/** Where programs put XMP. */
const xmpKeyword = 'XML:com.adobe.xmp'
const rawKeyword = 'Raw profile type '

/** In order, up to the end of the picture or of the file. */
export function chunksIn(read: Read): readonly PngChunk[] {
  const chunks: PngChunk[] = []
  for (let at = 8; ;) {
    const head = read(at, 8)
    if (head === null) return chunks
    const [type, length] = [head.toString('latin1', 4), head.readUInt32BE()]
    chunks.push({ type, at: at + 8, length })
    if (type === 'IEND') return chunks
    at += length + 12
  }
}

export function dataOf(read: Read, { at, length }: PngChunk, limit = maxTextBytes): Buffer | null {
  return length > limit ? null : read(at, length)
}

/** Texts by their keywords, without those that hold what has a place of its own; one that is damaged is left out. */
export function textsOfPng(read: Read): readonly TextChunk[] {
  return allTexts(read).filter(({ keyword }) => keyword !== xmpKeyword && !keyword.startsWith(rawKeyword))
}

/** What older programs wrote as numbers in a text: a kind, a length, the bytes. Null where there is none of this kind. */
export function rawProfile(read: Read, kinds: readonly string[]): Buffer | null {
  const found = allTexts(read).find(({ keyword }) => kinds.some((kind) => keyword === `${rawKeyword}${kind}`))
  const digits = found === undefined ? undefined : /^\s*\S+\s+\d+\s+([\da-f\s]+)$/i.exec(found.text)?.[1]
  return digits === undefined ? null : Buffer.from(digits.replaceAll(/\s/g, ''), 'hex')
}

function allTexts(read: Read): readonly TextChunk[] {
  return chunksIn(read).flatMap((chunk) => {
    const isText = chunk.type === 'tEXt' || chunk.type === 'zTXt' || chunk.type === 'iTXt'
    const text = isText ? textIn(chunk.type, dataOf(read, chunk)) : null
    return text === null ? [] : [text]
  })
}

function textIn(type: string, data: Buffer | null): TextChunk | null {
  const end = data?.indexOf(0) ?? -1
  if (data === null || end < 1) return null
  const keyword = data.toString('latin1', 0, end)
  const rest = data.subarray(end + 1)
  try {
    if (type === 'tEXt') return { keyword, text: wordsIn(rest) }
    if (type === 'zTXt') return { keyword, text: wordsIn(inflated(rest.subarray(1))) }
    // Whether it is compressed and how, a language, the keyword in that language.
    const words = rest.indexOf(0, rest.indexOf(0, 2) + 1) + 1
    const body = rest.subarray(words)
    return { keyword, text: (rest[0] === 1 ? inflated(body) : body).toString('utf8') }
  } catch {
    return null
  }
}

function inflated(bytes: Buffer): Buffer {
  return inflateSync(bytes, { maxOutputLength: maxTextBytes })
}

/** The format says Latin-1, as old programs do, many write UTF-8. */
export function wordsIn(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

/** Null where it says nothing. */
export function densityOfPng(read: Read): Density | null {
  const found = chunksIn(read).find(({ type, length }) => type === 'pHYs' && length === 9)
  const data = found === undefined ? null : dataOf(read, found)
  return data === null ? null : densityOf(data.readUInt32BE(0), data.readUInt32BE(4), data[8] === 1 ? 1 / inchesPerMetre : null)
}

/** The whole file with its EXIF before the pixels, where alone the library looks for it; null where it is not behind them. */
export function withEarlyExif(read: Read, bytes: number): Buffer | null {
  const chunks = chunksIn(read)
  const [pixels, exif] = ['IDAT', 'eXIf'].map((type) => chunks.findIndex((chunk) => chunk.type === type))
  const late = pixels === undefined || exif === undefined || pixels < 0 || exif < pixels ? undefined : chunks[exif]
  const png = late === undefined ? null : read(0, bytes)
  if (late === undefined || png === null) return null
  const [from, to] = [late.at - 8, late.at + late.length + 4]
  return Buffer.concat([png.subarray(0, chunksStart), png.subarray(from, to), png.subarray(chunksStart, from), png.subarray(to)])
}

/** Where nothing else says it: by what power values become light, and of which colours they are mixed. Null where it says neither. */
export function mixtureOfPng(read: Read): Mixture | null {
  const chunks = chunksIn(read)
  const found = (wanted: string, length: number) => {
    const chunk = chunks.find(({ type }) => type === wanted)
    return chunk === undefined || chunk.length !== length ? null : dataOf(read, chunk)
  }
  if (found('sRGB', 1) !== null) return null
  const [gamma, points] = [found('gAMA', 4), found('cHRM', 32)]
  if (gamma === null && points === null) return null
  const at = (n: number) => (points?.readUInt32BE(n * 4) ?? 0) / 100_000
  const point = (n: number): readonly [number, number] => [at(n * 2), at(n * 2 + 1)]
  return {
    gamma: gamma === null ? null : gamma.readUInt32BE() / 100_000,
    points: points === null ? null : { white: point(0), red: point(1), green: point(2), blue: point(3) },
  }
}

/** Colours said by numbers; null where it says none, or in a way that a picture in RGB cannot have. */
export function cicpOfPng(read: Read): Cicp | null {
  const found = chunksIn(read).find(({ type, length }) => type === 'cICP' && length === 4)
  const data = found === undefined ? null : dataOf(read, found)
  return data === null || data[2] !== 0 ? null : { primaries: data[0] ?? 0, transfer: data[1] ?? 0, matrix: 0 }
}

export interface PngWords {
  readonly exif: Buffer | null
  readonly xmp: string | null
  readonly texts: readonly TextChunk[]
  readonly density: Density | null
}

/** Puts them into a PNG that libvips has written; what that says of these things by itself goes. */
export function describePng(path: string, { exif, xmp, texts, density }: PngWords): void {
  const png = readFileSync(path)
  const own = new Set(['pHYs', 'eXIf', 'tEXt', 'zTXt', 'iTXt', 'tIME'])
  const kept: Buffer[] = chunksIn(inMemory(png))
    .filter(({ type }) => type !== 'IHDR' && !own.has(type))
    .map(({ at, length }) => png.subarray(at - 8, at + length + 4))
  const added = [
    ...(density === null ? [] : [densityChunk(density)]),
    ...(exif === null ? [] : [pngChunk('eXIf', exif)]),
    ...(xmp === null ? [] : [internationalText({ keyword: xmpKeyword, text: xmp })]),
    ...texts.map(textChunk),
  ]
  // The profile has to come before the pixels, and so may everything else.
  const pixelsAt = kept.findIndex((bytes) => bytes.toString('latin1', 4, 8) === 'IDAT')
  writeFileSync(path, Buffer.concat([png.subarray(0, chunksStart), ...kept.toSpliced(pixelsAt, 0, ...added)]))
}

/** The same picture with no word in it, and with nothing that a program has for itself. */
export function unwordedPng(png: Buffer): Buffer {
  const kept = chunksIn(inMemory(png)).filter(({ type }) => shownBy.has(type))
  return Buffer.concat([png.subarray(0, 8), ...kept.map(({ at, length }) => png.subarray(at - 8, at + length + 4))])
}

/** What a picture is shown by. */
const shownBy: ReadonlySet<string> = new Set([
  ...[
    'IHDR',
    'PLTE',
    'IDAT',
    'IEND',
    'tRNS',
    'gAMA',
    'cHRM',
    'sRGB',
    'iCCP',
    'cICP',
    'sBIT',
    'bKGD',
    'pHYs',
    'acTL',
    'fcTL',
    'fdAT',
  ],
])

function densityChunk({ x, y }: Density): Buffer {
  const data = Buffer.alloc(9)
  data.writeUInt32BE(Math.round(x * inchesPerMetre), 0)
  data.writeUInt32BE(Math.round(y * inchesPerMetre), 4)
  data[8] = 1
  return pngChunk('pHYs', data)
}

function textChunk(text: TextChunk): Buffer {
  const isPlain = /^[\0-\x7f]*$/.test(text.text)
  return isPlain ? pngChunk('tEXt', Buffer.from(`${text.keyword}\0${text.text}`, 'latin1')) : internationalText(text)
}

function internationalText({ keyword, text }: TextChunk): Buffer {
  return pngChunk('iTXt', Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1'), Buffer.from(text)]))
}

export function pngChunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}

/** A PNG, not compressed, of these pixels in the colours of this profile. */
export async function carrierOf(pixels: Sharp, icc: Buffer | null): Promise<Buffer> {
  const png = await pixels.png({ compressionLevel: 0 }).toBuffer()
  if (icc === null) return png
  const profile = pngChunk('iCCP', Buffer.concat([Buffer.from('ICC\0\0', 'latin1'), deflateSync(icc)]))
  return Buffer.concat([png.subarray(0, chunksStart), profile, png.subarray(chunksStart)])
}
