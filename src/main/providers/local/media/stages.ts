/** FfmpegProgress of a conversion that may take several passes over its source, as one figure, with the time left. */
import type { Clock } from '../../../engine/ports.ts'
import type { Report } from '../../provider.ts'
import type { FfmpegProgress } from './ffmpeg.ts'

export interface Stages {
  /** Begins a pass that takes the figure up to `until`; what it gives is told of that pass's progress. */
  next(words: string, until: number): (progress: FfmpegProgress) => void
}

/** @param lastsMs how long each pass is in the media's own time; null where nobody knows. */
export function createStages(lastsMs: number | null, clock: Clock, report: Report): Stages {
  const startedAtMs = clock.nowMs()
  let reached = 0
  return {
    next: (words, until) => {
      const from = reached
      reached = until
      report({ progress: lastsMs === null ? null : from, words, leftMs: null })
      return ({ outMs }) => {
        if (lastsMs === null || lastsMs === 0 || outMs === null) return
        const progress = from + (until - from) * Math.min(1, outMs / lastsMs)
        const leftMs = progress === 0 ? null : Math.round(((clock.nowMs() - startedAtMs) * (1 - progress)) / progress)
        report({ progress, words, leftMs })
      }
    },
  }
}
