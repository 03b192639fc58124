/** How fast a transfer goes, and what is left of it by that pace. Apart, as uploads and downloads count the same way. */
import type { Clock } from '../../engine/ports.ts'
import type { ProgressReport } from '../provider.ts'

type TransferPace = (bytes: number, ofBytes: number | null) => Required<Pick<ProgressReport, 'speed' | 'leftMs'>>

/** Before that a pace is no more than a guess. */
const paceMs = 1000

/** Begins with the first bytes that it is told of: what was there before them was not transferred now. */
export function createPace(clock: Pick<Clock, 'nowMs'>): TransferPace {
  let first: { readonly bytes: number; readonly atMs: number } | null = null
  return (bytes, ofBytes) => {
    first ??= { bytes, atMs: clock.nowMs() }
    const tookMs = clock.nowMs() - first.atMs
    if (tookMs < paceMs || bytes <= first.bytes) return { speed: null, leftMs: null }
    const value = ((bytes - first.bytes) * 1000) / tookMs
    return { speed: { of: 'bytes', value }, leftMs: ofBytes === null ? null : Math.round(((ofBytes - bytes) * 1000) / value) }
  }
}
