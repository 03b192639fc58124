import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { failure } from '../../src/shared/failure.ts'
import type { Order } from '../../src/shared/job.ts'
import type { NewOrder, Store } from '../../src/main/store/store.ts'
import { draftOf, numbered, startMs } from '../support/drafts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { queued, storeIn, temporaryStore } from '../support/stored.ts'

const childProgram = fileURLToPath(new URL('../support/store-child.ts', import.meta.url))
const toFlac = changeTo({ target: 'flac' })

function changeTo(order: Partial<Order>, more: Partial<NewOrder> = {}) {
  return (job: NewOrder | null): NewOrder => {
    if (job === null) throw new Error('no job')
    return { ...job, order: { ...job.order, ...order }, ...more }
  }
}

function kinds(store: Store, ids: readonly number[], ask = toFlac, rehearsed: Map<string, number> | null = null) {
  return store.jobs.changeOrders(ids, ask, rehearsed).map((each) => (each.kind === 'refused' ? each.why : each.kind))
}

describe('another order', () => {
  it('goes into the row whole, and the job keeps its place', async () => {
    const store = await temporaryStore()
    const [first = 0, second = 0, third = 0] = queued(store, numbered(3))
    const to = { provider: 'converso', lane: 'converso', reason: { code: 'first-able' } } as const
    const ask = changeTo({ target: 'flac', options: { bitDepth: 24 } }, to)
    expect(kinds(store, [second], ask)).toEqual(['changed'])
    const list = store.jobs.list({ phases: [], batchId: null, after: null, limit: 9 }).jobs
    expect(list.map(({ id }) => id)).toEqual([first, second, third])
    expect(list[1]).toMatchObject({ ...to, order: { target: 'flac', options: { bitDepth: 24 }, counter: 1 } })
    expect([store.jobs.claim('local:audio', startMs)?.id, store.jobs.claim('converso', startMs)?.id]).toEqual([first, second])
  })

  it('makes the job rank anew where it has another priority, and asks nothing else of it', async () => {
    const store = await temporaryStore()
    const [first, second = 0] = queued(store, numbered(2))
    expect(kinds(store, [second], changeTo({}, { priority: 1 }))).toEqual(['changed'])
    const list = store.jobs.list({ phases: [], batchId: null, after: null, limit: 9 }).jobs
    expect(list.map(({ id, priority }) => [id, priority])).toEqual([
      [second, 1],
      [first, 0],
    ])
  })

  it('voids what was said of the one before: the approval, the name that may be replaced, the failure, the tries', async () => {
    const store = await temporaryStore()
    const ids = queued(store, numbered(3, { order: { ifExists: 'ask' } }))
    const [approved = 0, clashed = 0, failed = 0] = ids
    for (const id of ids) {
      store.jobs.claim('local:audio', startMs)
      const why = failure(id === clashed ? 'output-exists' : 'approval-needed')
      if (id === failed)
        store.jobs.apply(id, { type: 'again', dueAtMs: startMs * 2, why: failure('network'), work: { step: 'prepare' } })
      else store.jobs.apply(id, { type: 'hold', why, work: { step: 'prepare' } })
    }
    store.jobs.apply(approved, { type: 'approve' })
    store.jobs.resolveConflicts({ kind: 'ids', ids: [clashed] }, 'overwrite', startMs, { after: null, limit: 9 })
    expect(store.jobs.get(clashed)?.order.ifExists).toBe('overwrite')
    expect(kinds(store, ids)).toEqual(['changed', 'changed', 'changed'])
    for (const id of ids)
      expect(store.jobs.get(id)).toMatchObject({
        order: { ifExists: 'ask', target: 'flac' },
        attempt: 0,
        state: { phase: 'queued', dueAtMs: 0, work: { step: 'prepare' }, last: null },
      })
    expect(store.jobs.totals()).toMatchObject({ queued: 3, waiting: 0 })
  })

  it('that is the one it has changes nothing, not even what was said of its name', async () => {
    const store = await temporaryStore()
    const ids = queued(store, [draftOf('take.wav', { order: { ifExists: 'ask' } })])
    store.jobs.claim('local:audio', startMs)
    const [id = 0] = ids
    store.jobs.apply(id, { type: 'hold', why: failure('output-exists'), work: { step: 'prepare' } })
    store.jobs.resolveConflicts({ kind: 'ids', ids }, 'overwrite', startMs, { after: null, limit: 9 })
    expect(kinds(store, ids, changeTo({ options: {} }))).toEqual(['same'])
    expect(store.jobs.get(id)?.order.ifExists).toBe('overwrite')
  })

  it('is refused to a job that would do what another one does: both stay as they were', async () => {
    const store = await temporaryStore()
    const [mp3 = 0, opus = 0, flac = 0] = queued(store, [
      draftOf('take.wav'),
      draftOf('take.wav', { order: { target: 'opus' } }),
      draftOf('take.wav', { order: { target: 'flac' } }),
    ])
    const sameAs = (id: number) => failure('not-possible', { because: 'job-same', id: String(id) })
    expect(kinds(store, [mp3, opus, flac])).toEqual([sameAs(flac), sameAs(flac), 'same'])
    const toWav = changeTo({ target: 'wav' })
    expect(kinds(store, [mp3, opus], toWav, new Map())).toEqual(['changed', sameAs(mp3)])
    expect(kinds(store, [mp3, opus], toWav)).toEqual(['changed', sameAs(mp3)])
    expect([mp3, opus, flac].map((id) => store.jobs.get(id)?.order.target)).toEqual(['wav', 'opus', 'flac'])
    expect(store.jobs.totals().queued).toBe(3)
  })

  it('writes nothing when it is rehearsed', async () => {
    const store = await temporaryStore()
    const ids = queued(store, numbered(2))
    const before = ids.map((id) => store.jobs.get(id))
    expect(kinds(store, ids, changeTo({ target: 'flac' }, { priority: 1 }), new Map())).toEqual(['changed', 'changed'])
    expect(ids.map((id) => store.jobs.get(id))).toEqual(before)
  })

  it('is given to all of a call or, where something breaks on the way, to none', async () => {
    const store = await temporaryStore()
    const ids = queued(store, numbered(3))
    const breaks = (job: NewOrder | null) => {
      if (job !== null && 'id' in job && job.id === ids[2]) throw new Error('the power went')
      return toFlac(job)
    }
    expect(() => store.jobs.changeOrders(ids, breaks, null)).toThrow('the power went')
    expect(ids.map((id) => store.jobs.get(id)?.order.target)).toEqual(['mp3', 'mp3', 'mp3'])
    expect(kinds(store, ids)).toEqual(['changed', 'changed', 'changed'])
    expect(ids.map((id) => store.jobs.get(id)?.order.target)).toEqual(['flac', 'flac', 'flac'])
  })

  it('can be joined by a draft that asks for the same, as if it had been added so', async () => {
    const store = await temporaryStore()
    const [id = 0] = queued(store, [draftOf('take.wav')])
    kinds(store, [id])
    const same = draftOf('take.wav', { order: { target: 'flac' } })
    expect(store.jobs.add(store.batches.open('drop', startMs), [same], startMs)).toEqual([{ id, joined: true }])
    expect(queued(store, [draftOf('take.wav')])).not.toEqual([id])
  })

  it('of a process that is killed is there as it was committed, each job with one whole order', async () => {
    const folder = await temporaryFolder()
    const child = fork(childProgram, [folder, 'change'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    let committed = 0
    child.on('message', (said: { committed: number }) => (committed = said.committed))
    while (committed < 20) await once(child, 'message')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const store = storeIn(folder)
    const found = store.jobs.list({ phases: [], batchId: null, after: null, limit: 100 }).jobs
    const orders = new Set(found.map(({ order, lane, state }) => `${order.target} in ${lane}, ${state.phase}`))
    expect([found.length, orders.size, store.jobs.totals().queued, store.setAside]).toEqual([50, 1, 50, null])
    expect(['mp3', 'flac'].map((target) => `${target} in lane of ${target}, queued`)).toContain([...orders][0])
  })
})
