/** A picture opened for conversion, whatever it came in, with all that belongs to it: upright, and with its metadata at hand. */
import { readFile } from 'node:fs/promises'
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp'
import { type ConvertCall, maxPixels } from './call.ts'
import { carrierOf } from './metadata-png.ts'
import { exifOfTiff, withoutOrientation } from './exif.ts'
import { iptcIn } from './iptc.ts'
import { renderScale } from './size.ts'
import { readSvg, svgDensity } from './svg.ts'

export interface OpenedImage {
  readonly image: Sharp
  readonly meta: Metadata
  /** For the one container that it has to be put into by hand; null where it is not to be kept. */
  readonly exif: Buffer | null
  /** Its bare data sets; null where it is not to be kept. */
  readonly iptc: Buffer | null
}

/** A decoder's warning is a failure: it means a picture that is grey from somewhere on. */
export const reading = { failOn: 'warning', limitInputPixels: maxPixels, autoOrient: true } as const satisfies SharpOptions

/** The library takes brackets at the end of a name for options of its own. */
export async function inputOf(path: string): Promise<string | Buffer> {
  return path.endsWith(']') ? readFile(path) : path
}

/** Whether pixels have 16 bits. */
export function isDeep(meta: Metadata): boolean {
  return meta.depth === 'ushort'
}

export function isGrey(meta: Metadata): boolean {
  return meta.space === 'b-w' || meta.space === 'grey16'
}

export function keepsMetadata({ options }: ConvertCall): boolean {
  return options.preserveMetadata !== false
}

export async function openSource(call: ConvertCall): Promise<OpenedImage> {
  const source = await openWhole(call)
  return keepsMetadata(call) ? source : { ...source, exif: null, iptc: null }
}

async function openWhole(call: ConvertCall): Promise<OpenedImage> {
  if (typeof call.source !== 'string') return opened(call.source, reading)
  switch (call.from) {
    case 'svg':
      return openSvg(call.source, call)
    case 'heic':
      return openHeic(call.source, call)
    case 'tiff':
      return openTiff(call.source, call)
    default:
      return opened(await inputOf(call.source), { ...reading, animated: call.page === 'all' })
  }
}

async function opened(from: string | Uint8Array, options: SharpOptions): Promise<OpenedImage> {
  const image = sharp(from, options)
  const meta = await image.metadata()
  return { image, meta, exif: meta.exif ?? null, iptc: iptcIn(meta.iptc) }
}

/** Rendered at the size asked for rather than enlarged afterwards. */
async function openSvg(path: string, { options }: ConvertCall): Promise<OpenedImage> {
  const bytes = await readSvg(path)
  const { width, height } = await sharp(bytes, { ...reading, density: svgDensity }).metadata()
  const density = svgDensity * renderScale({ width, height }, options)
  return opened(bytes, { ...reading, density: Math.min(Math.max(density, 1), 100_000) })
}

async function openHeic(path: string, call: ConvertCall): Promise<OpenedImage> {
  // The native library cannot decode the pixels, yet reads all that is around them.
  const { exif, icc, xmpAsString } = await sharp(await inputOf(path), reading).metadata()
  const { decodeHeic } = await import('./heic.ts')
  const { data, ...raw } = decodeHeic(await readFile(path))
  const pixels = sharp(data, { raw, limitInputPixels: maxPixels })
  if (data instanceof Uint16Array) pixels.toColourspace('rgb16')
  if (keepsMetadata(call) && xmpAsString !== undefined) pixels.withXmp(xmpAsString)
  const carried = { exif: keepsMetadata(call) && exif !== undefined ? withoutOrientation(exif) : null, icc: icc ?? null }
  return opened(await carrierOf(pixels, carried), reading)
}

async function openTiff(path: string, call: ConvertCall): Promise<OpenedImage> {
  const pages = call.page === 'all' ? { pages: -1 } : { page: call.page }
  const input = await inputOf(path)
  const source = await opened(input, { ...reading, ...pages })
  const exif = keepsMetadata(call) ? exifOfTiff(path) : null
  const { iptc } = source
  if ((exif === null && iptc === null) || call.target === 'tiff' || call.target === 'gif') return { ...source, exif }
  const pixels = sharp(input, { ...reading, ...pages, autoOrient: false })
  if (source.meta.space === 'cmyk') return { ...(await opened(await carrierOf(pixels, { exif, icc: null }), reading)), iptc }
  pixels.keepIccProfile().keepXmp()
  if (isGrey(source.meta)) pixels.toColourspace(isDeep(source.meta) ? 'grey16' : 'b-w')
  else if (isDeep(source.meta)) pixels.toColourspace('rgb16')
  return { ...(await opened(await carrierOf(pixels, { exif, icc: null }), reading)), iptc }
}

/** In sRGB, with 8 bits a channel or 16 as they come. `resize` gets every frame alone. */
export async function eachResized(image: Sharp, pageHeight: number, resize: (frame: Sharp) => Sharp): Promise<Sharp> {
  const depth = (await image.metadata()).depth === 'ushort' ? 'ushort' : 'uchar'
  if (depth === 'ushort') image.toColourspace('rgb16')
  const { data, info } = await image.raw({ depth }).toBuffer({ resolveWithObject: true })
  const { width, channels } = info
  const frameBytes = width * pageHeight * channels * (depth === 'ushort' ? 2 : 1)
  const done: Buffer[] = []
  let size = { width, height: pageHeight, channels }
  for (let start = 0; start < data.length; start += frameBytes) {
    const frame = sharp(samples(data.subarray(start, start + frameBytes), depth), {
      raw: { width, height: pageHeight, channels },
    })
    if (depth === 'ushort') frame.toColourspace('rgb16')
    const resized = await resize(frame).raw({ depth }).toBuffer({ resolveWithObject: true })
    done.push(resized.data)
    size = { width: resized.info.width, height: resized.info.height, channels: resized.info.channels }
  }
  const raw = { ...size, height: size.height * done.length, pageHeight: size.height }
  return sharp(samples(Buffer.concat(done), depth), { raw, limitInputPixels: maxPixels })
}

/** The library tells the depth of raw pixels by the kind of array. */
function samples(bytes: Buffer, depth: 'uchar' | 'ushort'): Buffer | Uint16Array {
  if (depth === 'uchar') return bytes
  const own = new Uint8Array(bytes)
  return new Uint16Array(own.buffer)
}
