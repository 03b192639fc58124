/**
 * How large a picture may be in each format, so that one that is too large is refused for that, before the work, and not called damaged
 * or failed afterwards. Apart, as the one place that knows these numbers.
 */
import { JobError } from '../../../../shared/failure.ts'
import { formats, factsOf } from '../../../../shared/formats.ts'
import { maxPixels } from './call.ts'
import type { ImageTarget } from './pairings.ts'
import type { PixelSize } from './size.ts'

/** Pixels a side, by what the encoders here can write; formats that are not named hold more than a picture may have altogether. */
const sides: Readonly<Partial<Record<ImageTarget, number>>> = { jpeg: 65_500, webp: 16_383, avif: 16_384, gif: 65_535 }
/** Of a drawing, by its renderer. */
const drawnSide = 32_767

/** @throws JobError `picture-too-large`, or `tool-memory` where it has too many pixels altogether. */
export function checkSides({ width, height }: PixelSize, target: ImageTarget): void {
  const limit = sides[target] ?? Infinity
  refuse({ width, height }, limit, factsOf(target).title)
}

/** As `checkSides`, for a drawing that is to be rendered in this size. */
export function checkDrawing({ width, height }: PixelSize): void {
  refuse({ width, height }, drawnSide, formats.svg.title)
  if (width * height > maxPixels) throw new JobError('tool-memory', { because: 'too-many-pixels', megapixels: maxPixels / 1e6 })
}

function refuse({ width, height }: PixelSize, limit: number, format: string): void {
  const side = Math.ceil(Math.max(width, height))
  if (side > limit) throw new JobError('picture-too-large', { format, limit, side, option: width >= height ? 'width' : 'height' })
}
