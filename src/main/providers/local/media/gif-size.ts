/** Pure: how a GIF gets smaller. An amount of 1 is the picture as ordered; less is fewer pixels a second. Apart from the drawing. */
import type { VideoStream } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import { fpsUnlessAsked, heightUnlessAsked } from './gif.ts'

/** The picture shrinks to this height before it loses frames; then to the least of both. */
const middleHeight = 160
const leastHeight = 32
const leastFps = 4

interface Sizes {
  readonly height: number
  readonly fps: number
  readonly middle: number
  readonly slowest: number
  readonly lowest: number
}

function sizesOf({ height, fps }: VideoStream, { maxHeight, fps: asked }: Options): Sizes {
  const top = Math.min(height ?? Infinity, maxHeight ?? heightUnlessAsked)
  const rate = asked ?? Math.min(fps ?? fpsUnlessAsked, fpsUnlessAsked)
  return {
    height: top,
    fps: rate,
    middle: Math.min(top, middleHeight),
    slowest: asked ?? Math.min(rate, leastFps),
    lowest: Math.min(top, leastHeight),
  }
}

export function gifConfig(stream: VideoStream, options: Options, amount: number): Pick<Options, 'maxHeight' | 'fps'> {
  const { height, fps, middle, slowest } = sizesOf(stream, options)
  if (amount >= 1) return {}
  const shrunk = (middle / height) ** 2
  if (amount >= shrunk) return { maxHeight: Math.round(height * Math.sqrt(amount)), fps }
  const slowed = shrunk * (slowest / fps)
  if (amount >= slowed) return { maxHeight: middle, fps: Math.round((fps * amount * 100) / shrunk) / 100 }
  return { maxHeight: Math.round(middle * Math.sqrt(amount / slowed)), fps: slowest }
}

export function gifLeast(stream: VideoStream, options: Options): number {
  const { height, fps, slowest, lowest } = sizesOf(stream, options)
  return (lowest / height) ** 2 * (slowest / fps)
}

/** Of noise, in which there is nothing that could be said shorter. */
const bytesAPixel = 1.4
const frameBytes = 30
const fixedBytes = 1000

export function leastGifBytes(stream: VideoStream, options: Options, lastsMs: number): number {
  const { slowest, lowest } = sizesOf(stream, options)
  const { width, height } = stream
  const pixels = lowest * lowest * (width === null || height === null ? 16 / 9 : width / height)
  return fixedBytes + Math.ceil((lastsMs / 1000) * slowest) * (pixels * bytesAPixel + frameBytes)
}
