import { failure } from '../../../src/shared/failure.ts'
import { describe, expect, it } from 'vitest'
import { createMoving, batchSize } from '../../../src/main/engine/queue/moving.ts'
import type { Store } from '../../../src/main/store/store.ts'
import { numbered, startMs } from '../../support/drafts.ts'
import { queued, temporaryStore } from '../../support/stored.ts'

const many = batchSize + 7

function movingOver(store: Store) {
  let moved = 0
  const moving = createMoving({ jobs: store.jobs, changed: () => (moved += 1), discard: async () => {}, over: () => undefined })
  return { ...moving, moved: () => moved }
}

describe('many jobs at once', () => {
  it('are moved some at a time, and others get their turn in between', async () => {
    const store = await temporaryStore()
    queued(store, numbered(batchSize * 6))
    const { moveAll, moved } = movingOver(store)
    const moving = moveAll({ kind: 'all' }, ['queued'], { type: 'cancel', atMs: startMs })
    const seen: number[] = []
    while (moved() < batchSize * 6) {
      seen.push(moved())
      await new Promise((resolve) => setImmediate(resolve))
    }
    const steps = seen.slice(1).map((count, n) => count - (seen[n] ?? 0))
    expect([await moving, Math.max(...steps) <= 2 * batchSize, seen.length > 2]).toEqual([batchSize * 6, true, true])
    expect(store.jobs.totals()).toMatchObject({ queued: 0, cancelled: batchSize * 6 })
  })

  it('that are named by their numbers are moved once each, though some are named twice', async () => {
    const store = await temporaryStore()
    const ids = queued(store, numbered(many))
    const { moveAll } = movingOver(store)
    expect(await moveAll({ kind: 'ids', ids: [...ids, ...ids, 99_999] }, ['queued'], { type: 'pause' })).toBe(many)
    expect(store.jobs.totals()).toMatchObject({ queued: 0, paused: many })
  })

  it('have their name conflicts settled, those among them that wait for something else left alone', async () => {
    const store = await temporaryStore()
    const ids = queued(store, numbered(many, { order: { ifExists: 'ask' } }))
    for (const [n, id] of ids.entries()) {
      store.jobs.claim('local:audio', startMs)
      const code = n % 2 === 0 ? 'output-exists' : 'approval-needed'
      store.jobs.apply(id, { type: 'hold', why: failure(code), work: { step: 'prepare' } })
    }
    const half = Math.ceil(many / 2)
    const { settleNameConflicts } = movingOver(store)
    expect(await settleNameConflicts({ kind: 'all' }, 'number', startMs)).toBe(half)
    expect(store.jobs.totals()).toMatchObject({ queued: half, waiting: many - half })
  })
})
