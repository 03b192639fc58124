/** Paints both pictures of a comparison onto one canvas: the one up to the boundary, the other from there on. Apart from React, which has no part in it. */
import { ownBox, partBox, type Rectangle, type Extent } from './camera.ts'
import type { Drawn, DrawnSide } from './use-side.ts'

export interface Painting {
  readonly before: DrawnSide
  readonly after: DrawnSide
  /** Where the larger picture lies, CSS pixels. */
  readonly box: Rectangle
  readonly stage: Extent
  /** Share of the stage that shows the first. */
  readonly boundary: number
}

const squares = 10
/** From here on, pixels of the screen for one of the picture, they are shown as squares. */
const asSquares = 1.9

export function paint(canvas: HTMLCanvasElement, { before, after, box, stage, boundary }: Painting): void {
  const ratio = devicePixelRatio
  const [width, height] = [Math.round(stage.width * ratio), Math.round(stage.height * ratio)]
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d')
  if (context === null) return
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, stage.width, stage.height)
  const edge = boundary * stage.width
  const halves = [
    { side: before, left: 0, right: edge },
    { side: after, left: edge, right: stage.width },
  ]
  for (const { side, left, right } of halves) {
    if (side.base === null || right <= left) continue
    context.save()
    context.beginPath()
    context.rect(left, 0, right - left, stage.height)
    context.clip()
    const own = ownBox(side.base.whole, box)
    put(context, side.base, own)
    if (side.detail !== null) put(context, side.detail, own)
    context.restore()
  }
}

function put(context: CanvasRenderingContext2D, { image, region }: Drawn, own: Rectangle): void {
  const { left, top, width, height } = partBox(region, own)
  const scale = (width * devicePixelRatio) / image.naturalWidth
  context.imageSmoothingEnabled = scale < asSquares
  context.imageSmoothingQuality = 'high'
  // A transparent detail must not lie over its own blurred copy.
  context.save()
  context.beginPath()
  context.rect(left, top, width, height)
  context.clip()
  checker(context, own)
  context.drawImage(image, left, top, width, height)
  context.restore()
}

let pattern: HTMLCanvasElement | null = null

/** What can be seen through is seen to be so. */
function checker(context: CanvasRenderingContext2D, { left, top, width, height }: Rectangle): void {
  if (pattern === null) {
    pattern = document.createElement('canvas')
    Object.assign(pattern, { width: 2 * squares, height: 2 * squares })
    const own = pattern.getContext('2d')
    if (own !== null) {
      own.fillStyle = '#ffffff'
      own.fillRect(0, 0, 2 * squares, 2 * squares)
      own.fillStyle = '#e2e2e2'
      own.fillRect(0, 0, squares, squares)
      own.fillRect(squares, squares, squares, squares)
    }
  }
  context.fillStyle = context.createPattern(pattern, 'repeat') ?? '#ffffff'
  context.fillRect(left, top, width, height)
}
