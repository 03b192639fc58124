import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Store } from '../../src/main/store/store.ts'
import { atStart, isFinished, move, phases, type Job, type JobEvent, type Phase } from '../../src/shared/job.ts'
import { draftOf, startMs } from '../support/drafts.ts'
import { finishedAt, temporaryStore } from '../support/stored.ts'

const why = { code: 'tool-failed', facts: { tool: 'FFmpeg' } } as const
const work = { step: 'prepare' } as const
const outputs = [{ path: '/music/out.mp3', bytes: 700, mtimeMs: 1 }]
const events: readonly JobEvent[] = [
  { type: 'step', work: { step: 'submit', key: 'k', notes: {} } },
  finishedAt(startMs, outputs),
  { type: 'skip', atMs: startMs, why },
  { type: 'fail', atMs: startMs, why },
  { type: 'again', dueAtMs: startMs + 10, why, work },
  { type: 'again', dueAtMs: 0, why: null, work },
  { type: 'hold', why, work },
  { type: 'doubt', why },
  { type: 'pause' },
  { type: 'resume' },
  { type: 'approve' },
  { type: 'cancel', atMs: startMs },
  { type: 'retry' },
  { type: 'resolve', as: 'done', atMs: startMs },
  { type: 'resolve', as: 'again', work: atStart },
  { type: 'resolve', as: 'forget', atMs: startMs },
]

function everyJob(store: Store): readonly Job[] {
  return store.jobs.list({ phases, batchId: null, after: null, limit: 1000 }).jobs
}

function counted(jobs: readonly Job[]): Record<Phase, number> {
  const counts = Object.fromEntries(phases.map((phase) => [phase, 0])) as Record<Phase, number>
  for (const { state } of jobs) counts[state.phase] += 1
  return counts
}

const action = fc.oneof(
  fc.record({ does: fc.constant('apply' as const), id: fc.integer({ min: 1, max: 12 }), event: fc.constantFrom(...events) }),
  fc.record({ does: fc.constant('claim' as const) }),
  fc.record({ does: fc.constant('some' as const), event: fc.constantFrom(...events), limit: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ does: fc.constant('add' as const), name: fc.constantFrom('a', 'b', 'c', 'd'), batch: fc.constantFrom(1, 2) }),
  fc.record({ does: fc.constant('forget' as const), id: fc.integer({ min: 1, max: 12 }) }),
)

describe('whatever happens to jobs', () => {
  it('totals, states, history and its sums agree with what the rows say', async () => {
    const store = await temporaryStore()
    const batches = [store.batches.open('one', startMs), store.batches.open('two', startMs)]
    fc.assert(
      fc.property(fc.array(action, { minLength: 5, maxLength: 20 }), (actions) => {
        for (const step of actions) expect(surprises(store, step)).toEqual([])
        const jobs = everyJob(store)
        const finished = jobs.filter(({ state }) => isFinished(state))
        expect(store.jobs.totals()).toEqual(counted(jobs))
        for (const id of batches)
          expect(store.batches.get(id)?.totals).toEqual(counted(jobs.filter(({ batchId }) => batchId === id)))
        expect(numbers(store.history.page({}, null, 1000).jobs)).toEqual(numbers(finished))
        expect(numbers(store.history.page({ text: 'wav' }, null, 1000).jobs)).toEqual(numbers(finished))
        expect(store.history.sums({})).toEqual(store.history.sums({ text: 'music' }))
        expect(store.history.sums({}).jobs).toBe(finished.length)
      }),
      { numRuns: 40 },
    )
  })
})

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

/** Does it; answers what is not as it should be. */
function surprises(store: Store, step: Action): readonly unknown[] {
  switch (step.does) {
    case 'apply': {
      const before = store.jobs.get(step.id)
      const after = store.jobs.apply(step.id, step.event)
      const legal = before === null ? null : move(before.state, step.event)
      // A finished job stays so while another does the same.
      const isTwin = after === null && step.event.type === 'retry' && before !== null && isFinished(before.state)
      const isLegal = isTwin || isDeepStrictEqual(after?.state ?? null, legal)
      return isLegal && isDeepStrictEqual(store.jobs.get(step.id), after ?? before) ? [] : [before, after]
    }
    case 'some': {
      const moved = store.jobs.applyToSome({ kind: 'all' }, phases, step.event, step.limit)
      return moved.map(({ job }) => job).filter((job) => !isDeepStrictEqual(store.jobs.get(job.id), job))
    }
    case 'claim':
      store.jobs.claim('local:audio', startMs)
      return []
    case 'add':
      store.jobs.add(step.batch, [draftOf(`${step.name}.wav`)], startMs)
      return []
    case 'forget':
      store.history.forget([step.id], 10)
      return []
  }
}

function numbers(jobs: readonly Job[]): readonly number[] {
  return jobs.map(({ id }) => id).toSorted((one, other) => one - other)
}
