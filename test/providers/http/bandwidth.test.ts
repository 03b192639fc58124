/** The bandwidth limit by itself. */
import { describe, expect, it } from 'vitest'
import { createBandwidthLimit } from '../../../src/main/providers/http/exchange.ts'
import { eagerClock } from '../../support/clock.ts'

describe('a bandwidth limit', () => {
  it('is shared by all transfers of a provider', async () => {
    const clock = eagerClock()
    let limit: number | null = 1000
    const bandwidth = createBandwidthLimit(() => limit, clock)
    const { signal } = new AbortController()
    const startMs = clock.nowMs()
    await Promise.all([1, 2, 3].map(async () => await bandwidth.take(2000, signal)))
    await bandwidth.take(4000, signal)
    expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(9_500)
    limit = null
    const slept = clock.slept.length
    await bandwidth.take(1_000_000, signal)
    expect(clock.slept.length).toBe(slept)
  })
})
