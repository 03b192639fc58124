import { failure } from '../../src/shared/failure.ts'
import { describe, expect, it } from 'vitest'
import type { Selection, Store } from '../../src/main/store/store.ts'
import type { JobEvent, Phase } from '../../src/shared/job.ts'
import { draftOf, numbered, startMs } from '../support/drafts.ts'
import { queued, temporaryStore } from '../support/stored.ts'

const lane = 'local:audio'

/** How many were moved by each call, until one moves fewer than it might. */
function moveAll(store: Store, selection: Selection, from: readonly Phase[], event: JobEvent, limit: number): readonly number[] {
  const counts: number[] = []
  while (counts.length < 50) {
    counts.push(store.jobs.applyToSome(selection, from, event, limit).length)
    if ((counts.at(-1) ?? 0) < limit) break
  }
  return counts
}

describe('one event for many jobs', () => {
  it('moves a batch some at a time, others not at all', async () => {
    const store = await temporaryStore()
    queued(store, numbered(3))
    const batchId = store.batches.open('second', startMs)
    store.jobs.add(batchId, numbered(25, { order: { target: 'flac' } }), startMs)
    expect(moveAll(store, { kind: 'batch', batchId }, ['queued'], { type: 'pause' }, 10)).toEqual([10, 10, 5])
    expect(store.jobs.totals()).toMatchObject({ queued: 3, paused: 25 })
    expect(moveAll(store, { kind: 'all' }, ['paused'], { type: 'resume' }, 25)).toEqual([25, 0])
    expect(store.jobs.totals()).toMatchObject({ queued: 28, paused: 0 })
  })

  it('moves exactly the jobs of a list, each once, from the phases asked for', async () => {
    const store = await temporaryStore()
    queued(store, numbered(6))
    store.jobs.apply(2, { type: 'pause' })
    store.jobs.claim(lane, startMs)
    const ids = [1, 2, 3, 3, 5, 77]
    const event: JobEvent = { type: 'cancel', atMs: startMs }
    expect(store.jobs.applyToSome({ kind: 'ids', ids }, ['queued', 'paused'], event, 2).map(({ job }) => job.id)).toEqual([3, 5])
    expect(store.jobs.applyToSome({ kind: 'ids', ids }, ['queued', 'paused'], event, 2).map(({ job }) => job.id)).toEqual([2])
    expect(store.jobs.totals()).toMatchObject({ queued: 2, running: 1, cancelled: 3 })
  })

  it('leaves alone what the event means nothing to', async () => {
    const store = await temporaryStore()
    queued(store, numbered(3))
    expect(moveAll(store, { kind: 'all' }, ['queued'], { type: 'resume' }, 2)).toEqual([0])
  })

  it('tells waiting ones to try now, and those that are due already not again and again', async () => {
    const store = await temporaryStore()
    queued(store, numbered(4))
    for (const id of [1, 2]) {
      store.jobs.claim(lane, startMs)
      store.jobs.apply(id, { type: 'again', dueAtMs: startMs + 1000, why: null, work: { step: 'prepare' } })
    }
    expect(moveAll(store, { kind: 'all' }, ['queued'], { type: 'retry' }, 1)).toEqual([1, 1, 0])
    expect(store.jobs.nextDueMs()).toBeNull()
  })

  it('brings finished ones back and takes them out of the history', async () => {
    const store = await temporaryStore()
    queued(store, numbered(5))
    moveAll(store, { kind: 'all' }, ['queued'], { type: 'cancel', atMs: startMs }, 3)
    expect(moveAll(store, { kind: 'all' }, ['failed', 'cancelled'], { type: 'retry' }, 2)).toEqual([2, 2, 1])
    expect([store.history.page({}, null, 10).jobs, store.jobs.totals().queued]).toEqual([[], 5])
  })
})

describe('clashes that wait', () => {
  const whole = { after: null, limit: 500 }
  async function waiting(): Promise<Store> {
    const store = await temporaryStore()
    queued(store, [...numbered(3, { order: { ifExists: 'ask' } }), draftOf('dear.wav')])
    const holds = ['output-exists', 'output-exists', 'output-exists', 'approval-needed'] as const
    for (const [index, code] of holds.entries()) {
      store.jobs.claim(lane, startMs)
      store.jobs.apply(index + 1, { type: 'hold', why: failure(code), work: { step: 'prepare' } })
    }
    return store
  }

  it('go back into the queue with the policy chosen for them; what waits for something else stays', async () => {
    const store = await waiting()
    const { moved } = store.jobs.resolveConflicts({ kind: 'ids', ids: [2, 4] }, 'overwrite', startMs, whole)
    expect(moved.map(({ id, order, state }) => [id, order.ifExists, state.phase])).toEqual([[2, 'overwrite', 'queued']])
    expect(store.jobs.get(2)?.order.ifExists).toBe('overwrite')
    expect(store.jobs.totals()).toMatchObject({ waiting: 3, queued: 1 })
  })

  it('end as skipped where that is chosen', async () => {
    const store = await waiting()
    const first = store.jobs.resolveConflicts({ kind: 'all' }, 'skip', startMs + 1, { after: null, limit: 2 })
    const second = store.jobs.resolveConflicts({ kind: 'all' }, 'skip', startMs + 1, { after: first.next, limit: 3 })
    expect([first.moved.map(({ id }) => id), second.moved.map(({ id }) => id), second.next]).toEqual([[1, 2], [3], null])
    expect(store.jobs.get(1)?.state).toEqual({
      phase: 'skipped',
      finishedAtMs: startMs + 1,
      why: { code: 'output-exists', facts: {} },
    })
    expect(store.jobs.totals()).toMatchObject({ waiting: 1, skipped: 3 })
  })

  it('are still joined by the same draft while they wait and after they were settled', async () => {
    const store = await waiting()
    store.jobs.resolveConflicts({ kind: 'ids', ids: [1] }, 'number', startMs, whole)
    expect(queued(store, numbered(2, { order: { ifExists: 'ask' } }))).toEqual([1, 2])
  })
})
