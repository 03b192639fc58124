import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JobPage, Store } from '../../src/main/store/store.ts'
import { livePhases, type Phase } from '../../src/shared/job.ts'
import { draftOf, numbered, startMs } from '../support/drafts.ts'
import { queued, temporaryStore } from '../support/stored.ts'

const lane = 'local:audio'

/** Numbers of the jobs, page by page. */
function listed(
  store: Store,
  query: { phases?: readonly Phase[]; batchId?: number | null; limit?: number } = {},
): readonly number[] {
  const { phases = [], batchId = null, limit = 1000 } = query
  const ids: number[] = []
  let after: string | null = null
  do {
    const page: JobPage = store.jobs.list({ phases, batchId, after, limit })
    ids.push(...page.jobs.map(({ id }) => id))
    after = page.next
  } while (after !== null && ids.length < 5000)
  return ids
}

describe('the list of the queue', () => {
  it('holds the live jobs in the order in which they are claimed', async () => {
    const store = await temporaryStore()
    queued(store, [...numbered(4), draftOf('low.wav', { priority: -1 }), draftOf('high.wav', { priority: 1 })])
    const order = listed(store)
    const claimed = Array.from({ length: 6 }, () => store.jobs.claim(lane, startMs)?.id)
    expect(claimed).toEqual(order)
  })

  it('comes in pages of any size without a gap or a repetition, over several phases and priorities', async () => {
    const store = await temporaryStore()
    const ids = queued(store, [...numbered(20), ...numbered(9).map((draft) => ({ ...draft, priority: 1, lane: 'other' }))])
    expect(ids).toHaveLength(29)
    for (const id of [3, 7, 8, 15]) store.jobs.apply(id, { type: 'pause' })
    store.jobs.claim(lane, startMs)
    const whole = listed(store)
    expect(whole.length).toBe(20)
    expect([1, 3, 7, 50].map((limit) => listed(store, { limit }))).toEqual([whole, whole, whole, whole])
    expect(listed(store, { phases: ['paused'], limit: 1 })).toEqual([3, 7, 8, 15])
  })

  it('can be that of one batch, finished jobs among them', async () => {
    const store = await temporaryStore()
    queued(store, numbered(3))
    const batchId = store.batches.open('second', startMs)
    const added = store.jobs.add(batchId, [draftOf('x.wav'), draftOf('y.wav'), draftOf('z.wav')], startMs).map(({ id }) => id)
    store.jobs.apply(added[1] ?? 0, { type: 'cancel', atMs: startMs })
    expect(listed(store, { batchId })).toEqual([added[0], added[2]])
    expect(listed(store, { batchId, phases: ['queued', 'cancelled'], limit: 2 })).toEqual(added)
  })

  it('refuses a place that it never gave', async () => {
    const store = await temporaryStore()
    expect(() => store.jobs.list({ phases: [], batchId: null, after: 'x', limit: 5 })).toThrow('bad-cursor')
  })
})

describe('priority', () => {
  it('changes for live jobs only, and with it the order', async () => {
    const store = await temporaryStore()
    queued(store, numbered(5))
    store.jobs.apply(5, { type: 'cancel', atMs: startMs })
    const changed = store.jobs.setPriority([4, 2, 5, 99], 1)
    expect(changed.map(({ id, priority }) => [id, priority])).toEqual([
      [4, 1],
      [2, 1],
    ])
    expect(listed(store)).toEqual([2, 4, 1, 3])
    store.jobs.setPriority([2], -1)
    expect(listed(store)).toEqual([4, 1, 3, 2])
  })
})

describe('moving jobs', () => {
  it('puts them before another, in the order they have among themselves', async () => {
    const store = await temporaryStore()
    queued(store, numbered(6))
    expect(store.jobs.moveBefore([5, 2], 4).map(({ id }) => id)).toEqual([2, 5])
    expect(listed(store)).toEqual([1, 3, 2, 5, 4, 6])
    store.jobs.moveBefore([6], 1)
    expect(listed(store)).toEqual([6, 1, 3, 2, 5, 4])
  })

  it('puts them behind another, also behind the last one of its priority', async () => {
    const store = await temporaryStore()
    queued(store, numbered(6))
    expect(store.jobs.moveAfter([1, 5], 3).map(({ id }) => id)).toEqual([1, 5])
    expect(listed(store)).toEqual([2, 3, 1, 5, 4, 6])
    store.jobs.moveAfter([2], 6)
    expect(listed(store)).toEqual([3, 1, 5, 4, 6, 2])
    // Behind itself: where it is.
    store.jobs.moveAfter([5, 1], 5)
    expect(listed(store)).toEqual([3, 1, 5, 4, 6, 2])
    store.jobs.setPriority([4, 6], 1)
    store.jobs.moveAfter([2], 6)
    expect(listed(store)).toEqual([4, 6, 2, 3, 1, 5])
    expect(() => store.jobs.moveAfter([1], 99)).toThrow('not-found')
  })

  it('puts them at the end, before what comes later', async () => {
    const store = await temporaryStore()
    queued(store, numbered(4))
    store.jobs.moveBefore([1, 3], null)
    queued(store, [draftOf('later.wav')])
    expect(listed(store)).toEqual([2, 4, 1, 3, 5])
  })

  it('gives them the priority of the place, so that they stay where they were put', async () => {
    const store = await temporaryStore()
    queued(store, [draftOf('high.wav', { priority: 1 }), ...numbered(2), draftOf('low.wav', { priority: -1 })])
    store.jobs.moveBefore([4], 1)
    store.jobs.moveBefore([2], null)
    expect(listed(store)).toEqual([4, 1, 3, 2])
    expect([4, 1, 3, 2].map((id) => store.jobs.get(id)?.priority)).toEqual([1, 1, 0, 0])
  })

  it('refuses a place that is not in the queue', async () => {
    const store = await temporaryStore()
    queued(store, numbered(2))
    store.jobs.apply(2, { type: 'cancel', atMs: startMs })
    expect(() => store.jobs.moveBefore([1], 2)).toThrow('not-found')
  })

  it.each([5, 60])('finds room in the same gap again and again, among %i jobs', async (count) => {
    const store = await temporaryStore()
    queued(store, [...numbered(count), ...numbered(30, { priority: -1, order: { target: 'flac' } })])
    const lower = Array.from({ length: 30 }, (_, index) => count + index + 1)
    let expected = Array.from({ length: count }, (_, index) => index + 1)
    // Each time the last one goes right before the second: the gap there halves, and is used up after some twenty.
    for (let round = 0; round < 70; round += 1) {
      const [last = 0, second = 0] = [expected.at(-1), expected[1]]
      store.jobs.moveBefore([last], second)
      expected = [expected[0] ?? 0, last, ...expected.slice(1, -1)]
    }
    const [later = 0] = queued(store, [draftOf('later.wav')])
    expect(listed(store)).toEqual([...expected, later, ...lower])
  })

  it('does what the same moves do to a list', async () => {
    const store = await temporaryStore()
    const count = 12
    queued(store, numbered(count))
    store.jobs.apply(3, { type: 'pause' })
    let model = Array.from({ length: count }, (_, index) => index + 1)
    const id = fc.integer({ min: 1, max: count })
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 5 }), fc.option(id), (ids, before) => {
        store.jobs.moveBefore(ids, before)
        const moving = model.filter((each) => ids.includes(each))
        const from = before === null ? model.length : model.indexOf(before)
        const next = model.slice(from).find((each) => !ids.includes(each))
        const others = model.filter((each) => !ids.includes(each))
        const at = next === undefined ? others.length : others.indexOf(next)
        model = [...others.slice(0, at), ...moving, ...others.slice(at)]
        expect(listed(store, { phases: livePhases })).toEqual(model)
      }),
      { numRuns: 150 },
    )
  })
})
