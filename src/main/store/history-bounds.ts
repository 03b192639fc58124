/** The part of the history that a query may touch, in times and in keys. */
import { JobError } from '../../shared/failure.ts'
import type { HistoryQuery } from '../../shared/model.ts'
import { keysAMs, slackMs } from './history-rows.ts'

export interface Bounds {
  /** Keys run over by up to the slack: the key bounds the walk, the time decides. */
  readonly fromKey: number
  readonly beforeKey: number
  readonly fromMs: number
  readonly beforeMs: number
}

/** The last moment whose key a double holds exactly: in the year 2109. */
const endOfTimeMs = 2 ** 42

/** @param after key of the last row that was seen; what follows it is newer where the oldest come first. */
export function boundsOf(
  { fromMs = 0, beforeMs = endOfTimeMs }: HistoryQuery,
  after: string | null,
  order: 'newest' | 'oldest' = 'newest',
): Bounds {
  const begin = Math.floor(fromMs) * keysAMs
  const end = Math.min((beforeMs + slackMs) * keysAMs, Number.MAX_SAFE_INTEGER)
  const seen = after === null ? null : keyFrom(after)
  return {
    fromMs,
    beforeMs,
    fromKey: seen !== null && order === 'oldest' ? Math.max(begin, seen + 1) : begin,
    beforeKey: seen !== null && order === 'newest' ? Math.min(end, seen) : end,
  }
}

function keyFrom(cursor: string): number {
  const key = Number(cursor)
  if (!Number.isSafeInteger(key)) throw new JobError('usage', { reason: `“${cursor}” is no place in the history.` })
  return key
}
