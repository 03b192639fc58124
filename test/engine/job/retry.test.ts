import { describe, expect, it } from 'vitest'
import { failure, failureCodes } from '../../../src/shared/failure.ts'
import { retryAtMs } from '../../../src/main/engine/job/retry.ts'

describe('whether to try again', () => {
  it('waits twice as long after each failure of the network, at most five minutes', () => {
    const waits = [1, 2, 3, 7].map((attempt) => retryAtMs(failure('network'), attempt, 0, 1))
    expect(waits).toEqual([2_000, 4_000, 8_000, 128_000])
  })

  it('spreads the waits over the upper half at random', () => {
    expect([0, 0.5, 1].map((random) => retryAtMs(failure('network'), 1, 0, random))).toEqual([1_000, 1_500, 2_000])
  })

  it('gives up on the network after eight tries', () => {
    expect(retryAtMs(failure('network'), 8, 0, 0)).toBeNull()
  })

  it('never gives up when it is only told to slow down', () => {
    expect(retryAtMs(failure('rate-limited', { provider: 'x' }), 1_000, 0, 1)).toBe(60_000)
  })

  it('waits exactly as long as it was told to', () => {
    expect(retryAtMs({ ...failure('rate-limited', { provider: 'x' }), retryAfterMs: 7_000 }, 1, 100, 0)).toBe(7_100)
  })

  it('tries again by itself after these failures and no others', () => {
    const again = failureCodes.filter((code) => retryAtMs(failure(code), 1, 0, 0) !== null)
    expect(again.toSorted()).toEqual([
      'interrupted',
      'network',
      'provider-down',
      'queue-away',
      'queue-full',
      'queue-refused',
      'rate-limited',
      'source-changed',
    ])
  })
})
