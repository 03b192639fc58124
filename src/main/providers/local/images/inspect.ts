/** A look at a picture's header, inside a worker. Apart from conversions, which it shares nothing with but the way in. */
import sharp, { type Metadata } from 'sharp'
import { emptyFacts, type ImageFacts } from '../../../../shared/media.ts'
import type { InspectCall, Inspection, ThumbnailCall } from './call.ts'
import { stretchOf } from './density.ts'
import { factsOf, sequenceFacts } from './facts.ts'
import { heifFacts } from './heif.ts'
import { openSource, readable, reading } from './source.ts'
import { drawing, readSvg, svgDensity } from './svg.ts'
import { sheetsOf, withFile } from './tiff.ts'

/** What is wrong with the pixels is found when they are decoded. */
const looking = { ...reading, failOn: 'none' } as const

export async function inspect({ path, format, bytes }: InspectCall): Promise<Inspection> {
  const ofSequence =
    format === 'heic' || format === 'avif' ? withFile(path, (read) => sequenceFacts(heifFacts(read, bytes))) : null
  if (ofSequence !== null) {
    const durationMs = (ofSequence.delaysMs ?? []).reduce((sum, delayMs) => sum + delayMs, 0)
    return { facts: { ...emptyFacts(format, bytes), durationMs, image: ofSequence }, sheets: [0], isUniform: true }
  }
  const meta = format === 'svg' ? await svgMetadata(path) : await pixelMetadata(path, format)
  const { sheets, isUniform } = pagesOf(path, format, meta)
  const { image: shown, places } = withFile(path, (read) => factsOf(read, bytes, format, meta, sheets.length))
  const image = { ...shown, ...(format === 'svg' ? {} : await transparencyOf(path, format, meta)) }
  const durationMs = image.isAnimated === true ? (image.delaysMs ?? []).reduce((sum, delayMs) => sum + delayMs, 0) : null
  return { facts: { ...emptyFacts(format, bytes), durationMs, image, ...(places && { places }) }, sheets, isUniform }
}

async function pixelMetadata(path: string, format: InspectCall['format']): Promise<Metadata> {
  return await sharp(await readable(path, format), looking).metadata()
}

const alphaFormats: ReadonlySet<string> = new Set(['png', 'webp', 'tiff', 'avif', 'gif'])
/** Of animations with more pixels nobody knows whether they can be seen through: it would take too long and too much memory. */
const maxLookedThrough = 100_000_000

/**
 * An alpha channel in which nothing is transparent is no transparency: encoders leave it out. Animations use it for what stays as it
 * was in the frame before, too.
 */
async function transparencyOf(
  path: string,
  format: InspectCall['format'],
  meta: Metadata,
): Promise<Pick<ImageFacts, 'hasAlpha' | 'firstHasAlpha'>> {
  const isPlain = meta.depth === 'uchar' || meta.depth === 'ushort'
  const pages = meta.pages ?? 1
  const isAnimated = pages > 1 && (format === 'gif' || format === 'webp')
  if (!meta.hasAlpha || !isPlain || !alphaFormats.has(format) || (pages > 1 && !isAnimated)) return {}
  const pixels = meta.width * meta.height
  if (isAnimated && pixels * pages > maxLookedThrough) return { hasAlpha: undefined }
  const alpha = await alphaOf(await readable(path, format), isAnimated)
  if (alpha === null) return {}
  const isOpaque = (value: number) => value === 255
  const hasAlpha = !alpha.every(isOpaque)
  return isAnimated ? { hasAlpha, firstHasAlpha: !alpha.subarray(0, pixels).every(isOpaque) } : { hasAlpha }
}

/** A byte a pixel, of all frames where there are several; null where the pixels cannot be decoded. */
async function alphaOf(input: string | Buffer, isAnimated: boolean): Promise<Uint8Array | null> {
  try {
    return await sharp(input, { ...looking, animated: isAnimated })
      .extractChannel('alpha')
      .raw()
      .toBuffer()
  } catch {
    return null
  }
}

async function svgMetadata(path: string): Promise<Metadata> {
  const svg = drawing(await readSvg(path))
  return sharp(svg.bytes, { ...looking, ...svg.options, density: svgDensity }).metadata()
}

function pagesOf(path: string, format: InspectCall['format'], meta: Metadata): Pick<Inspection, 'sheets' | 'isUniform'> {
  const numbers = Array.from({ length: meta.pages ?? 1 }, (_, page) => page)
  // Of the pictures in a HEIF file one is the picture; the others are bursts and variants of it.
  if (format === 'heic' || format === 'avif') return { sheets: [0], isUniform: true }
  const listed = format === 'tiff' && numbers.length > 1 ? sheetsOf(path) : null
  if (listed?.length !== numbers.length) return { sheets: numbers, isUniform: format !== 'tiff' || numbers.length === 1 }
  const sheets = numbers.filter((page) => listed[page]?.isReduced === false)
  const [first] = listed
  const isUniform = listed.every((sheet) => !sheet.isReduced && sheet.width === first?.width && sheet.height === first.height)
  return { sheets: sheets.length === 0 ? [0] : sheets, isUniform }
}

export async function thumbnail({ source, from, pixels }: ThumbnailCall): Promise<Uint8Array> {
  const options = { width: pixels, height: pixels, preserveMetadata: false }
  const { image, meta, metadata } = await openSource({
    kind: 'convert',
    source,
    from,
    target: 'webp',
    page: 0,
    options,
    output: '',
  })
  // In the shape that it is shown in, where its pixels are no squares.
  const stretch = stretchOf(metadata.density)
  const { width, height } = meta.autoOrient
  const scale = Math.min(1, pixels / width, pixels / (height * stretch))
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * stretch * scale)) }
  return image
    .resize({ ...size, fit: 'fill' })
    .toColourspace('srgb')
    .webp({ quality: 78, effort: 2 })
    .toBuffer()
}
