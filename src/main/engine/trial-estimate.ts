/**
 * Pure: which excerpt of a source is tried, and what its result says of the whole. Nobody knows what the rest holds, so the answer is a size
 * and two bounds, as wide as the kind of coding makes them.
 * Apart from the trial, which is all effects.
 */
import { factsOf } from '../../shared/formats.ts'
import type { Order } from '../../shared/job.ts'
import type { MediaFacts } from '../../shared/media.ts'
import type { Options } from '../../shared/options.ts'
import type { Trial } from '../../shared/trial.ts'
import type { Provider } from '../providers/provider.ts'

export const trialMs = 10_000

export interface Excerpt {
  readonly fromMs: number
  readonly lastsMs: number
  /** Of the whole conversion; null where nobody knows. */
  readonly ofMs: number | null
  /** Those of the order, cut. */
  readonly options: Options
}

/** @param atMs where it is to begin; absent: in the middle. Null: all of it is tried. */
export function excerptOf(
  facts: MediaFacts,
  { options, target }: Pick<Order, 'options' | 'target'>,
  atMs?: number,
): Excerpt | null {
  const { family } = factsOf(facts.format)
  // A frame is seen where it is.
  if (factsOf(target).family === 'image' && target !== 'gif' && options.frames !== 'animation') return null
  if (family !== 'audio' && family !== 'video') return null
  const { trimStart = 0, trimEnd = Infinity } = options
  const endMs = Math.min(trimEnd, facts.durationMs ?? facts.roughMs ?? Infinity)
  const ofMs = Number.isFinite(endMs) ? endMs - trimStart : null
  // So little more is not worth a guess.
  if (ofMs !== null && ofMs <= trialMs * 1.5) return null
  const middle = ofMs === null ? trimStart : trimStart + (ofMs - trialMs) / 2
  const latest = ofMs === null ? (atMs ?? middle) : endMs - trialMs
  const fromMs = Math.round(Math.max(trimStart, Math.min(atMs ?? middle, latest)))
  const share = ofMs === null ? 1 : trialMs / ofMs
  const limit = options.maxSize === undefined ? {} : { maxSize: partOf(options.maxSize, share, facts) }
  return { fromMs, lastsMs: trialMs, ofMs, options: { ...options, ...limit, trimStart: fromMs, trimEnd: fromMs + trialMs } }
}

/** Tags, and what any container takes. */
const describedBytes = 16_384

/** Of a limit for the whole, what falls to the excerpt: pictures and tags go along with either. */
function partOf(maxSize: number, share: number, { pictures }: MediaFacts): number {
  const fixed = Math.min(maxSize, describedBytes + pictures.reduce((sum, { bytes = 0 }) => sum + bytes, 0))
  return Math.max(1, Math.round(fixed + (maxSize - fixed) * share))
}

export interface Tried {
  readonly order: Pick<Order, 'target' | 'options'>
  readonly facts: MediaFacts
  readonly results: readonly MediaFacts[]
  readonly excerpt: Excerpt | null
  readonly bytes: number
  readonly tookMs: number
  readonly copies: ReturnType<NonNullable<Provider['copies']>>
}

export function expectedWhole(tried: Tried): Pick<Trial, 'whole' | 'isEstimate'> {
  const { facts, excerpt, bytes, tookMs, results } = tried
  const times =
    excerpt === null ? pagesLeft(facts, results) : excerpt.ofMs === null ? null : excerpt.ofMs / lastedMs(excerpt, results)
  if (times === null) return { whole: null, isEstimate: true }
  if (times === 1) return { whole: { bytes, minBytes: bytes, maxBytes: bytes, tookMs }, isEstimate: false }
  const sizes = sizesOf(tried, times)
  const [min, max] = spreadOf(tried)
  const size = sizes.reduce((sum, each) => sum + each, 0) / sizes.length
  const bounds = { minBytes: Math.min(...sizes) * min, maxBytes: Math.max(...sizes) * max }
  return { whole: limited({ bytes: size, ...bounds, tookMs: tookMs * times }, tried.order.options), isEstimate: true }
}

/** Of what became a file a page, the first alone was made. */
function pagesLeft({ format, image }: MediaFacts, results: readonly MediaFacts[]): number {
  const arePages = format === 'pdf' || format === 'tiff'
  const made = results.reduce((sum, { image: page }) => sum + (page?.pages ?? 1), 0)
  return arePages ? Math.max(1, (image?.pages ?? 1) / Math.max(1, made)) : 1
}

function lastedMs({ lastsMs }: Excerpt, [result]: readonly MediaFacts[]): number {
  const found = result?.durationMs ?? lastsMs
  // A copy begins with the nearest frame that stands alone, and says so or does not.
  return found < lastsMs / 2 ? lastsMs : found
}

/**
 * What goes over as it is, is as large as it was; of the rest the excerpt tells. Where nobody knows how much of the source is its picture, both
 * answers are given: what the source weighs, and what the excerpt does, which begins with a whole picture.
 */
function sizesOf({ facts, excerpt, bytes, copies, results }: Tried, times: number): readonly number[] {
  if (copies === 'nothing' || excerpt === null || excerpt.ofMs === null) return [bytes * times]
  const kept = facts.bytes * Math.min(1, excerpt.ofMs / (facts.durationMs ?? excerpt.ofMs))
  if (copies === 'everything') return [kept]
  const [result] = results
  const [before, after] = [heard(facts), result === undefined ? null : heard(result)]
  if (before === null || after === null) return [kept, bytes * times]
  return [kept + ((after - before) / 8) * (excerpt.ofMs / 1000)]
}

/** Bits a second of all audio; null where that is not known. */
function heard({ audio }: MediaFacts): number | null {
  let sum = 0
  for (const { bitrate } of audio) {
    if (bitrate === null) return null
    sum += bitrate
  }
  return sum
}

/** How far the whole may be from it, as shares. Scenes differ most, notes less, and a fixed bitrate is kept. */
function spreadOf({ order: { target, options }, copies }: Tried): readonly [min: number, max: number] {
  if (copies === 'everything') return [0.97, 1.03]
  if (copies === 'picture') return [0.85, 1.2]
  if (factsOf(target).family !== 'audio') return [0.6, 1.6]
  if (options.bitrate !== undefined || target === 'wav' || target === 'aiff') return [0.97, 1.03]
  return [0.8, 1.25]
}

function limited(whole: NonNullable<Trial['whole']>, { maxSize }: Options): NonNullable<Trial['whole']> {
  if (maxSize === undefined) return whole
  const capped = (bytes: number) => Math.min(bytes, maxSize)
  return { ...whole, bytes: capped(whole.bytes), minBytes: capped(whole.minBytes), maxBytes: capped(whole.maxBytes) }
}
