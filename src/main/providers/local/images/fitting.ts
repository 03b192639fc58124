/**
 * A picture that may have so many bytes at most. First it is tried in the best quality that was asked for, then in lower ones, and where
 * those that still look well are not enough, in fewer pixels. What keeps every pixel (PNG, TIFF, GIF, lossless WebP) has fewer at once.
 * Each try is measured, so that nothing is guessed but where to look next.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { JobError } from '../../../../shared/failure.ts'
import { sizeText } from '../../../../shared/options.ts'
import { aim, enough, nextAmount, rounded, type Try } from '../size-search.ts'
import type { ConvertCall } from './call.ts'
import type { ImageTarget } from './pairings.ts'
import type { PixelSize } from './size.ts'

interface QualityRange {
  /** Above it a file grows and nobody sees why. */
  readonly best: number
  /** Of what is made smaller as well. */
  readonly middle: number
  /** Below it fewer pixels look better. */
  readonly worst: number
}

const ranges: Readonly<Partial<Record<ImageTarget, QualityRange>>> = {
  jpeg: { best: 95, middle: 70, worst: 45 },
  webp: { best: 92, middle: 68, worst: 40 },
  avif: { best: 80, middle: 52, worst: 30 },
}

/** Pixels of the longer side; less is nothing to look at. */
const leastSide = 32
const maxQualityTries = 8

/** Makes the picture and answers its size. */
type Draw = (call: ConvertCall) => Promise<PixelSize>

/** @throws JobError `limit-too-small`. */
export async function fitImage(call: ConvertCall, limit: number, draw: Draw): Promise<void> {
  const { best, made } = keptBest(call, limit, draw)
  const range = rangeFor(call)
  const first = await made(call, range === null ? {} : { imageQuality: range.best }, false)
  if (first.bytes <= limit) return
  const mayShrink = isScalable(call)
  const side = Math.max(first.size.width, first.size.height)
  const leastShare = mayShrink ? Math.min(1, leastSide / side) ** 2 : 1
  const shrunk = async (share: number, quality: number | null, isEven = true) => {
    const options = { ...(share < 1 && sized(first.size, share)), ...(quality !== null && { imageQuality: quality }) }
    return (await made(call, options, isEven)).bytes
  }
  const smallest = await shrunk(leastShare, range?.worst ?? null)
  if (smallest > limit) throw new JobError('limit-too-small', { limit: sizeText(limit), ...leastFacts(smallest) })
  const bounds = { limit, fixed: Math.min(smallest, limit / 2), least: leastShare, max: 1 }
  /** Quality stays; fewer pixels. */
  const search = async (quality: number | null, bytes: number, isEven = true): Promise<void> => {
    const tries: Try[] = [{ amount: 1, bytes }]
    for (let share = nextAmount(tries, bounds); share !== null; share = nextAmount(tries, bounds))
      tries.push({ amount: share, bytes: await shrunk(share, quality, isEven) })
  }
  if (range === null) await search(null, first.bytes)
  else {
    const worst = { quality: range.worst, bytes: mayShrink ? await shrunk(1, range.worst) : smallest }
    if (worst.bytes > limit) await search(range.middle, await shrunk(1, range.middle))
    else {
      const top = { quality: range.best + 1, bytes: first.bytes }
      const above = await searchQuality(limit, worst, top, (quality) => shrunk(1, quality))
      // Between two qualities, and between whole and halved colours, there may be a fifth of the size.
      if (mayShrink && best.bytes() < limit * enough)
        await search(above === top ? range.best : above.quality, above.bytes, above !== top)
    }
  }
  best.restore()
}

interface AtQuality {
  readonly quality: number
  readonly bytes: number
}

/** From one that fits and one that does not; answers the lowest that does not. */
async function searchQuality(
  limit: number,
  from: AtQuality,
  to: AtQuality,
  drawn: (quality: number) => Promise<number>,
): Promise<AtQuality> {
  let [good, bad] = [from, to]
  for (let n = 0; n < maxQualityTries && bad.quality - good.quality > 1 && good.bytes < limit * enough; n += 1) {
    // Files grow by about the same factor with each step.
    const at = Math.log((limit * aim) / good.bytes) / Math.log(bad.bytes / good.bytes)
    const guess = Math.round(good.quality + (bad.quality - good.quality) * at)
    const quality = Math.min(bad.quality - 1, Math.max(good.quality + 1, guess))
    const tried = { quality, bytes: await drawn(quality) }
    if (tried.bytes <= limit) good = tried
    else bad = tried
  }
  return bad
}

function rangeFor({ target, options }: ConvertCall): QualityRange | null {
  const range = ranges[target]
  if (range === undefined || options.lossless === true) return null
  const best = options.imageQuality ?? range.best
  return { best, middle: Math.min(best, range.middle), worst: Math.min(best, range.worst) }
}

/** Whoever asks for exactly this size gets it. */
function isScalable({ options: { width, height, fit = 'inside' } }: ConvertCall): boolean {
  return fit === 'inside' || (width === undefined && height === undefined)
}

function sized({ width, height }: PixelSize, share: number): ConvertCall['options'] {
  const scale = Math.sqrt(share)
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)), fit: 'inside' }
}

function leastFacts(bytes: number) {
  const leastBytes = rounded(bytes)
  return { least: sizeText(leastBytes), leastBytes }
}

/** Makes tries in the place of the result and keeps the largest that fits. */
function keptBest(call: ConvertCall, limit: number, draw: Draw) {
  let kept: Buffer | null = null
  return {
    best: {
      bytes: () => kept?.length ?? 0,
      restore: () => {
        if (kept !== null) writeFileSync(call.output, kept)
      },
    },
    /** @param isEven whether colours are halved whatever the quality, so that sizes grow evenly with it. */
    made: async (of: ConvertCall, options: ConvertCall['options'], isEven = true) => {
      const size = await draw({ ...of, options: { ...of.options, ...options }, ...(isEven && { halvesColour: true }) })
      const bytes = statSync(call.output).size
      if (bytes <= limit && bytes > (kept?.length ?? 0)) kept = readFileSync(call.output)
      return { size, bytes }
    },
  }
}
