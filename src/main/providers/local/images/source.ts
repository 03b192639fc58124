/** A picture opened for conversion, whatever it came in, with all that belongs to it: upright, and with its metadata at hand. */
import { readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp'
import { JobError } from '../../../../shared/failure.ts'
import { framesOf } from './apng.ts'
import { type ConvertCall, type DrawnPage, maxAnimatedPixels, maxPixels } from './call.ts'
import { toneMapped } from './hdr.ts'
import { heifFacts, type Cicp } from './heif.ts'
import { isHdr, ownProfile, profileOf, profileOfMixture } from './icc.ts'
import { repairedJpeg } from './jpeg.ts'
import { checkDrawing } from './limits.ts'
import { withoutPlace } from './location.ts'
import { isMeasured, noValueOf, openMeasured, readableTiff, samplesOf } from './measured.ts'
import { metadataOf, noMetadata, type PictureMetadata } from './metadata.ts'
import { carrierOf, cicpOfPng, mixtureOfPng, withEarlyExif } from './png.ts'
import { renderScale } from './size.ts'
import { drawing, readSvg, svgDensity } from './svg.ts'
import { inMemory, withFile, type Read } from './tiff.ts'
import { evenedWebp } from './webp.ts'

export interface OpenedImage {
  readonly image: Sharp
  readonly meta: Metadata
  /** Nothing of it is in `image`. */
  readonly metadata: PictureMetadata
  /** The frames of an animation in order, so many at a time that they fit into memory; absent: `image` is all there is. */
  readonly portions?: readonly (() => Sharp)[]
}

/** A decoder's warning is a failure: it means a picture that is grey from somewhere on. */
export const reading = { failOn: 'warning', limitInputPixels: maxPixels, autoOrient: true } as const satisfies SharpOptions

/** The library takes brackets at the end of a name for options of its own. */
async function inputOf(path: string): Promise<string | Buffer> {
  return path.endsWith(']') ? readFile(path) : path
}

/** A file as the picture library takes it. */
export async function readable(path: string, format: ConvertCall['from']): Promise<string | Buffer> {
  const found = format === 'tiff' ? readableTiff(path) : path
  const input = typeof found === 'string' ? await inputOf(found) : found
  // The library knows the picture in front of a sequence by its other names only.
  const isSequence = format === 'avif' && withFile(path, (read) => read(8, 4)?.toString('latin1') === 'avis')
  if (isSequence) return named(await readFile(path), 'avif')
  const early = format === 'png' ? withFile(path, withEarlyExif) : null
  if (early !== null) return early
  // A download or a program that has left out the last byte, which means nothing.
  const isUneven = format === 'webp' && typeof input === 'string' && statSync(path).size % 2 === 1
  return isUneven ? (evenedWebp(readFileSync(path)) ?? input) : input
}

function named(heif: Buffer, brand: string): Buffer {
  heif.write(brand, 8, 'latin1')
  return heif
}

/**
 * The same without what decoders complain about although every viewer shows it; null where there is nothing of that kind to repair. The answer
 * is decoded as strictly as the file was.
 */
export async function repaired({ source, from }: Pick<ConvertCall, 'source' | 'from'>): Promise<Buffer | null> {
  return from === 'jpeg' && typeof source === 'string' ? repairedJpeg(await readFile(source)) : null
}

/** Whether pixels have 16 bits. */
export function isDeep(meta: Metadata): boolean {
  return meta.depth === 'ushort'
}

export function isGrey(meta: Metadata): boolean {
  return meta.space === 'b-w' || meta.space === 'grey16'
}

export function keepsMetadata({ options }: Pick<ConvertCall, 'options'>): boolean {
  return options.preserveMetadata !== false
}

export function keepsPlace({ options }: Pick<ConvertCall, 'options'>): boolean {
  return options.preserveLocation !== false
}

export async function openSource(call: ConvertCall): Promise<OpenedImage> {
  const whole = await openWhole(call)
  if (keepsMetadata(call)) return keepsPlace(call) ? whole : { ...whole, metadata: withoutPlace(whole.metadata) }
  // How large it is meant to be shown describes the picture, not who made it where.
  return { ...whole, metadata: { ...noMetadata, density: whole.metadata.density } }
}

async function openWhole(call: ConvertCall): Promise<OpenedImage> {
  const { source, from } = call
  if (isDrawn(source)) return openDrawn(source)
  if (from === 'png' && call.page === 'all') {
    const animation = await openAnimation(typeof source === 'string' ? await readFile(source) : Buffer.from(source))
    return call.describedBy === undefined ? animation : { ...animation, metadata: await metadataAround(call.describedBy) }
  }
  if (typeof source !== 'string') return openBytes(Buffer.from(source), from)
  switch (from) {
    case 'svg':
      return openSvg(source, call)
    case 'heic':
      return openHeic(source)
    case 'tiff':
      return openTiff(source, call)
    default: {
      const input = await readable(source, from)
      const moving = call.page === 'all' ? { animated: true, limitInputPixels: false } : call.page > 0 ? { page: call.page } : {}
      const found = await opened(input, { ...reading, ...moving }, (meta) =>
        withFile(source, (read, bytes) => metadataOf(read, bytes, from, meta)),
      )
      const portions = call.page === 'all' ? portionsOf(input, found.meta) : null
      const whole = portions === null ? found : { ...found, portions }
      const { cicp, mixture } = withFile(source, (read, bytes) => ({
        cicp: cicpOf(read, bytes, from),
        mixture: from === 'png' ? mixtureOfPng(read) : null,
      }))
      if (cicp !== null || mixture === null || ownProfile(found.meta) !== null || isGrey(found.meta))
        return inColours(whole, cicp)
      return inProfile(whole, profileOfMixture(mixture))
    }
  }
}

/** Pixels of frames that are worked on at the same time. */
const portionPixels = 24_000_000

function portionsOf(input: string | Buffer, { width, height, pages = 1, pageHeight = height }: Metadata) {
  checkPixels(width * pageHeight, maxPixels)
  checkPixels(width * pageHeight * pages, maxAnimatedPixels)
  const size = Math.max(1, Math.floor(portionPixels / (width * pageHeight)))
  return Array.from({ length: Math.ceil(pages / size) }, (_, n) => {
    const page = n * size
    return () => sharp(input, { ...reading, page, pages: Math.min(size, pages - page) })
  })
}

function checkPixels(pixels: number, limit: number): void {
  if (pixels > limit) throw new JobError('tool-memory', { because: 'too-many-pixels', megapixels: limit / 1e6 })
}

export function isDrawn(source: ConvertCall['source']): source is DrawnPage {
  return typeof source === 'object' && 'hasPictures' in source
}

async function openDrawn({ data, width, height, density }: DrawnPage): Promise<OpenedImage> {
  const image = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: maxPixels })
  return { image, meta: await image.metadata(), metadata: { ...noMetadata, density: { x: density, y: density } } }
}

/** A picture that has been made of a frame, or a JPEG that has been repaired. */
async function openBytes(bytes: Buffer, from: ConvertCall['from']): Promise<OpenedImage> {
  return opened(bytes, reading, (meta) => metadataOf(inMemory(bytes), bytes.length, from, meta))
}

async function opened(
  from: string | Buffer,
  options: SharpOptions,
  metadata: (meta: Metadata) => PictureMetadata,
): Promise<OpenedImage> {
  const image = sharp(from, options)
  const meta = await image.metadata()
  return { image, meta, metadata: metadata(meta) }
}

function cicpOf(read: Read, bytes: number, format: ConvertCall['from']): Cicp | null {
  if (format === 'avif' || format === 'heic') return heifFacts(read, bytes).cicp
  return format === 'png' ? cicpOfPng(read) : null
}

/** Numbers become a profile, or, where that describes no such light, what a screen can show of it. A profile of the file itself comes first. */
async function inColours(source: OpenedImage, cicp: Cicp | null): Promise<OpenedImage> {
  if (cicp === null || (ownProfile(source.meta) !== null && !isHdr(cicp))) return source
  if (isHdr(cicp)) return { ...source, ...(await toneMapped(source.image, source.meta, cicp)) }
  return inProfile(source, profileOf(cicp))
}

/** Null leaves it as it is. */
async function inProfile(source: OpenedImage, profile: Buffer | null): Promise<OpenedImage> {
  if (profile === null) return source
  const { image, meta } = source
  if (isDeep(meta)) image.toColourspace('rgb16')
  return opened(await carrierOf(image, profile), reading, () => source.metadata)
}

/** Rendered at the size asked for rather than enlarged afterwards. */
async function openSvg(path: string, { options }: ConvertCall): Promise<OpenedImage> {
  const svg = drawing(await readSvg(path))
  const { width, height } = await sharp(svg.bytes, { ...reading, ...svg.options, density: svgDensity }).metadata()
  const scale = renderScale({ width, height }, options)
  checkDrawing({ width: width * scale, height: height * scale })
  const density = Math.min(Math.max(svgDensity * scale, 1), 100_000)
  return opened(svg.bytes, { ...reading, ...svg.options, density }, () => noMetadata)
}

async function openHeic(path: string): Promise<OpenedImage> {
  // The native library cannot decode the pixels, yet reads all that is around them.
  const around = await sharp(await inputOf(path), reading).metadata()
  const { decodeHeic } = await import('./heic.ts')
  const { data, ...raw } = decodeHeic(await readFile(path))
  const pixels = sharp(data, { raw, limitInputPixels: maxPixels })
  if (data instanceof Uint16Array) pixels.toColourspace('rgb16')
  const metadata = metadataOf(inMemory(Buffer.alloc(0)), 0, 'heic', around)
  const source = await opened(await carrierOf(pixels, ownProfile(around)), reading, () => metadata)
  return inColours(
    source,
    withFile(path, (read, bytes) => cicpOf(read, bytes, 'heic')),
  )
}

async function metadataAround(path: string): Promise<PictureMetadata> {
  const meta = await sharp(await readable(path, 'avif'), { ...reading, failOn: 'none' }).metadata()
  return metadataOf(inMemory(Buffer.alloc(0)), 0, 'heic', meta)
}

async function openTiff(path: string, call: ConvertCall): Promise<OpenedImage> {
  const samples = withFile(path, samplesOf)
  // Warnings here are about fields that nobody needs; pixels that are missing are an error.
  const options = { ...reading, failOn: 'error', page: call.page === 'all' ? 0 : call.page } as const
  const source = await opened(await readable(path, 'tiff'), options, (meta) =>
    withFile(path, (read, bytes) => metadataOf(read, bytes, 'tiff', meta)),
  )
  if (samples === null || !isMeasured(samples)) return source
  const measured = await openMeasured(source.image, source.meta, samples, withFile(path, noValueOf))
  return { ...source, ...measured }
}

async function openAnimation(png: Buffer): Promise<OpenedImage> {
  const metadata = metadataOf(inMemory(png), png.length, 'png', await sharp(png, reading).metadata())
  const { width, height, data, delaysMs, loops } = await framesOf(png)
  const raw = { width, height: height * delaysMs.length, channels: 4, pageHeight: height } as const
  const image = sharp(data, { raw, limitInputPixels: maxPixels })
  const meta = { ...(await image.metadata()), pages: delaysMs.length, pageHeight: height, delay: [...delaysMs], loop: loops }
  return { image, meta, metadata }
}

/** In sRGB, with 8 bits a channel or 16 as they come. `resize` gets every frame alone. */
export async function eachResized(
  portions: readonly (() => Sharp)[],
  meta: Pick<Metadata, 'pages' | 'height' | 'pageHeight'>,
  resize: (frame: Sharp) => Sharp,
): Promise<Sharp> {
  const { pages: frameCount = 1, pageHeight = meta.height } = meta
  // Each is put where it stays at once: there is no room for all of them twice.
  let whole = Buffer.alloc(0)
  let bytes = 0
  let found: Frames | null = null
  for (const portion of portions) {
    found = await framesResized(portion(), pageHeight, resize)
    for (const frame of found.frames) {
      if (whole.length === 0) whole = Buffer.allocUnsafeSlow(frame.length * frameCount)
      bytes += frame.copy(whole, bytes)
    }
  }
  if (found === null || bytes < whole.length) throw new JobError('source-damaged', { because: 'not-decodable' })
  const { width, height, channels, depth } = found
  const raw = { width, height: height * frameCount, channels, pageHeight: height }
  return sharp(samplesIn(whole, depth), { raw, limitInputPixels: maxPixels })
}

interface Frames {
  readonly frames: readonly Buffer[]
  /** Of each. */
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
  readonly depth: 'uchar' | 'ushort'
}

async function framesResized(image: Sharp, pageHeight: number, resize: (frame: Sharp) => Sharp): Promise<Frames> {
  const depth = (await image.metadata()).depth === 'ushort' ? 'ushort' : 'uchar'
  if (depth === 'ushort') image.toColourspace('rgb16')
  const { data, info } = await image.raw({ depth }).toBuffer({ resolveWithObject: true })
  const { width, channels } = info
  const frameBytes = width * pageHeight * channels * (depth === 'ushort' ? 2 : 1)
  const frames: Buffer[] = []
  let size = { width, height: pageHeight, channels }
  for (let start = 0; start < data.length; start += frameBytes) {
    const frame = sharp(samplesIn(data.subarray(start, start + frameBytes), depth), {
      raw: { width, height: pageHeight, channels },
    })
    if (depth === 'ushort') frame.toColourspace('rgb16')
    const resized = await resize(frame).raw({ depth }).toBuffer({ resolveWithObject: true })
    frames.push(resized.data)
    size = { width: resized.info.width, height: resized.info.height, channels: resized.info.channels }
  }
  return { frames, ...size, depth }
}

/** The library tells the depth of raw pixels by the kind of array. */
function samplesIn(bytes: Buffer, depth: 'uchar' | 'ushort'): Buffer | Uint16Array {
  if (depth === 'uchar') return bytes
  const own = new Uint8Array(bytes)
  return new Uint16Array(own.buffer)
}
