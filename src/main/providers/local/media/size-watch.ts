/** Ends a run as soon as its result has passed a limit. Apart, since each writer of this machine has its own run. */
import type { FfmpegProgress } from './ffmpeg.ts'

/** Thrown where a run was stopped because its result had passed the limit. */
export class AboveLimit extends Error {
  /** Of the whole, had it gone on so. */
  readonly bytes: number

  constructor(bytes: number) {
    super(`above the limit: ${bytes} bytes`)
    this.name = 'AboveLimit'
    this.bytes = bytes
  }
}

/** Ends a run whose result passes `maxBytes`; `progress` is to be told how it gets on. */
export function sizeWatch(maxBytes: number, lastsMs: number | null, signal: AbortSignal) {
  const above = new AbortController()
  const progress = ({ bytes, outMs }: FfmpegProgress): void => {
    if (bytes <= maxBytes || above.signal.aborted) return
    const share = lastsMs === null || outMs === null || outMs === 0 ? 1 : Math.min(1, outMs / lastsMs)
    above.abort(new AboveLimit(Math.round(bytes / Math.max(share, 0.01))))
  }
  return { progress, signal: maxBytes === Infinity ? signal : AbortSignal.any([signal, above.signal]) }
}
