/**
 * Pure: the search for the lowest quality whose result still looks as near to its source as was asked for. What "near" is, is a figure for each level
 * and measure. Apart, since pictures and films search so.
 */
import type { MatchLevel, Options } from '../../../shared/options.ts'
import type { Matched } from '../../../shared/notes.ts'

export type Measure = Matched['measure']

/**
 * SSIM from 0 to 1, VMAF from 0 to 100: two scales, and no figure of one means anything on the other. With 97 in VMAF hardly anybody tells two
 * films apart, with 90 one sees it when one looks; SSIM is set to be as strict with ordinary films and photos: even areas, of which nothing can be lost,
 * count in it, so that a picture of a clear sky reaches any of them with less.
 */
const levels: Readonly<Record<Measure, Readonly<Record<MatchLevel, number>>>> = {
  ssim: { good: 0.97, high: 0.985, 'visually-lossless': 0.995 },
  vmaf: { good: 90, high: 94, 'visually-lossless': 97 },
}

/** A figure is one of SSIM, whatever else could measure. */
export function measureFor(asked: NonNullable<Options['matchQuality']>, hasVmaf: boolean): Measure {
  return hasVmaf && typeof asked !== 'number' ? 'vmaf' : 'ssim'
}

export function wantedOf(asked: NonNullable<Options['matchQuality']>, measure: Measure): number {
  // As it was typed: 99.9 per cent are 0.999.
  return typeof asked === 'number' ? Number((asked / 100).toFixed(6)) : levels[measure][asked]
}

export interface QualityTry {
  /** A whole number that rises with quality and size. */
  readonly quality: number
  readonly reached: number
}

export interface QualityRange {
  readonly wanted: number
  readonly least: number
  readonly best: number
}

/** The quality to be tried next; null where the lowest that is good enough has been tried, or not even the best one is. */
export function nextQuality(tried: readonly QualityTry[], { wanted, least, best }: QualityRange): number | null {
  const enough = Math.min(best + 1, ...tried.filter(({ reached }) => reached >= wanted).map(({ quality }) => quality))
  const missing = tried.filter(({ quality, reached }) => reached < wanted && quality < enough)
  const tooLow = Math.max(least - 1, ...missing.map(({ quality }) => quality))
  return enough - tooLow <= 1 ? null : Math.floor((enough + tooLow) / 2)
}

/** The lowest that is good enough; where none is, the best. Null where nothing was tried. */
export function chosenOf(tried: readonly QualityTry[], wanted: number): QualityTry | null {
  const enough = tried.filter(({ reached }) => reached >= wanted).toSorted((one, other) => one.quality - other.quality)
  const best = tried.toSorted((one, other) => other.quality - one.quality)
  return enough[0] ?? best[0] ?? null
}

/** As it is told; a figure is never rounded up to what it has not reached. */
export function matchedOf(measure: Measure, reached: number, wanted: number, by: Matched['by'], at: number): Matched {
  const digits = measure === 'ssim' ? 1e4 : 1e2
  const told = Math.floor(reached * digits) / digits
  return { measure, reached: told, by, at, ...(reached < wanted && { missed: wanted }) }
}
