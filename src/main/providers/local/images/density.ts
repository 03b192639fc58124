/**
 * How many pixels go to an inch, across and down. Faxes and scans of some machines have not as many both ways; shown without that they
 * are squashed. Apart, since every format says it in its own way and all mean this.
 */

/** Pixels an inch. */
export interface Density {
  readonly x: number
  readonly y: number
}

/** What EXIF, TIFF and JFIF count in, besides inches. */
export const perCentimetre = 2.54

/** Where a file tells the shape of its pixels and not their size, they count as those of a screen: as many to an inch, one way. */
const assumedPerInch = 72

/** Of two numbers that a file states; `unit` is how many of its units make an inch, null where they have none. Null where they say nothing. */
export function densityOf(x: number, y: number, unit: number | null): Density | null {
  if (!(x > 0) || !(y > 0) || !Number.isFinite(x * y) || (unit === null && x === y)) return null
  const scale = unit ?? assumedPerInch / Math.min(x, y)
  return { x: x * scale, y: y * scale }
}

/** By how much a picture is higher than its pixels say, if those are shown as squares. */
export function stretchOf(density: Density | null): number {
  return density === null ? 1 : density.x / density.y
}

/** As TIFF and EXIF write it: to the hundredth, in inches. */
export function rational(value: number): readonly [number, number] {
  return Number.isInteger(value) ? [value, 1] : [Math.round(value * 100), 100]
}
