/** Pure: whether a failed try is worth another, and when. Time and randomness are arguments. */
import type { Failure, FailureCode } from '../../../shared/failure.ts'
import type { ProviderAbout } from '../../providers/provider.ts'

interface Patience {
  /** Claims after which it is given up; Infinity where being told to wait costs no attempt. */
  readonly tries: number
  readonly firstMs: number
  readonly maxMs: number
}

/** Claims after which a trouble of the line or of a provider is given up. */
export const maxTries = 8

/** For how long a provider may take that says nothing of it. Reaching it says nothing about the job there, so it leads to `uncertain`, not to `failed`. */
const usualDeadlineMs = 2 * 3_600_000

/** In milliseconds from the submit; Infinity where it may take as long as it takes. */
export function deadlineOf({ deadlineMs }: Pick<ProviderAbout, 'deadlineMs'>): number {
  return deadlineMs === undefined ? usualDeadlineMs : (deadlineMs ?? Infinity)
}

/** Codes that another try may cure. A code that is absent here is final. */
const patience: Readonly<Partial<Record<FailureCode, Patience>>> = {
  network: { tries: maxTries, firstMs: 2_000, maxMs: 300_000 },
  'provider-down': { tries: maxTries, firstMs: 5_000, maxMs: 300_000 },
  'queue-away': { tries: maxTries, firstMs: 5_000, maxMs: 300_000 },
  'queue-refused': { tries: maxTries, firstMs: 5_000, maxMs: 300_000 },
  'rate-limited': { tries: Infinity, firstMs: 1_000, maxMs: 60_000 },
  'queue-full': { tries: Infinity, firstMs: 2_000, maxMs: 60_000 },
  interrupted: { tries: 20, firstMs: 500, maxMs: 5_000 },
  'source-changed': { tries: 4, firstMs: 1_000, maxMs: 10_000 },
}

/** Codes that say "slow down" rather than "that went wrong": the attempt is given back. */
export const costsNoAttempt: ReadonlySet<FailureCode> = new Set(['rate-limited', 'queue-full', 'interrupted'])

/**
 * When to try again (milliseconds since 1970), or null for never.
 * @param attempt claims so far, this one counted.
 * @param random 0 to 1: waits are spread over the upper half of the interval so that many jobs do not come back at once.
 */
export function retryAtMs(failure: Failure, attempt: number, nowMs: number, random: number): number | null {
  const rule = patience[failure.code]
  if (rule === undefined || attempt >= rule.tries) return null
  if (failure.retryAfterMs !== undefined) return nowMs + failure.retryAfterMs
  const wait = Math.min(rule.maxMs, rule.firstMs * 2 ** Math.min(attempt - 1, 20))
  return nowMs + Math.round(wait * (0.5 + random / 2))
}
