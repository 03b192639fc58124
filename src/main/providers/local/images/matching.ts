/**
 * A picture in the lowest quality in which it still looks as near to its source as was asked for. It is held against what goes into the encoder: the
 * source at its new size, in the colours of the result. Each try is decoded as whoever looks at it would, and measured as a whole. Apart, as the
 * counterpart of the search for a size.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import sharp from 'sharp'
import { JobError } from '../../../../shared/failure.ts'
import type { Matched } from '../../../../shared/notes.ts'
import type { Options } from '../../../../shared/options.ts'
import { chosenOf, matchedOf, nextQuality, wantedOf, type QualityTry } from '../matching.ts'
import { maxPixels, type ConvertCall } from './call.ts'
import type { PixelSize } from './size.ts'
import { planesOf, ssim, type Planes } from './ssim.ts'

/** Of all frames together: what is compared stands in memory. */
const maxComparedPixels = 150_000_000

/** Makes the picture and answers its size. */
type Draw = (call: ConvertCall) => Promise<PixelSize>

export async function matchImage(call: ConvertCall, asked: NonNullable<Options['matchQuality']>, draw: Draw): Promise<Matched> {
  const wanted = wantedOf(asked, 'ssim')
  await draw({ ...call, isReference: true })
  const reference = await planesIn(call.output, false)
  const range = { wanted, least: 1, best: 100 }
  const tried: QualityTry[] = []
  let kept = Buffer.alloc(0)
  for (let quality = nextQuality(tried, range); quality !== null; quality = nextQuality(tried, range)) {
    await draw({ ...call, options: { ...call.options, imageQuality: quality } })
    const one = { quality, reached: ssim(reference, await planesIn(call.output, call.page === 'all')) }
    tried.push(one)
    if (chosenOf(tried, wanted) === one) kept = readFileSync(call.output)
  }
  writeFileSync(call.output, kept)
  const { quality, reached } = chosenOf(tried, wanted) ?? { quality: range.best, reached: 0 }
  return matchedOf('ssim', reached, wanted, 'imageQuality', quality)
}

/** What shows through, shows grey: on either colour of a page it would be seen. Frames stand one below the other. */
async function planesIn(path: string, animated: boolean): Promise<Planes> {
  const image = sharp(readFileSync(path), { animated, limitInputPixels: maxPixels })
  const { width, height } = await image.metadata()
  if (width * height > maxComparedPixels)
    throw new JobError('tool-memory', { because: 'too-many-pixels', megapixels: maxComparedPixels / 1e6 })
  const { data, info } = await image
    .flatten({ background: '#808080' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return planesOf(info.channels === 3 ? data : asColour(data, info.channels), info.width, info.height)
}

function asColour(grey: Uint8Array, channels: number): Uint8Array {
  const pixels = grey.length / channels
  const rgb = new Uint8Array(3 * pixels)
  for (let at = 0; at < pixels; at += 1) rgb.fill(grey[at * channels] ?? 0, 3 * at, 3 * at + 3)
  return rgb
}
