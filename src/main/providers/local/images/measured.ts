/**
 * TIFFs whose numbers are measurements or light and no colours: heights, depths, microscopes, renderings. The rule by which they become a
 * picture: floating-point RGB is linear light, in which 1 is white, or the brightest of it where it goes beyond; a floating-point grey between
 * 0 and 1 is shown as it is; all others are spread, the lowest black and the highest white. What stands for "no value" counts as the lowest.
 */
import { readFileSync } from 'node:fs'
import sharp, { type Metadata, type Sharp } from 'sharp'
import { maxPixels } from './call.ts'
import { loaded, openTiff, readDirectory, withFile, type Read, type Tiff } from './tiff.ts'

export interface Samples {
  readonly kind: 'unsigned' | 'signed' | 'float'
  readonly bits: number
  readonly channels: number
}

const tags = { bits: 258, channels: 277, format: 339, noValue: 42113 } as const
const kinds = ['unsigned', 'unsigned', 'signed', 'float'] as const

/** Of the first page; null where that cannot be told. */
export function samplesOf(read: Read): Samples | null {
  const tiff = openTiff(read)
  if (tiff === null) return null
  const number = (tag: number) => numbersAt(tiff, tag)[0] ?? null
  const kind = kinds[number(tags.format) ?? 1]
  return kind === undefined ? null : { kind, bits: number(tags.bits) ?? 1, channels: number(tags.channels) ?? 1 }
}

function numbersAt(tiff: Tiff, tag: number): readonly number[] {
  const entry = readDirectory(tiff, tiff.first)?.entries.find((other) => other.tag === tag)
  const value = entry === undefined ? null : loaded(tiff, entry)
  if (value === null) return []
  const size = Math.min(4, value.data.length / value.count)
  return Array.from({ length: Math.min(value.count, 16) }, (_, n) => value.data.readUIntLE(n * size, size))
}

export function isMeasured({ kind, bits }: Samples): boolean {
  return kind !== 'unsigned' || bits > 16
}

/**
 * The file as the picture library reads its numbers without a loss. It knows no negative numbers on its way and no doubles; so the same bits
 * are called something that it passes on as it is, and are taken for what they are afterwards.
 */
export function readableTiff(path: string): string | Buffer {
  const samples = withFile(path, samplesOf)
  const passed = samples === null ? null : passedAs(samples)
  if (passed === null) return path
  const bytes = readFileSync(path)
  const tiff = openTiff((offset, length) => (offset + length <= bytes.length ? bytes.subarray(offset, offset + length) : null))
  if (tiff === null) return path
  const short = (data: Buffer, at: number, value: number) =>
    tiff.little ? data.writeUInt16LE(value, at) : data.writeUInt16BE(value, at)
  for (let offset = tiff.first, pages = 0; offset !== 0 && pages < 10_000; pages += 1) {
    const directory = readDirectory(tiff, offset)
    for (const [index, { tag, count, data }] of (directory?.entries ?? []).entries()) {
      const change =
        tag === tags.format ? passed.format : tag === tags.bits ? passed.bits : tag === tags.channels ? passed.channels : null
      if (change === null) continue
      const pointer = tiff.little ? data.readUInt32LE() : data.readUInt32BE()
      const values = count <= 2 ? data : bytes.subarray(pointer, pointer + count * 2)
      // Doubles are two numbers each; their list still stands in the directory.
      const wanted = passed.channels === 2 && tag !== tags.channels ? 2 : count
      for (let n = 0; n < wanted && n * 2 + 2 <= values.length; n += 1) short(values, n * 2, change)
      const at = offset + 2 + index * 12 + 4
      if (wanted !== count && tiff.little) bytes.writeUInt32LE(wanted, at)
      else if (wanted !== count) bytes.writeUInt32BE(wanted, at)
    }
    offset = directory?.next ?? 0
  }
  return bytes
}

interface Passed {
  readonly format: number | null
  readonly bits: number | null
  readonly channels: number | null
}

function passedAs({ kind, bits, channels }: Samples): Passed | null {
  if (kind === 'signed' && bits === 16) return { format: 1, bits: null, channels: null }
  if (kind === 'float' && bits === 16) return { format: 1, bits: null, channels: null }
  if (kind === 'signed' && bits === 32) return { format: 3, bits: null, channels: null }
  if (kind === 'float' && bits === 64 && channels === 1) return { format: 3, bits: 32, channels: 2 }
  return null
}

export interface Measured {
  readonly image: Sharp
  readonly meta: Metadata
}

/** @param input of `readableTiff`, opened with these pages. */
export async function openMeasured(input: Sharp, meta: Metadata, samples: Samples, noValue: number | null): Promise<Measured> {
  const isWide = samples.bits >= 32
  const isColour = samples.channels >= 3
  const isDouble = samples.bits === 64
  const space = passingSpace(samples)
  const depth = isWide ? 'float' : samples.bits === 8 ? 'char' : 'ushort'
  const { data, info } = await input
    .pipelineColourspace(space)
    .toColourspace(space)
    .raw({ depth: samples.kind === 'unsigned' && isWide ? 'uint' : depth })
    .toBuffer({ resolveWithObject: true })
  const channels = isDouble ? 1 : info.channels
  // Comes as grey, grey, grey, alpha: the last two are the number.
  const found = numbersIn(data, samples)
  const values = isDouble ? found.filter((_, n) => n % 2 === 1) : found
  const colours = isColour ? 3 : 1
  const shown =
    isColour && samples.kind === 'float' ? asLight(values, channels) : spread(values, channels, colours, samples, noValue)
  const { pageHeight = info.height } = meta
  const raw = { width: info.width, height: info.height, channels, pageHeight }
  const image = sharp(shown, { raw, limitInputPixels: maxPixels })
  return {
    image,
    meta: {
      ...meta,
      channels,
      depth: 'ushort',
      space: isColour ? 'rgb16' : 'grey16',
      hasAlpha: channels > colours,
      hasProfile: false,
    },
  }
}

/** In which the library hands numbers on without a change. */
function passingSpace({ kind, bits, channels }: Samples): 'b-w' | 'srgb' | 'scrgb' | 'grey16' | 'rgb16' {
  const isColour = channels >= 3
  if (bits === 64) return 'srgb'
  if (bits === 16) return isColour ? 'rgb16' : 'grey16'
  if (!isColour) return 'b-w'
  return bits === 8 || kind === 'unsigned' ? 'srgb' : 'scrgb'
}

type Numbers = Float64Array | Float32Array | Float16Array | Int32Array | Uint32Array | Int16Array | Int8Array

function numbersIn(data: Buffer, { kind, bits }: Samples): Numbers {
  const own = new Uint8Array(data).buffer
  if (kind === 'float') return bits === 64 ? new Float64Array(own) : bits === 16 ? new Float16Array(own) : new Float32Array(own)
  if (kind === 'unsigned') return new Uint32Array(own)
  return bits === 32 ? new Int32Array(own) : bits === 16 ? new Int16Array(own) : new Int8Array(own)
}

const white = 65535

/** What is brighter than all but a thousandth is white: a sun or a spark would make everything else black. */
function asLight(values: Numbers, channels: number): Uint16Array {
  const step = Math.max(1, Math.floor(values.length / 1_000_000))
  const some = Float64Array.from({ length: Math.floor(values.length / step) }, (_, n) => finite(values[n * step] ?? 0)).toSorted()
  const brightest = Math.max(1, some[Math.floor((some.length - 1) * 0.999)] ?? 1)
  return Uint16Array.from(values, (value, n) => {
    const isAlpha = channels > 3 && n % channels === channels - 1
    const light = Math.min(1, Math.max(0, finite(value) / (isAlpha ? 1 : brightest)))
    return Math.round((isAlpha ? light : encoded(light)) * white)
  })
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}

/** The curve of sRGB. */
export function encoded(light: number): number {
  return light <= 0.003_130_8 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055
}

function spread(
  values: Numbers,
  channels: number,
  colours: number,
  { kind, bits }: Samples,
  noValue: number | null,
): Uint16Array {
  // -32768 is what maps of heights write where there is none.
  const isVoid = (value: number) =>
    !Number.isFinite(value) ||
    value === noValue ||
    Math.abs(value) > 1e30 ||
    (kind === 'signed' && bits === 16 && value === -32768)
  const isAlpha = (n: number) => channels > colours && n % channels === channels - 1
  let [low, high] = [Infinity, -Infinity]
  for (let n = 0; n < values.length; n += 1) {
    const value = values[n] ?? 0
    if (isAlpha(n) || isVoid(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  if (kind === 'float' && low >= 0 && high <= 1) [low, high] = [0, 1]
  // Finer colours, and no measurements.
  if (kind === 'unsigned' && colours === 3) [low, high] = [0, 0xffff_ffff]
  return Uint16Array.from(values, (value, n) => {
    if (isAlpha(n)) return kind === 'float' ? Math.round(Math.min(1, Math.max(0, finite(value))) * white) : white
    if (isVoid(value)) return 0
    return high > low ? Math.round(((value - low) / (high - low)) * white) : white / 2
  })
}

/** What a map says stands for no value. */
export function noValueOf(read: Read): number | null {
  const tiff = openTiff(read)
  const entry = tiff === null ? undefined : readDirectory(tiff, tiff.first)?.entries.find(({ tag }) => tag === tags.noValue)
  const text =
    tiff === null || entry === undefined ? undefined : loaded(tiff, entry)?.data.toString('latin1').replaceAll('\0', '').trim()
  return text === undefined || text === '' || Number.isNaN(Number(text)) ? null : Number(text)
}
