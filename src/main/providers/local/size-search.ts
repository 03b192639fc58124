/**
 * Pure: the search for the amount (a bitrate, a number of pixels) with which a result comes as near to its limit as it can from below. Encoders
 * keep to no figure exactly, so that each try is measured and the next one corrected by it. Apart, since films, audio, GIFs and pictures all search so.
 */

export interface Try {
  readonly amount: number
  /** Of the whole result; a guess where it was stopped on the way. */
  readonly bytes: number
}

export interface Search {
  /** Bytes that must not be passed. */
  readonly limit: number
  /** Bytes that do not depend on the amount. */
  readonly fixed: number
  readonly least: number
  readonly max: number
}

/** What is aimed at, and what is near enough, of the limit. */
export const aim = 0.96
export const enough = 0.9
const maxTries = 7
/** Less than that between two tries makes no difference that could be measured. */
const fineness = 0.008

/** The amount to be tried next; null where no other would be better. */
export function nextAmount(tries: readonly Try[], { limit, fixed, least, max }: Search): number | null {
  const good = tries.filter(({ bytes }) => bytes <= limit).toSorted((one, other) => other.bytes - one.bytes)[0]
  const bad = tries.filter(({ bytes }) => bytes > limit).toSorted((one, other) => one.amount - other.amount)[0]
  if (tries.length >= maxTries || (good !== undefined && good.bytes >= limit * enough)) return null
  const wanted = limit * aim
  if (good !== undefined && bad !== undefined) {
    const gap = bad.amount - good.amount
    if (gap <= bad.amount * fineness) return null
    const at = (wanted - good.bytes) / (bad.bytes - good.bytes)
    return good.amount + gap * Math.min(0.85, Math.max(0.15, at))
  }
  if (bad !== undefined) {
    if (bad.amount <= least) return null
    const share = Math.min(0.97, scaled(bad, wanted, fixed)) * 0.98 ** (tries.length - 1)
    return Math.max(least, bad.amount * share)
  }
  if (good === undefined || good.amount >= max * (1 - fineness)) return null
  const last = tries.at(-1) ?? good
  const before = tries.findLast(({ amount }) => amount < last.amount)
  // More was given and nothing came of it.
  if (before !== undefined && last.bytes < before.bytes * (1 + fineness)) return null
  return Math.min(max, good.amount * Math.min(8, scaled(good, wanted, fixed)))
}

/** Up, to a figure of bytes that people read. */
export function rounded(bytes: number): number {
  const unit = bytes < 100_000 ? 1000 : 10_000
  return Math.ceil(bytes / unit) * unit
}

function scaled({ bytes }: Try, wanted: number, fixed: number): number {
  const part = Math.min(fixed, bytes * 0.9, wanted * 0.9)
  return (wanted - part) / (bytes - part)
}
