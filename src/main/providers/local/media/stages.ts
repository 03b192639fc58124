/** Progress of a conversion that may take several passes over its source, as one figure, with the time left. Apart, since it is arithmetic alone. */
import type { Speed, Stage } from '../../../../shared/providers.ts'
import type { Clock } from '../../../engine/ports.ts'
import type { Reporter } from '../../provider.ts'
import type { FfmpegProgress } from './ffmpeg.ts'

export interface Stages {
  /** Begins a pass that takes the figure up to `until`; what it gives is told of that pass's progress. */
  next(stage: Stage, until: number): (progress: FfmpegProgress) => void
  /** Stages of one part of the work, which take the figure up to `until`. */
  within(until: number): Stages
}

/** Before that a pace is no more than a guess. */
const paceMs = 1000

/** @param lastsMs how long each pass is in the media's own time; null where nobody knows. */
export function createStages(lastsMs: number | null, clock: Clock, report: Reporter): Stages {
  const startedAtMs = clock.nowMs()
  let reached = 0
  const part = (of: { readonly from: number; readonly until: number }): Stages => ({
    within: (until) => part({ from: reached, until: Math.max(reached, of.from + (of.until - of.from) * until) }),
    next: (stage, share) => {
      const from = reached
      const until = Math.max(reached, of.from + (of.until - of.from) * share)
      const begunAtMs = clock.nowMs()
      reached = until
      report({ stage, done: lastsMs === null ? null : from, leftMs: null })
      return ({ outMs }) => {
        if (outMs === null) return
        const tookMs = clock.nowMs() - begunAtMs
        const speed: Speed | null = tookMs < paceMs ? null : { of: 'media', value: outMs / tookMs }
        if (lastsMs === null || lastsMs === 0) {
          if (speed !== null) report({ stage, done: null, leftMs: null, speed })
          return
        }
        const done = from + (until - from) * Math.min(1, outMs / lastsMs)
        const leftMs = done === 0 ? null : Math.round(((clock.nowMs() - startedAtMs) * (1 - done)) / done)
        report({ stage, done, leftMs, speed })
      }
    },
  })
  return part({ from: 0, until: 1 })
}
