import { describe, expect, it } from 'vitest'
import { startMs } from '../support/drafts.ts'
import { temporaryStore } from '../support/stored.ts'

const dayMs = 86_400_000
/** Midnight of 2027-01-15, UTC. */
const midnightMs = Math.floor(startMs / dayMs) * dayMs

describe('what providers were paid a day', () => {
  it('is kept apart by provider and unit, by local days, within a time; what has no price is no spending', async () => {
    const { spend } = await temporaryStore()
    const job = (id: number, provider: 'xconvert' | 'musicgpt') => ({ id, batchId: 1, provider })
    spend.record(job(1, 'musicgpt'), { amount: 2, unit: 'credits' }, midnightMs + 1000)
    spend.record(job(2, 'xconvert'), { amount: 3, unit: 'credits' }, midnightMs - 1000)
    spend.record(job(3, 'xconvert'), { amount: 4, unit: 'credits' }, midnightMs + 2000)
    spend.record(job(4, 'xconvert'), { amount: 5, unit: 'minutes' }, midnightMs + 3000)
    spend.record(job(5, 'xconvert'), { amount: 0, unit: '' }, midnightMs + 4000)
    const span = { fromMs: midnightMs - dayMs, beforeMs: midnightMs + dayMs }
    expect(spend.days(span, 0)).toEqual([
      { day: '2027-01-14', provider: 'xconvert', amount: 3, unit: 'credits' },
      { day: '2027-01-15', provider: 'xconvert', amount: 4, unit: 'credits' },
      { day: '2027-01-15', provider: 'xconvert', amount: 5, unit: 'minutes' },
      { day: '2027-01-15', provider: 'musicgpt', amount: 2, unit: 'credits' },
    ])
    expect(spend.days(span, 60).map(({ day, amount }) => [day, amount])).toEqual([
      ['2027-01-15', 7],
      ['2027-01-15', 5],
      ['2027-01-15', 2],
    ])
    expect(spend.days({ fromMs: midnightMs, beforeMs: midnightMs + 2500 }, 0).map(({ amount }) => amount)).toEqual([4, 2])
  })
})
