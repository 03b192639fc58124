/** Pure: why no conversion begins now, besides the pause that the user asks for, and when that is to be looked at again. */
import type { Machine } from '../../shared/wire/contract.ts'
import { opensAtMs } from '../../shared/hours.ts'
import type { Held } from '../../shared/model.ts'
import type { Settings } from '../../shared/settings.ts'

/** Not every system says when it is plugged in. */
const lookAgainMs = 30_000

/** @param machine asked only where the answer counts: the system may have to be asked for it. */
export function heldBy(
  { hours, holdOnBattery }: Pick<Settings, 'hours' | 'holdOnBattery'>,
  machine: () => Machine,
  nowMs: number,
): Held | null {
  const untilMs = opensAtMs(hours, nowMs)
  if (untilMs > nowMs) return { by: 'hours', untilMs }
  return holdOnBattery && machine().power === 'battery' ? { by: 'battery' } : null
}

/** When jobs may begin, or it is worth asking again; Infinity where somebody says when that is. */
export function beginsAtMs(held: Held | null, nowMs: number): number {
  if (held === null) return nowMs
  if (held.by === 'data') return Infinity
  return held.by === 'hours' ? held.untilMs : nowMs + lookAgainMs
}
