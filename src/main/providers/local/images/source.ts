/** A picture opened for conversion, whatever it came in, with all that belongs to it: upright, and with its metadata at hand. */
import { readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp'
import { framesOf } from './apng.ts'
import { type ConvertCall, maxPixels } from './call.ts'
import { toneMapped } from './hdr.ts'
import { heifFacts, type Cicp } from './heif.ts'
import { isHdr, ownProfile, profileOf } from './icc.ts'
import { repairedJpeg } from './jpeg.ts'
import { checkDrawing } from './limits.ts'
import { isMeasured, noValueOf, openMeasured, readableTiff, samplesOf } from './measured.ts'
import { metadataOf, noMetadata, type PictureMetadata } from './metadata.ts'
import { carrierOf, cicpOfPng } from './png.ts'
import { renderScale } from './size.ts'
import { drawing, readSvg, svgDensity } from './svg.ts'
import { inMemory, withFile, type Read } from './tiff.ts'
import { evenedWebp } from './webp.ts'

export interface OpenedImage {
  readonly image: Sharp
  readonly meta: Metadata
  /** Nothing of it is in `image`. */
  readonly metadata: PictureMetadata
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
  // A download or a program that has left out the last byte, which means nothing.
  const isUneven = format === 'webp' && typeof input === 'string' && statSync(path).size % 2 === 1
  return isUneven ? (evenedWebp(readFileSync(path)) ?? input) : input
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

export async function openSource(call: ConvertCall): Promise<OpenedImage> {
  const whole = await openWhole(call)
  if (keepsMetadata(call)) return whole
  // How large it is meant to be shown describes the picture, not who made it where.
  return { ...whole, metadata: { ...noMetadata, density: whole.metadata.density } }
}

async function openWhole(call: ConvertCall): Promise<OpenedImage> {
  const { source, from } = call
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
      const options = { ...reading, animated: call.page === 'all' }
      const found = await opened(await readable(source, from), options, (meta) =>
        withFile(source, (read, bytes) => metadataOf(read, bytes, from, meta)),
      )
      return inColours(
        found,
        withFile(source, (read, bytes) => cicpOf(read, bytes, from)),
      )
    }
  }
}

/** A page of a PDF, or a JPEG that has been repaired. */
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
  const profile = profileOf(cicp)
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
  const meta = await sharp(await inputOf(path), { ...reading, failOn: 'none' }).metadata()
  return metadataOf(inMemory(Buffer.alloc(0)), 0, 'heic', meta)
}

async function openTiff(path: string, call: ConvertCall): Promise<OpenedImage> {
  const samples = withFile(path, samplesOf)
  // Warnings here are about fields that nobody needs; pixels that are missing are an error.
  const options = { ...reading, failOn: 'error', ...(call.page === 'all' ? { pages: -1 } : { page: call.page }) } as const
  const source = await opened(await readable(path, 'tiff'), options, (meta) =>
    withFile(path, (read, bytes) => metadataOf(read, bytes, 'tiff', meta)),
  )
  if (samples === null || !isMeasured(samples)) return pagesUpright(source, path, options)
  const measured = await openMeasured(source.image, source.meta, samples, withFile(path, noValueOf))
  return { ...source, ...measured }
}

/** The library turns no more than one page at a time. */
async function pagesUpright(source: OpenedImage, path: string, options: SharpOptions): Promise<OpenedImage> {
  const { pages = 1, pageHeight, orientation = 1 } = source.meta
  if (options.pages !== -1 || pages === 1 || pageHeight === undefined || orientation === 1) return source
  const lying = sharp(await readable(path, 'tiff'), { ...options, autoOrient: false })
  const mirrored = [2, 4, 5, 7].includes(orientation)
  const degrees = [0, 0, 0, 180, 180, 270, 90, 90, 270][orientation] ?? 0
  const image = await eachResized(lying, pageHeight, (page) => (mirrored ? page.flop() : page).rotate(degrees))
  return { ...source, image, meta: { ...(await image.metadata()), pages } }
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
export async function eachResized(image: Sharp, pageHeight: number, resize: (frame: Sharp) => Sharp): Promise<Sharp> {
  const depth = (await image.metadata()).depth === 'ushort' ? 'ushort' : 'uchar'
  if (depth === 'ushort') image.toColourspace('rgb16')
  const { data, info } = await image.raw({ depth }).toBuffer({ resolveWithObject: true })
  const { width, channels } = info
  const frameBytes = width * pageHeight * channels * (depth === 'ushort' ? 2 : 1)
  const done: Buffer[] = []
  let size = { width, height: pageHeight, channels }
  for (let start = 0; start < data.length; start += frameBytes) {
    const frame = sharp(samplesIn(data.subarray(start, start + frameBytes), depth), {
      raw: { width, height: pageHeight, channels },
    })
    if (depth === 'ushort') frame.toColourspace('rgb16')
    const resized = await resize(frame).raw({ depth }).toBuffer({ resolveWithObject: true })
    done.push(resized.data)
    size = { width: resized.info.width, height: resized.info.height, channels: resized.info.channels }
  }
  const raw = { ...size, height: size.height * done.length, pageHeight: size.height }
  return sharp(samplesIn(Buffer.concat(done), depth), { raw, limitInputPixels: maxPixels })
}

/** The library tells the depth of raw pixels by the kind of array. */
function samplesIn(bytes: Buffer, depth: 'uchar' | 'ushort'): Buffer | Uint16Array {
  if (depth === 'uchar') return bytes
  const own = new Uint8Array(bytes)
  return new Uint16Array(own.buffer)
}
