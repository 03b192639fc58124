/** Pure: how large a picture becomes. */
import type { Options } from '../../../../shared/options.ts'

export interface PixelSize {
  readonly width: number
  readonly height: number
}

export type ResizeOptions = Pick<Options, 'width' | 'height' | 'fit'>

/** By how much a drawing of this natural size has to be rendered larger or smaller, so that nothing needs enlarging afterwards. */
export function renderScale(natural: PixelSize, { width, height, fit = 'inside' }: ResizeOptions): number {
  const scales = [
    ...(width === undefined ? [] : [width / natural.width]),
    ...(height === undefined ? [] : [height / natural.height]),
  ]
  if (scales.length === 0) return 1
  return fit === 'inside' || fit === 'contain' ? Math.min(...scales) : Math.max(...scales)
}

/**
 * `inside` and `outside` are limits, and a picture that is smaller stays as it is, for enlarging adds nothing but bytes; the others
 * ask for exactly this size. Drawings have no pixels of their own and always get the size asked for.
 */
export function mayEnlarge({ fit = 'inside' }: ResizeOptions, isDrawing: boolean): boolean {
  return isDrawing || (fit !== 'inside' && fit !== 'outside')
}

/** What becomes of a picture of this size; a side that is not known beforehand is that of the source. */
export function resultSize(natural: PixelSize, options: ResizeOptions, isDrawing: boolean): PixelSize {
  const { width, height, fit = 'inside' } = options
  if (width === undefined && height === undefined) return natural
  if (width !== undefined && height !== undefined && fit !== 'inside' && fit !== 'outside') return { width, height }
  const scale = renderScale(natural, options)
  const bounded = mayEnlarge(options, isDrawing) ? scale : Math.min(1, scale)
  return { width: Math.max(1, Math.round(natural.width * bounded)), height: Math.max(1, Math.round(natural.height * bounded)) }
}
