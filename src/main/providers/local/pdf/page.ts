/** What main process and child agree on about pages. Apart, as it loads nothing. */

/** A file, and the password that opens it where it needs one. */
export interface Opening {
  /** Absolute. */
  readonly path: string
  readonly password: string | undefined
}

/** Pixels an inch, unless a size or another density is asked for. */
export const pageDensity = 150
export const pointsPerInch = 72
/** What takes longer to read or to draw than this goes round in a circle. */
export const pageLimitMs = 30_000
export const maxPages = 10_000
