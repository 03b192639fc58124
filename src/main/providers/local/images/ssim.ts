/**
 * Pure: how alike two pictures are, by structural similarity (SSIM; Wang, Bovik, Sheikh and Simoncelli, 2004), 0 to 1. As FFmpeg's filter of that name
 * reckons, so that the figure means the same for a picture and for a film: windows of 8 × 8 pixels, each 4 pixels on, over brightness at full
 * size and colour at half of it, which counts by its pixels. Grain counts as much as what somebody would call detail.
 */

/** A byte a pixel, in rows from the top. */
export interface Plane {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** Brightness, and the two colours at half its size. */
export type Planes = readonly [Plane, Plane, Plane]

/** By BT.601, as FFmpeg makes a film of a picture. @param rgb three bytes a pixel, in rows from the top. */
export function planesOf(rgb: Uint8Array, width: number, height: number): Planes {
  const [across, down] = [Math.ceil(width / 2), Math.ceil(height / 2)]
  const y = new Uint8Array(width * height)
  const cb = new Uint8Array(across * down)
  const cr = new Uint8Array(across * down)
  for (let at = 0, from = 0; at < y.length; at += 1, from += 3)
    y[at] = ((66 * (rgb[from] ?? 0) + 129 * (rgb[from + 1] ?? 0) + 25 * (rgb[from + 2] ?? 0) + 128) >> 8) + 16
  for (let row = 0, to = 0; row < down; row += 1) {
    const above = 2 * row * width
    const below = Math.min(2 * row + 1, height - 1) * width
    for (let column = 0; column < across; column += 1, to += 1) {
      const left = 2 * column
      const right = Math.min(left + 1, width - 1)
      const [one, two, three, four] = [3 * (above + left), 3 * (above + right), 3 * (below + left), 3 * (below + right)]
      const sum = (of: number) => (rgb[one + of] ?? 0) + (rgb[two + of] ?? 0) + (rgb[three + of] ?? 0) + (rgb[four + of] ?? 0)
      const [red, green, blue] = [sum(0), sum(1), sum(2)]
      cb[to] = ((-38 * red - 74 * green + 112 * blue + 512) >> 10) + 128
      cr[to] = ((112 * red - 94 * green - 18 * blue + 512) >> 10) + 128
    }
  }
  return [
    { data: y, width, height },
    { data: cb, width: across, height: down },
    { data: cr, width: across, height: down },
  ]
}

/** Of two pictures of the same size. */
export function ssim(one: Planes, other: Planes): number {
  let [sum, pixels] = [0, 0]
  for (const [n, plane] of one.entries()) {
    const count = plane.width * plane.height
    sum += ssimOfPlane(plane, other[n] ?? plane) * count
    pixels += count
  }
  return sum / pixels
}

const side = 4

function ssimOfPlane(one: Plane, other: Plane): number {
  const [across, down] = [one.width >> 2, one.height >> 2]
  // Less than a window is one window.
  if (across < 2 || down < 2) return likeness(sumsOver(one, other, 0, 0, one.width, one.height), one.width * one.height)
  let before = new Float64Array(4 * across)
  let now = new Float64Array(4 * across)
  let sum = 0
  for (let row = 0; row < down; row += 1) {
    sumRow(one, other, row * side, now)
    if (row > 0) {
      for (let at = 0; at < 4 * (across - 1); at += 4) {
        const of = (n: number) => (before[at + n] ?? 0) + (before[at + n + 4] ?? 0) + (now[at + n] ?? 0) + (now[at + n + 4] ?? 0)
        sum += likeness([of(0), of(1), of(2), of(3)], 64)
      }
    }
    ;[before, now] = [now, before]
  }
  return sum / ((across - 1) * (down - 1))
}

/** Of each block of four by four pixels of a row: both sums, that of their squares, and that of their products. */
function sumRow({ data: a, width }: Plane, { data: b }: Plane, top: number, into: Float64Array): void {
  const blocks = into.length / 4
  for (let block = 0; block < blocks; block += 1) {
    let [first, second, squares, products] = [0, 0, 0, 0]
    for (let row = 0; row < side; row += 1) {
      const from = (top + row) * width + block * side
      for (let at = from; at < from + side; at += 1) {
        const x = a[at] ?? 0
        const y = b[at] ?? 0
        first += x
        second += y
        squares += x * x + y * y
        products += x * y
      }
    }
    into[4 * block] = first
    into[4 * block + 1] = second
    into[4 * block + 2] = squares
    into[4 * block + 3] = products
  }
}

type Sums = readonly [first: number, second: number, squares: number, products: number]

function sumsOver(
  { data: a, width: row }: Plane,
  { data: b }: Plane,
  left: number,
  top: number,
  width: number,
  height: number,
): Sums {
  let [first, second, squares, products] = [0, 0, 0, 0]
  for (let y = top; y < top + height; y += 1)
    for (let at = y * row + left; at < y * row + left + width; at += 1) {
      const [one, other] = [a[at] ?? 0, b[at] ?? 0]
      first += one
      second += other
      squares += one * one + other * other
      products += one * other
    }
  return [first, second, squares, products]
}

/** Of a window of so many pixels. */
function likeness([first, second, squares, products]: Sums, pixels: number): number {
  const light = (0.01 * 255) ** 2 * pixels * pixels
  const contrast = (0.03 * 255) ** 2 * pixels * Math.max(1, pixels - 1)
  const variances = squares * pixels - first * first - second * second
  const covariance = products * pixels - first * second
  return (
    ((2 * first * second + light) * (2 * covariance + contrast)) /
    ((first * first + second * second + light) * (variances + contrast))
  )
}
