/** A look at a picture's header, inside a worker. Apart from conversions, which it shares nothing with but the way in. */
import sharp, { type Metadata } from 'sharp'
import { emptyFacts } from '../../../../shared/media.ts'
import type { InspectCall, Inspection, ThumbnailCall } from './call.ts'
import { inputOf, reading, openSource } from './source.ts'
import { readSvg, svgDensity } from './svg.ts'
import { sheetsOf } from './tiff.ts'

export async function inspect({ path, format, bytes }: InspectCall): Promise<Inspection> {
  const meta = format === 'svg' ? await svgMetadata(path) : await sharp(await inputOf(path), reading).metadata()
  const { sheets, isUniform } = pagesOf(path, format, meta)
  const isMoving = (format === 'gif' || format === 'webp') && sheets.length > 1
  return {
    facts: {
      ...emptyFacts(format, bytes),
      durationMs: isMoving ? (meta.delay ?? []).reduce((sum, delayMs) => sum + delayMs, 0) : null,
      image: {
        width: meta.autoOrient.width,
        height: meta.autoOrient.height,
        pages: sheets.length,
        ...(isMoving && { isAnimated: true, delaysMs: meta.delay ?? [] }),
      },
    },
    sheets,
    isUniform,
  }
}

async function svgMetadata(path: string): Promise<Metadata> {
  return sharp(await readSvg(path), { ...reading, density: svgDensity }).metadata()
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
  const { image } = await openSource({ kind: 'convert', source, from, target: 'webp', page: 0, options, output: '' })
  return image
    .resize({ width: pixels, height: pixels, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .webp({ quality: 78, effort: 2 })
    .toBuffer()
}
