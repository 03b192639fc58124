import Database from 'better-sqlite3'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { failure } from '../../src/shared/failure.ts'
import type { Delivery, HookDraft } from '../../src/shared/hooks.ts'
import { openStore } from '../../src/main/store/open.ts'
import type { Store } from '../../src/main/store/store.ts'
import { draftOf, numbered, startMs } from '../support/drafts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { hookDraft } from '../support/hook-listeners.ts'
import { testLog } from '../support/log.ts'
import { finishedAt, storeIn, temporaryStore } from '../support/stored.ts'

const silentLog = { ...testLog, error: () => undefined }
const action = { kind: 'url', url: 'https://example.org' } as const

function add(store: Store, change: Partial<HookDraft> = {}): number {
  return store.hooks.save(hookDraft(action, change), startMs).id
}

function all(store: Store): readonly Delivery[] {
  return store.deliveries.page({ hookId: null, phases: [] }, null, 1000).deliveries.toReversed()
}

function told(store: Store): readonly string[] {
  return all(store).map(({ event }) => `${event.about} ${event.outcome}`)
}

function batchOf(store: Store, count: number): { readonly batchId: number; readonly ids: readonly number[] } {
  const batchId = store.batches.open('drop', startMs)
  return { batchId, ids: store.jobs.add(batchId, numbered(count), startMs).map(({ id }) => id) }
}

function finish(store: Store, id: number): void {
  store.jobs.claim('local:audio', startMs)
  store.jobs.apply(id, finishedAt(startMs))
}

describe('an event', () => {
  it('makes a delivery for each hook that is for it, with the facts as they were', async () => {
    const store = await temporaryStore()
    const [every, failures] = [add(store), add(store, { name: 'with failures', outcomes: ['failed'] })]
    const { ids } = batchOf(store, 2)
    finish(store, ids[0] ?? 0)
    store.jobs.claim('local:audio', startMs)
    store.jobs.apply(ids[1] ?? 0, { type: 'fail', atMs: startMs, why: failure('source-damaged') })
    store.history.forget('all', 10)
    expect(all(store).map(({ hookId, event, state, attempt }) => [hookId, event.outcome, state.phase, attempt])).toEqual([
      [every, 'done', 'due', 0],
      [every, 'failed', 'due', 0],
      [failures, 'failed', 'due', 0],
    ])
    expect(all(store)[0]?.event).toMatchObject({ about: 'job', job: { source: '/music/take 1.wav' } })
  })

  it('makes none where no hook is for it, or the hook is off', async () => {
    const store = await temporaryStore()
    store.hooks.switch(add(store), { on: false })
    add(store, { name: 'folder', after: 'folder' })
    const { ids } = batchOf(store, 1)
    finish(store, ids[0] ?? 0)
    expect(told(store)).toEqual([])
  })

  it('of which the transaction fails has no delivery, and one that is there has its event', async () => {
    const folder = await temporaryFolder()
    const store = storeIn(folder)
    add(store)
    const { ids } = batchOf(store, 1)
    const [id = 0] = ids
    store.jobs.claim('local:audio', startMs)
    store.close()
    const running = (jobs: number) => {
      const db = new Database(join(folder, 'beside.sqlite'))
      db.prepare(`UPDATE batch_totals SET jobs = ? WHERE phase = 'running'`).run(jobs)
      db.close()
    }
    // The last that is written with the end of a job fails, when the delivery is there already.
    running(0)
    const broken = storeIn(folder, silentLog)
    expect(() => broken.jobs.apply(id, finishedAt(startMs))).toThrow('CHECK')
    const before = [broken.jobs.get(id)?.state.phase, told(broken)]
    broken.close()
    running(1)
    const mended = storeIn(folder)
    mended.jobs.apply(id, finishedAt(startMs))
    expect([before, mended.jobs.get(id)?.state.phase, told(mended)]).toEqual([['running', []], 'done', ['job done']])
  })

  it('has a key of its own with each delivery', async () => {
    const folder = await temporaryFolder()
    let drawn = 0
    const store = openStore({ folder, log: silentLog, nowMs: () => startMs, randomHex: () => String((drawn += 1)) })
    add(store)
    const { ids } = batchOf(store, 3)
    for (const id of ids) finish(store, id)
    const keys = all(store).map(({ key }) => key)
    store.close()
    expect(new Set(keys).size).toBe(3)
  })

  it('also of a job that is cancelled, skipped or cannot be read any more', async () => {
    const folder = await temporaryFolder()
    const store = storeIn(folder, silentLog)
    add(store)
    const { ids } = batchOf(store, 3)
    store.jobs.applyToSome({ kind: 'ids', ids: ids.slice(0, 1) }, ['queued'], { type: 'cancel', atMs: startMs }, 10)
    store.jobs.claim('local:audio', startMs)
    store.jobs.apply(ids[1] ?? 0, { type: 'skip', atMs: startMs, why: failure('output-exists') })
    store.close()
    const db = new Database(join(folder, 'beside.sqlite'))
    db.prepare(`UPDATE jobs SET state = json_object('phase', 'queued', 'work', 'nonsense') WHERE id = ?`).run(ids[2])
    db.close()
    const again = storeIn(folder, silentLog)
    again.jobs.get(ids[2] ?? 0)
    expect(told(again)).toEqual(['job cancelled', 'job skipped', 'job failed'])
  })
})

describe('a batch', () => {
  it('is over once, with the last of its jobs, and is told with its totals', async () => {
    const store = await temporaryStore()
    add(store, { after: 'batch' })
    const { batchId, ids } = batchOf(store, 3)
    store.batches.filled(batchId)
    for (const id of ids.slice(0, 2)) finish(store, id)
    const before = told(store)
    store.jobs.claim('local:audio', startMs)
    store.jobs.apply(ids[2] ?? 0, { type: 'fail', atMs: startMs, why: failure('source-damaged') })
    expect([before, all(store).map(({ event }) => event)]).toEqual([
      [],
      [
        {
          about: 'batch',
          outcome: 'failed',
          atMs: startMs,
          batch: {
            id: batchId,
            label: 'drop',
            watchedFolder: null,
            done: 2,
            skipped: 0,
            failed: 1,
            cancelled: 0,
            createdAtMs: startMs,
          },
        },
      ],
    ])
  })

  it('is over once where all of its jobs end in one transaction', async () => {
    const store = await temporaryStore()
    add(store, { after: 'batch' })
    const { batchId } = batchOf(store, 5)
    store.batches.filled(batchId)
    store.jobs.applyToSome({ kind: 'all' }, ['queued'], { type: 'cancel', atMs: startMs }, 100)
    expect(told(store)).toEqual(['batch cancelled'])
  })

  it('is not over as long as it is being filled, whatever has ended by then', async () => {
    const store = await temporaryStore()
    add(store, { after: 'batch' })
    const { batchId, ids } = batchOf(store, 1)
    finish(store, ids[0] ?? 0)
    const filling = told(store)
    const more = store.jobs.add(batchId, [draftOf('more.wav')], startMs)
    store.batches.filled(batchId)
    const filled = told(store)
    finish(store, more[0]?.id ?? 0)
    expect([filling, filled, told(store)]).toEqual([[], [], ['batch done']])
  })

  it('is over with its filling where its jobs were quicker, and not once more when nothing is added to it', async () => {
    const store = await temporaryStore()
    add(store, { after: 'batch' })
    const { batchId, ids } = batchOf(store, 1)
    finish(store, ids[0] ?? 0)
    store.batches.filled(batchId)
    store.batches.fill(batchId)
    store.batches.filled(batchId)
    expect(told(store)).toEqual(['batch done'])
  })

  it('is over after a crash in the middle of its filling, once', async () => {
    const store = await temporaryStore()
    add(store, { after: 'batch' })
    const { ids } = batchOf(store, 1)
    finish(store, ids[0] ?? 0)
    store.batches.recoverFilling()
    store.batches.recoverFilling()
    expect(told(store)).toEqual(['batch done'])
  })

  it('with a job that waits for somebody is not over, and is once more after a retry', async () => {
    const store = await temporaryStore()
    add(store, { after: 'batch' })
    const { batchId, ids } = batchOf(store, 1)
    const [id = 0] = ids
    store.batches.filled(batchId)
    store.jobs.claim('local:audio', startMs)
    store.jobs.apply(id, { type: 'hold', why: failure('output-exists'), work: { step: 'prepare' } })
    const waiting = told(store)
    store.jobs.apply(id, { type: 'cancel', atMs: startMs })
    store.jobs.apply(id, { type: 'retry' })
    finish(store, id)
    expect([waiting, told(store)]).toEqual([[], ['batch cancelled', 'batch done']])
  })
})

describe('deliveries', () => {
  const why = failure('hook-failed', { because: 'http-status', host: 'x', status: 500 })

  async function three() {
    const store = await temporaryStore()
    const hook = add(store)
    for (const id of batchOf(store, 3).ids) finish(store, id)
    return { store, hook }
  }

  it('are claimed in the order of their events; one that failed waits for its time and holds up none', async () => {
    const { store, hook } = await three()
    const first = store.deliveries.claim(hook, 10)
    store.deliveries.apply(first?.id ?? 0, { type: 'fail', atMs: 10, why, dueAtMs: 500 })
    const second = store.deliveries.claim(hook, 20)
    const third = store.deliveries.claim(hook, 20)
    expect([
      [first?.id, second?.id, third?.id],
      store.deliveries.claim(hook, 499),
      store.deliveries.nextDueMs(hook),
      store.deliveries.claim(hook, 500)?.attempt,
    ]).toEqual([[1, 2, 3], null, 500, 2])
  })

  it('that run when Beside is killed are due again, and the try counts; those that a stop puts back have theirs', async () => {
    const { store, hook } = await three()
    const [one, other] = [store.deliveries.claim(hook, 10), store.deliveries.claim(hook, 10)]
    store.deliveries.apply(one?.id ?? 0, { type: 'putBack' })
    const left = store.deliveries.recover([])
    expect([left, all(store).map(({ id, state, attempt }) => [id, state.phase, attempt])]).toEqual([
      1,
      [
        [one?.id, 'due', 0],
        [other?.id, 'due', 1],
        [3, 'due', 0],
      ],
    ])
  })

  it('that were given up are sent again with all their tries, those of a hook together', async () => {
    const { store, hook } = await three()
    for (let n = 0; n < 3; n += 1) {
      const { id = 0 } = store.deliveries.claim(hook, 10) ?? {}
      store.deliveries.apply(
        id,
        n === 0 ? { type: 'deliver', atMs: 10, answer: { status: 0, tookMs: 1 } } : { type: 'giveUp', atMs: 10, why },
      )
    }
    const counted = store.deliveries.counts(hook)
    const moved = [store.deliveries.again({ ids: [1, 2] }), store.deliveries.again({ hookId: hook })]
    expect([counted, moved, all(store).map(({ state, attempt }) => [state.phase, attempt])]).toEqual([
      { due: 0, running: 0, delivered: 1, failed: 0, 'given-up': 2 },
      [1, 1],
      [
        ['delivered', 1],
        ['due', 0],
        ['due', 0],
      ],
    ])
  })

  it('come by the page, of one hook or of all, in any phases', async () => {
    const { store, hook } = await three()
    add(store, { name: 'to others' })
    for (const id of batchOf(store, 2).ids) finish(store, id)
    store.deliveries.claim(hook, 10)
    const ids = (...asked: Parameters<Store['deliveries']['page']>) =>
      store.deliveries.page(...asked).deliveries.map(({ id }) => id)
    const { next } = store.deliveries.page({ hookId: null, phases: [] }, null, 3)
    expect([
      ids({ hookId: null, phases: [] }, null, 3),
      ids({ hookId: null, phases: [] }, next, 3),
      ids({ hookId: hook, phases: [] }, null, 10),
      ids({ hookId: hook, phases: ['running'] }, null, 10),
    ]).toEqual([[7, 6, 5], [4, 3, 2], [6, 4, 3, 2, 1], [1]])
  })

  it('go with their hook; names and switch of one that is replaced stay', async () => {
    const { store, hook } = await three()
    store.hooks.switch(hook, { on: false })
    const replaced = store.hooks.save(hookDraft({ kind: 'url', url: 'https://other.example' }), startMs)
    expect([replaced.id, replaced.on, all(store).length]).toEqual([hook, false, 3])
    expect([store.hooks.remove(hook), store.hooks.remove(hook), all(store).length]).toEqual([true, false, 0])
    expect(store.hooks.save(hookDraft(action), startMs).id).toBeGreaterThan(hook)
  })

  it('that have come to their end are forgotten in time, those that are due never', async () => {
    const { store, hook } = await three()
    for (let n = 0; n < 2; n += 1) {
      const { id = 0 } = store.deliveries.claim(hook, 10) ?? {}
      store.deliveries.apply(id, { type: 'deliver', atMs: 10, answer: { status: 0, tookMs: 1 } })
    }
    const none = store.deliveries.prune(startMs - 1, 2)
    const beyond = store.deliveries.prune(startMs - 1, 1)
    const left = all(store).map(({ id }) => id)
    const old = store.deliveries.prune(startMs + 1, 100)
    expect([none, beyond, left, old, all(store).map(({ id }) => id)]).toEqual([0, 1, [2, 3], 1, [3]])
  })

  it('that this version cannot read are given up when their turn comes and hold up none; a hook that it cannot read is not listed', async () => {
    const folder = await temporaryFolder()
    const store = storeIn(folder, silentLog)
    const hook = add(store)
    add(store, { name: 'to newer' })
    for (const id of batchOf(store, 2).ids) finish(store, id)
    store.close()
    const db = new Database(join(folder, 'beside.sqlite'))
    db.exec(`UPDATE deliveries SET event = '{"about":"moon"}' WHERE id = 1; UPDATE hooks SET json = '{}' WHERE name = 'to newer'`)
    db.close()
    const again = storeIn(folder, silentLog)
    expect([
      again.deliveries.claim(hook, 10)?.id,
      again.hooks.list().map(({ name }) => name),
      again.deliveries.counts(hook),
    ]).toEqual([3, ['tell'], { due: 0, running: 1, delivered: 0, failed: 0, 'given-up': 1 }])
    expect(
      again.unread
        .list()
        .map(({ what }) => what)
        .toSorted(),
    ).toEqual(['delivery', 'hook'])
  })
})
