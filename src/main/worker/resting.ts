/** When a machine that could work rests: by its hours, its battery, whoever is at it, and what it has to do for itself. Apart, as it is pure. */
import { opensAtMs } from '../../shared/hours.ts'
import type { LendingSettings, Resting } from '../../shared/lending.ts'
import type { Machine } from '../../shared/machine.ts'

/** What its owner has said. */
export type Terms = Pick<LendingSettings, 'onMains' | 'whenIdle'> & {
  readonly hours: readonly LendingSettings['hours'][number][]
}

/** How it is at the computer now. Each is asked only where the answer counts: the system may have to be asked for it. */
export interface Circumstances {
  readonly nowMs: number
  readonly power: () => Machine['power']
  /** Since somebody touched it last; null: nobody can tell. */
  readonly idleMs: (() => number) | null
  /** Whether its own queue converts on it. */
  readonly hasOwnWork: () => boolean
}

/** So long nobody has touched it when nobody is at it. */
const leastIdleMs = 5 * 60_000

/** Null: it works. */
export function restingNow(
  { hours, onMains, whenIdle }: Terms,
  { nowMs, power, idleMs, hasOwnWork }: Circumstances,
): Resting | null {
  const untilMs = opensAtMs(hours, nowMs)
  if (untilMs > nowMs) return { by: 'hours', untilMs }
  if (onMains && power() === 'battery') return { by: 'battery' }
  if (whenIdle && idleMs === null) return { by: 'user-unknown' }
  if (whenIdle && idleMs !== null && idleMs() < leastIdleMs) return { by: 'user' }
  return hasOwnWork() ? { by: 'own-work' } : null
}
