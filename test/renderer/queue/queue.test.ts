import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Live } from '../../../src/renderer/wire/live.ts'
import { createQueue } from '../../../src/renderer/queue/queue.ts'
import { phases, type Job } from '../../../src/shared/job.ts'
import type { Change } from '../../../src/shared/wire/contract.ts'

beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })
  // Batches are asked for a while after their jobs have changed.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  return () => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  }
})

function jobAt(id: number, priority: Job['priority'] = 0): Job {
  return { id, batchId: 1, priority, state: { phase: 'running' } } as Job
}

/** A queue of one batch with a hundred jobs, and the engine's side of it. */
async function scene() {
  const totals = Object.fromEntries(phases.map((phase) => [phase, phase === 'queued' ? 100 : 0]))
  const batch = { id: 1, label: 'songs', totals, createdAtMs: 0, undoneAtMs: null }
  let change: (changes: readonly Change[]) => void = () => {}
  let open = () => {}
  const calls = {
    batches: { list: async () => [batch], get: async () => batch },
    jobs: { list: async () => ({ jobs: Array.from({ length: 100 }, (_, index) => jobAt(index + 1)), next: null }) },
  }
  const queue = createQueue({
    calls,
    onChanges: (listener: typeof change) => (change = listener),
    onOpen: (listener: typeof open) => (open = listener),
  } as unknown as Live)
  open()
  await vi.waitFor(() => expect(queue.state.getState().rows.isLoaded).toBe(true))
  await queue.jobsOf(1, 0, 99)
  return { queue, change: (...changes: readonly Change[]) => change(changes) }
}

describe('the queue of the window', () => {
  it('is one list of rows, of which a closed batch keeps its own alone', async () => {
    const { queue } = await scene()
    const shown = () => {
      const { rows } = queue.state.getState()
      return { count: rows.count, kinds: [0, 1, 100].map((index) => rows.at(index)?.kind ?? null) }
    }
    expect(shown()).toEqual({ count: 101, kinds: ['batch', 'job', 'job'] })
    queue.toggle(1)
    expect(shown()).toEqual({ count: 1, kinds: ['batch', null, null] })
  })

  it('progress of a job draws that job again and no list', async () => {
    const { queue, change } = await scene()
    const before = queue.state.getState()
    change({ type: 'progress', progress: { id: 7, progress: 0.5 } } as Change)
    const after = queue.state.getState()
    expect({ isSameList: after.rows === before.rows, progress: [...after.progress.keys()] }).toEqual({
      isSameList: true,
      progress: [7],
    })
  })

  it('a job that is shown keeps its newest value for as long as it is, wherever else something changes', async () => {
    const { queue, change } = await scene()
    const stop = queue.follow(7)
    change({ type: 'job', job: jobAt(7, 1) })
    change({ type: 'job', job: jobAt(8, 1) })
    const whileShown = [...queue.state.getState().jobs.keys()]
    stop()
    change({ type: 'job', job: jobAt(9, 1) })
    expect({ whileShown, afterwards: [...queue.state.getState().jobs.keys()] }).toEqual({ whileShown: [7, 8], afterwards: [9] })
    expect(queue.newestOf(jobAt(7)).priority).toBe(1)
  })
})
