/** One picture to one file, inside a worker. */
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import sharp, { type Metadata, type Sharp } from 'sharp'
import { JobError } from '../../../../shared/failure.ts'
import type { Matched } from '../../../../shared/notes.ts'
import { joined } from './apng.ts'
import { failureOf, type ConvertCall } from './call.ts'
import { fitImage } from './fitting.ts'
import { matchImage } from './matching.ts'
import { rewordedJpeg, segmentsOf, wordsOfJpeg } from './jpeg.ts'
import { checkSides } from './limits.ts'
import { wordsWithoutPlace } from './location.ts'
import { isMeasured, samplesOf } from './measured.ts'
import { describe, plannedMetadata, type PlannedMetadata } from './metadata.ts'
import { qualityUnlessAsked, type ImageTarget } from './pairings.ts'
import { mayEnlarge, resultSize, type PixelSize } from './size.ts'
import {
  eachResized,
  isDeep,
  isDrawn,
  isGrey,
  keepsMetadata,
  keepsPlace,
  reading,
  repaired,
  openSource,
  type OpenedImage,
} from './source.ts'
import { inMemory, joinedPages, sheetsOf, withFile } from './tiff.ts'
import { keepFrames } from './webp.ts'
import { currentXmp } from './xmp.ts'

/** Answers how near it came to its source, where that was asked for. */
export async function convert(call: ConvertCall): Promise<Matched | null> {
  const { maxSize, matchQuality } = call.options
  if (matchQuality !== undefined) return await matchImage(call, matchQuality, drawn)
  if (maxSize === undefined) await drawn(call)
  else await fitImage(call, maxSize, drawn)
  return null
}

/** Answers the size of the picture, or of each frame. */
async function drawn(call: ConvertCall): Promise<PixelSize> {
  if (isNumbersKept(call)) {
    await copyFile(call.source, call.output)
    return sheetsOf(call.source)?.[0] ?? { width: 1, height: 1 }
  }
  try {
    return await converted(call)
  } catch (error) {
    const source = failureOf(error).code === 'source-damaged' ? await repaired(call) : null
    if (source === null) throw error
    // Where it is damaged in earnest, what was said of the file itself says more.
    return await converted({ ...call, source }).catch((second: unknown) => {
      throw failureOf(second).code === 'source-damaged' ? error : second
    })
  }
}

/** Measurements in a TIFF stay what they are, where nothing is asked for that would make a picture of them. */
function isNumbersKept(call: ConvertCall): call is ConvertCall & { readonly source: string } {
  const { source, from, target, page, options } = call
  if (typeof source !== 'string' || from !== 'tiff' || target !== 'tiff') return false
  if (options.width !== undefined || options.height !== undefined || !keepsMetadata(call) || !keepsPlace(call)) return false
  const samples = withFile(source, samplesOf)
  return samples !== null && isMeasured(samples) && (page === 'all' || sheetsOf(source)?.length === 1)
}

/** From here on an encoder only makes of a JPEG a worse one, and a longer one. */
const bestQuality = 95

/** Whether a photo is to lose its place and nothing else: then its pixels stay what they are, bit by bit. */
function arePixelsKept(call: ConvertCall): boolean {
  const { from, target, options } = call
  if (from !== 'jpeg' || target !== 'jpeg' || keepsPlace(call) || !keepsMetadata(call)) return false
  const { width, height, imageQuality = bestQuality, matchQuality } = options
  return matchQuality === undefined && width === undefined && height === undefined && imageQuality >= bestQuality
}

async function reworded(source: string | Uint8Array, output: string): Promise<PixelSize> {
  const bytes = typeof source === 'string' ? await readFile(source) : Buffer.from(source)
  // A picture that is damaged is found only by who decodes it.
  const image = sharp(bytes, { ...reading, autoOrient: false })
  const { autoOrient } = await image.metadata()
  await image.jpeg({ quality: 1 }).toBuffer()
  const { xmp, ...words } = wordsWithoutPlace(wordsOfJpeg(segmentsOf(inMemory(bytes))))
  await writeFile(output, rewordedJpeg(bytes, { ...words, xmp: xmp === null ? null : currentXmp(xmp) }))
  return autoOrient
}

async function converted(call: ConvertCall): Promise<PixelSize> {
  if (arePixelsKept(call) && !isDrawn(call.source)) return await reworded(call.source, call.output)
  if (call.from === 'tiff' && call.page === 'all' && typeof call.source === 'string')
    return await pagesConverted(call, call.source)
  const opened = await openSource(call)
  checkResult(opened, call)
  const { image, meta, metadata } = await sized(opened, call)
  colour(image, meta, call)
  if (call.isReference === true) return await image.png({ compressionLevel: 1 }).toFile(call.output)
  const planned = plannedMetadata(metadata, call.target)
  encode(image, meta, call)
  const size = await written(image, meta, planned, call)
  describe(call.output, call.target, planned, size)
  return size
}

/** Each page by itself and then into one file: they may be of different kinds, and the library turns no more than one at a time. */
async function pagesConverted(call: ConvertCall, source: string): Promise<PixelSize> {
  const files: Buffer[] = []
  let first: { readonly planned: PlannedMetadata; readonly size: PixelSize } | null = null
  for (const page of (sheetsOf(source) ?? [null]).keys()) {
    const one = { ...call, page }
    const opened = await openSource(one)
    checkResult(opened, one)
    const { image, meta, metadata } = await sized(opened, one)
    colour(image, meta, one)
    encode(image, meta, one)
    const { data, info } = await image.toBuffer({ resolveWithObject: true })
    files.push(data)
    first ??= { planned: plannedMetadata(metadata, call.target), size: info }
  }
  if (first === null) throw new JobError('source-damaged', { because: 'not-decodable' })
  await writeFile(call.output, joinedPages(files))
  describe(call.output, call.target, first.planned, first.size)
  return first.size
}

/** Before the work: an encoder would say so after it, and in words that nobody understands. */
function checkResult({ meta }: OpenedImage, { options, target, from }: ConvertCall): void {
  const { width, height } = meta.pageHeight === undefined ? meta.autoOrient : { width: meta.width, height: meta.pageHeight }
  checkSides(resultSize({ width, height }, options, from === 'svg' || from === 'pdf'), target)
}

async function sized(source: OpenedImage, call: ConvertCall): Promise<OpenedImage> {
  const { width, height } = call.options
  if (width === undefined && height === undefined) return source
  const { image, meta } = source
  if (call.page !== 'all' || (meta.pages ?? 1) === 1) return { ...source, image: resize(image, call) }
  const frames = await eachResized(source.portions ?? [() => image], meta, (frame) => resize(frame, call))
  const { delay, loop } = meta
  return {
    ...source,
    image: frames,
    meta: { ...(await frames.metadata()), ...(delay && { delay }), ...(loop !== undefined && { loop }) },
  }
}

function resize(image: Sharp, { options, target, from }: ConvertCall): Sharp {
  const { width, height, fit = 'inside' } = options
  const withoutEnlargement = !mayEnlarge(options, from === 'svg' || from === 'pdf')
  const background = target === 'jpeg' ? (options.background ?? '#ffffff') : { r: 0, g: 0, b: 0, alpha: 0 }
  return image.resize({ ...(width && { width }), ...(height && { height }), fit, withoutEnlargement, background })
}

const holdsGrey: ReadonlySet<ImageTarget> = new Set(['jpeg', 'png', 'tiff'])
const holdsDeep: ReadonlySet<ImageTarget> = new Set(['png', 'tiff', 'avif'])

/**
 * Pixels keep their kind where the target can hold it, and then their own ICC profile stays with them. In all other cases the profile
 * is applied on the way to sRGB, never dropped, so that the colours stay what they were.
 */
function colour(image: Sharp, meta: Metadata, call: ConvertCall): void {
  const { target } = call
  const keeps = keepsMetadata(call) && target !== 'gif'
  const isGreyKept = isGrey(meta) && holdsGrey.has(target)
  // Only for archives: nothing else that shows a TIFF's pictures can be trusted with CMYK.
  const isCmykKept = meta.space === 'cmyk' && target === 'tiff' && keeps
  if (isCmykKept) image.pipelineColourspace('cmyk').toColourspace('cmyk')
  else if (isDeep(meta) && holdsDeep.has(target)) image.toColourspace(isGreyKept ? 'grey16' : 'rgb16')
  else if (isGreyKept) image.toColourspace('b-w')
  if (target === 'jpeg') image.flatten({ background: call.options.background ?? '#ffffff' })
  if (!keeps) return
  image.keepIccProfile()
  const isKindKept = isGrey(meta) ? isGreyKept : meta.space !== 'cmyk' || isCmykKept
  if (meta.hasProfile && !isKindKept) image.withIccProfile('srgb')
}

/** Of AVIF, by `speed`; measured in docs/ENCODING.md. */
export const avifEffort = { fast: 1, balanced: 3, small: 5 } as const

/** Chosen by measuring: the next effort up costs several times as much for a few percent of size. */
function encode(image: Sharp, meta: Metadata, call: ConvertCall): void {
  const { target, options, page } = call
  const pace =
    page === 'all' ? { ...(meta.delay && { delay: meta.delay }), ...(meta.loop !== undefined && { loop: meta.loop }) } : {}
  const { imageQuality, lossless = false } = options
  switch (target) {
    case 'jpeg': {
      const quality = imageQuality ?? qualityUnlessAsked.jpeg
      return void image.jpeg({ quality, chromaSubsampling: subsampling(quality, call) })
    }
    case 'png':
      // Of letters and lines a row is best foretold by itself: a quarter of the time, and fewer bytes.
      return void image.png({ ...asPng, adaptiveFiltering: !isDrawn(call.source) || call.source.hasPictures })
    case 'webp':
      return void image.webp({
        ...pace,
        ...(lossless ? { lossless, exact: true } : { quality: imageQuality ?? qualityUnlessAsked.webp, effort: 4 }),
      })
    case 'avif': {
      const bitdepth = bitsOfAvif(meta)
      const effort = avifEffort[options.speed ?? 'balanced']
      if (lossless) return void image.avif({ lossless, effort, chromaSubsampling: '4:4:4', bitdepth })
      const quality = imageQuality ?? qualityUnlessAsked.avif
      return void image.avif({ quality, effort, chromaSubsampling: subsampling(quality, call), bitdepth })
    }
    case 'tiff':
      return void image.tiff({ compression: 'deflate', predictor: 'horizontal' })
    case 'gif':
      return void image.gif({ ...pace, effort: 4, keepDuplicateFrames: true })
  }
}

const asPng = { compressionLevel: 6, adaptiveFiltering: true } as const

/** The most that the format holds is 12. */
function bitsOfAvif(meta: Metadata): 8 | 10 | 12 {
  if (!isDeep(meta)) return 8
  return meta.bitsPerSample === 10 ? 10 : 12
}

/** Who asks for the best does not want coloured edges blurred. */
function subsampling(quality: number, { halvesColour = false }: ConvertCall): '4:2:0' | '4:4:4' {
  return quality >= 90 && !halvesColour ? '4:4:4' : '4:2:0'
}

/** Answers the size of the picture, or of each frame. */
async function written(image: Sharp, meta: Metadata, { xmp, exifOf }: PlannedMetadata, call: ConvertCall) {
  if (call.target === 'png' && call.page === 'all' && (meta.pages ?? 1) > 1)
    return await animationWritten(image, meta, call.output)
  if (call.target === 'avif') {
    if (xmp !== null) image.withXmp(xmp)
    // Makes a place for the EXIF, which is put there afterwards.
    if (exifOf({ width: 1, height: 1 }) !== null) image.withExif({ IFD0: { Software: 'Beside' } })
  }
  const { width, height, pageHeight = height } = await image.toFile(call.output)
  if (call.target === 'webp' && call.page === 'all') keepFrames(call.output, meta)
  return { width, height: pageHeight }
}

async function animationWritten(image: Sharp, { delay = [], loop = 0 }: Metadata, output: string) {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  const { width, channels } = info
  const height = info.pageHeight ?? info.height
  const bytes = width * height * channels
  const frames: Buffer[] = []
  for (let at = 0; at < data.length; at += bytes)
    frames.push(
      await sharp(data.subarray(at, at + bytes), { raw: { width, height, channels } })
        .png(asPng)
        .toBuffer(),
    )
  if (frames.length === 0) throw new JobError('source-damaged', { because: 'not-decodable' })
  await writeFile(output, joined(frames, { delaysMs: delay, loops: loop }))
  return { width, height }
}
