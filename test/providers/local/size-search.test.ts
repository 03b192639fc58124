import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextAmount, rounded, type Try } from '../../../src/main/providers/local/size-search.ts'

/** The best try that fits, of an encoder that makes so many bytes of an amount; and how many tries it took. */
function searched(limit: number, bytesOf: (amount: number) => number, first: number) {
  const tries: Try[] = []
  const bounds = { limit, fixed: 1000, least: 1, max: 1e9 }
  for (let amount: number | null = first; amount !== null; amount = nextAmount(tries, bounds))
    tries.push({ amount, bytes: bytesOf(amount) })
  const fitting = tries.filter(({ bytes }) => bytes <= limit).map(({ bytes }) => bytes)
  return { share: Math.max(0, ...fitting) / limit, tries: tries.length }
}

describe('the search for the size', () => {
  it('takes one try where the encoder keeps its word', () => {
    expect(searched(100_000, (amount) => 1000 + amount, 95_000)).toEqual({ share: 0.96, tries: 1 })
  })

  it('comes near the limit from below, however far off and crooked the encoder is', () => {
    const crooked = fc.record({
      factor: fc.double({ min: 0.4, max: 3, noNaN: true }),
      power: fc.double({ min: 0.7, max: 1.3, noNaN: true }),
      fixed: fc.integer({ min: 0, max: 40_000 }),
    })
    fc.assert(
      fc.property(crooked, ({ factor, power, fixed }) => {
        const { share, tries } = searched(100_000, (amount) => fixed + factor * 95_000 * (amount / 95_000) ** power, 95_000)
        expect([share >= 0.85, share <= 1, tries <= 7]).toEqual([true, true, true])
      }),
    )
  })

  it('ends where more or less would change nothing', () => {
    expect(searched(100_000, () => 30_000, 50_000).tries).toBeLessThan(4)
    expect(searched(100_000, () => 300_000, 50_000)).toMatchObject({ share: 0, tries: 7 })
    expect(nextAmount([{ amount: 1, bytes: 300 }], { limit: 200, fixed: 0, least: 1, max: 9 })).toBeNull()
  })

  it('says figures that people read, never less than they are', () => {
    expect([rounded(1), rounded(70_001), rounded(1_234_567)]).toEqual([1000, 71_000, 1_240_000])
  })
})
