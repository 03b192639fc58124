import { describe, expect, it } from 'vitest'
import { numbered, startMs } from '../support/drafts.ts'
import { finishNext, queued, temporaryStore } from '../support/stored.ts'

const hourMs = 3_600_000

describe('the days of the history', () => {
  it.each([
    { sentence: 'sums that are kept', query: {} },
    { sentence: 'rows found by words', query: { text: 'take' } },
  ])('each local day is one entry, from $sentence', async ({ query }) => {
    const store = await temporaryStore()
    queued(store, numbered(4))
    const midnight = Math.floor(startMs / (24 * hourMs)) * 24 * hourMs
    for (const hour of [1, 9, 23, 30]) finishNext(store, midnight + hour * hourMs)
    const doneOf = (offsetMinutes: number) => store.history.days(query, offsetMinutes).map(({ done }) => done)
    expect(doneOf(0)).toEqual([3, 1])
    expect(doneOf(120)).toEqual([2, 2])
    expect(doneOf(-120)).toEqual([1, 2, 1])
  })
})
