/** A look at a picture's header, inside a worker. Apart from conversions, which it shares nothing with but the way in. */
import sharp, { type Metadata } from 'sharp'
import { emptyFacts } from '../../../../shared/media.ts'
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
  const image = withFile(path, (read) => factsOf(read, bytes, format, meta, sheets.length))
  const durationMs = image.isAnimated === true ? (image.delaysMs ?? []).reduce((sum, delayMs) => sum + delayMs, 0) : null
  return { facts: { ...emptyFacts(format, bytes), durationMs, image }, sheets, isUniform }
}

/** An alpha channel in which nothing is transparent is no transparency: encoders leave it out. */
async function pixelMetadata(path: string, format: InspectCall['format']): Promise<Metadata> {
  const input = await readable(path, format)
  const meta = await sharp(input, looking).metadata()
  const isStill = (meta.pages ?? 1) === 1 && (format === 'png' || format === 'webp' || format === 'tiff' || format === 'avif')
  const isPlain = meta.depth === 'uchar' || meta.depth === 'ushort'
  return meta.hasAlpha && isStill && isPlain && (await isOpaque(input)) ? { ...meta, hasAlpha: false } : meta
}

/** False where the pixels cannot be decoded. */
async function isOpaque(input: string | Buffer): Promise<boolean> {
  try {
    const alpha = await sharp(input, looking).extractChannel('alpha').raw().toBuffer()
    return alpha.every((value) => value === 255)
  } catch {
    return false
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
