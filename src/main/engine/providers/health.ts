/**
 * Pure: whether an online provider is in order, judged by what its calls came to. A circuit breaker:
 *
 *   fine ─trouble─► shaky ─third in a row─► resting ─its time is over, and another trouble─► resting, twice as long
 *     ▲               │                        │
 *     └──── well ─────┴───────── well ─────────┘
 *   any ─key rejected, account empty─► blocked ─the user acts─► fine
 *
 * While it rests (the breaker is open) nothing is sent. When its time is over calls go out again, and the first that has come to
 * something decides. While it is blocked nothing is sent either, whatever comes of calls that were under way.
 * Apart, since it is pure.
 */
import { factsOf, type Failure, type FailureCode } from '../../../shared/failure.ts'

export type Health =
  | { readonly state: 'fine' }
  | { readonly state: 'shaky'; readonly troubles: number }
  /** Left alone until then; each new trouble doubles the time. */
  | { readonly state: 'resting'; readonly troubles: number; readonly untilMs: number; readonly why: Failure }
  /** Until a key is set, the account is checked, or the user says so. */
  | { readonly state: 'blocked'; readonly why: Failure }

export const fine: Health = { state: 'fine' }

const troubling: ReadonlySet<FailureCode> = new Set([
  'network',
  'provider-down',
  'provider-error',
  'answer-bad',
  'answer-lost',
  'queue-full',
])
const blocking: ReadonlySet<FailureCode> = new Set(['key-missing', 'key-rejected', 'out-of-credit'])

const troublesInARow = 3
const firstRestMs = 60_000
const maxRestMs = 30 * 60_000

/** After a call: `why` null means that it went well. Failures of the file or of the order say nothing about the provider. */
export function afterCall(health: Health, why: Failure | null, nowMs: number): Health {
  if (why === null) return health.state === 'blocked' ? health : fine
  if (blocking.has(why.code)) return { state: 'blocked', why }
  if (!troubling.has(why.code) || health.state === 'blocked') return health
  const troubles = 1 + ('troubles' in health ? health.troubles : 0)
  if (troubles < troublesInARow) return { state: 'shaky', troubles }
  const restMs = Math.min(maxRestMs, firstRestMs * 2 ** (troubles - troublesInARow))
  return { state: 'resting', troubles, untilMs: nowMs + restMs, why }
}

/** What a rest is for keeps its name where the name says how to wait; what befell one job there is nothing that befell another. */
const waitedOut: ReadonlySet<FailureCode> = new Set(['network', 'queue-full'])

/** Why nothing may be sent now, or null. */
export function unreadyBecause(health: Health, provider: string, nowMs: number): Failure | null {
  if (health.state === 'blocked') return health.why
  if (health.state !== 'resting' || nowMs >= health.untilMs) return null
  const { code } = health.why
  return {
    code: waitedOut.has(code) ? code : 'provider-down',
    // Whatever is known more exactly goes on with them, since its text is filled from them.
    facts: { ...factsOf(health.why), provider },
    retryAfterMs: health.untilMs - nowMs,
  } as Failure
}
