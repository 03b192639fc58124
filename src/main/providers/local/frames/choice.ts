/** Pure: which frames of a film are wanted, and what becomes of them. Apart, as it is arithmetic alone. */
import { JobError } from '../../../../shared/failure.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import type { Options } from '../../../../shared/options.ts'
import type { ProviderOrder } from '../../provider.ts'
import { isMovingPicture } from '../media/demuxers.ts'

export type Choice =
  /** One result each. */
  | { readonly kind: 'at'; readonly timesMs: readonly number[] }
  /** All of them in one result. */
  | { readonly kind: 'sheet'; readonly timesMs: readonly number[]; readonly columns: number }
  /** What decoding one after the other gives; `everyMs` null: each. `count` as far as it is known. */
  | { readonly kind: 'row'; readonly everyMs: number | null; readonly count: number | null }

/** Of frames that stand still. */
export type StillOptions = Omit<Options, 'frames'> & { readonly frames?: Exclude<NonNullable<Options['frames']>, 'animation'> }

export interface VideoLength {
  readonly lastsMs: number
  /** Of the whole film; null where it does not say. */
  readonly frames: number | null
  readonly fps: number | null
}

/** Every frame of a minute of most films. */
export const maxFrames = 2000
const maxInSheet = 100
const inSheetUnlessAsked = 16
/** The first frame of a film is black more often than not. */
const intoVideo = 0.1
/** Longer than most films go from one key frame to the next: to look for each is faster than to decode what lies between. */
export const seekFromMs = 10_000

/** @throws JobError `option-invalid` for an instant that the film does not have, `not-possible` for too many. */
export function chosenFrames(options: StillOptions, { lastsMs, frames, fps }: VideoLength): Choice {
  const { trimStart = 0, trimEnd = Infinity, frameAt, frameInterval } = options
  const endMs = Math.min(trimEnd, lastsMs)
  refuseBehind('trimStart', trimStart, lastsMs)
  const stretchMs = Math.max(0, endMs - trimStart)
  const everyMs = frameInterval === undefined ? null : frameInterval * 1000
  const each = (ms: number, max: number) => {
    const count = Math.max(1, Math.ceil(stretchMs / ms))
    refuseMany(count, max)
    return Array.from({ length: count }, (_, n) => trimStart + n * ms)
  }
  switch (options.frames ?? 'one') {
    case 'one':
      if (frameAt !== undefined) refuseBehind('frameAt', frameAt, lastsMs)
      return { kind: 'at', timesMs: [frameAt ?? trimStart + stretchMs * intoVideo] }
    case 'storyboard': {
      const evenly = (_: unknown, n: number) => trimStart + (stretchMs * (n + 0.5)) / inSheetUnlessAsked
      const timesMs = everyMs === null ? Array.from({ length: inSheetUnlessAsked }, evenly) : each(everyMs, maxInSheet)
      return { kind: 'sheet', timesMs, columns: Math.ceil(Math.sqrt(timesMs.length)) }
    }
    case 'all': {
      if (everyMs !== null && everyMs >= seekFromMs) return { kind: 'at', timesMs: each(everyMs, maxFrames) }
      if (everyMs !== null) return { kind: 'row', everyMs, count: each(everyMs, maxFrames).length }
      const share = lastsMs === 0 ? 1 : stretchMs / lastsMs
      const count = frames !== null ? Math.round(frames * share) : fps !== null ? Math.round((stretchMs * fps) / 1000) : null
      if (count !== null) refuseMany(count, maxFrames)
      return { kind: 'row', everyMs: null, count }
    }
  }
}

/** @throws JobError `not-possible` */
export function refuseMany(count: number, limit: number): void {
  if (count > limit) throw new JobError('not-possible', { because: 'too-many-frames', count, limit })
}

function refuseBehind(option: 'frameAt' | 'trimStart', atMs: number, lastsMs: number): void {
  if (atMs === 0 || atMs < lastsMs) return
  const seconds = (ms: number) => (ms / 1000).toFixed(3)
  throw new JobError('option-invalid', { option, value: seconds(atMs), allowed: `less than the length, ${seconds(lastsMs)}` })
}

export const animatedTargets = ['webp', 'avif'] as const
export type AnimatedTarget = (typeof animatedTargets)[number]

export function isAnimatedTarget(target: FormatId): target is AnimatedTarget {
  return (animatedTargets as readonly FormatId[]).includes(target)
}

/** Whether all that is asked for can be had of an animation, too. */
export function takesAnimation({ from, target, options }: Pick<ProviderOrder, 'from' | 'target' | 'options'>): boolean {
  const { frameAt, frameInterval, maxSize, matchQuality, fit = 'inside', lossless } = options
  const isSearched = maxSize !== undefined || matchQuality !== undefined
  const isPlain = frameAt === undefined && frameInterval === undefined && !isSearched && fit === 'inside'
  // The encoder of WebP guesses how long the last frame lasts, by the others.
  const isTold = target === 'webp' && !isMovingPicture(from)
  return isPlain && (isTold || (target === 'avif' && lossless !== true))
}
