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

/** By how much a picture is higher than its pixels say, if those are shown as squares. */
export function stretchOf(density: Density | null): number {
  return density === null ? 1 : density.x / density.y
}

/** As TIFF and EXIF write it: to the hundredth, in inches. */
export function rational(value: number): readonly [number, number] {
  return Number.isInteger(value) ? [value, 1] : [Math.round(value * 100), 100]
}
