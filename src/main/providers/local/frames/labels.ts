/**
 * Times under the frames of a sheet, drawn here: FFmpeg has no letters without a font, and which fonts a machine has is not known.
 * Each is a strip of grey pixels as wide as a frame. Apart, as it knows nothing of films.
 */

/** A dot a bit, seven rows of five. */
const glyphs: Readonly<Record<string, readonly number[]>> = {
  '0': [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e],
  '1': [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e],
  '2': [0x0e, 0x11, 0x01, 0x02, 0x04, 0x08, 0x1f],
  '3': [0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e],
  '4': [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02],
  '5': [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e],
  '6': [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e],
  '7': [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
  '8': [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e],
  '9': [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c],
  ':': [0x00, 0x0c, 0x0c, 0x00, 0x0c, 0x0c, 0x00],
  '.': [0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c],
}
const columns = 5
const rows = 7
/** From one to the next. */
const advance = columns + 1
const white = 255
const black = 0

/** `1:02:03.4`: hours where there are any, tenths where the times of a sheet are not whole seconds. */
export function timeLabels(timesMs: readonly number[]): readonly string[] {
  const areWhole = timesMs.every((ms) => Math.round(ms) % 1000 === 0)
  return timesMs.map((ms) => {
    const tenths = Math.floor(Math.round(ms) / 100)
    const seconds = Math.floor(tenths / 10)
    const two = (value: number) => String(value).padStart(2, '0')
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
    const clock = `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`
    return areWhole ? clock : `${clock}.${tenths % 10}`
  })
}

export interface Strips {
  /** Pixels. */
  readonly width: number
  readonly height: number
  /** PGM files, in order. */
  readonly files: readonly Buffer[]
}

/** @param width of a frame; a label that is wider makes the strips wider. */
export function strips(labels: readonly string[], width: number): Strips {
  const dots = Math.max(...labels.map((label) => label.length)) * advance - 1
  // Two pixels a dot can be read from afar; where the frames are small, one has to do.
  const scale = dots * 2 <= width ? 2 : 1
  const wide = Math.max(width, dots * scale)
  const height = (rows + 4) * scale
  const files = labels.map((label) => {
    const head = Buffer.from(`P5\n${wide} ${height}\n255\n`)
    const pixels = Buffer.alloc(wide * height, white)
    const left = Math.floor((wide - (label.length * advance - 1) * scale) / 2)
    const dot = (x: number, y: number) => {
      for (let n = 0; n < scale; n += 1) {
        const at = (y * scale + n) * wide + left + x * scale
        pixels.fill(black, at, at + scale)
      }
    }
    for (const [n, character] of label.split('').entries())
      for (const [y, bits] of (glyphs[character] ?? []).entries())
        for (let x = 0; x < columns; x += 1) if (((bits >> (columns - 1 - x)) & 1) === 1) dot(n * advance + x, y + 2)
    return Buffer.concat([head, pixels])
  })
  return { width: wide, height, files }
}
