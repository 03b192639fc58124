import { describe, expect, it } from 'vitest'
import type { JobPage, Store } from '../../src/main/store/store.ts'
import type { HistoryQuery } from '../../src/shared/model.ts'
import type { JobEvent } from '../../src/shared/job.ts'
import { draftOf, type DraftWish, numbered, startMs } from '../support/drafts.ts'
import { finishedAt, finishNext, queued, temporaryStore } from '../support/stored.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Midnight of 2027-01-15, UTC. */
const midnightMs = Math.floor(startMs / dayMs) * dayMs

function pages(store: Store, query: HistoryQuery, limit: number): readonly number[] {
  const ids: number[] = []
  let after: string | null = null
  do {
    const page: JobPage = store.history.page(query, after, limit)
    ids.push(...page.jobs.map(({ id }) => id))
    after = page.next
  } while (after !== null && ids.length < 5000)
  return ids
}

/** A job that is about to give these names to its results. */
function naming(...paths: readonly string[]): JobEvent {
  const places = paths.map((path) => ({ path, inode: '1 1 1' }))
  return { type: 'step', work: { step: 'place', parts: [], base: '', places, ticket: null } }
}

function done(store: Store, name: string, atMs: number, wish: DraftWish = {}, outputBytes = 100): number {
  const [id = 0] = queued(store, [draftOf(name, wish)])
  finishNext(store, atMs, [{ path: `/music/${name}.out`, bytes: outputBytes, mtimeMs: 1 }], wish.lane)
  return id
}

describe('a page of the history', () => {
  it('shows finished jobs, newest first, in pages of any size', async () => {
    const store = await temporaryStore()
    queued(store, numbered(7))
    for (const atMs of [10, 20, 30, 40, 50]) finishNext(store, startMs + atMs)
    expect([1, 2, 5, 100].map((limit) => pages(store, {}, limit))).toEqual([1, 2, 3, 4].map(() => [5, 4, 3, 2, 1]))
  })

  it('keeps the order of finishing for jobs that finished in the same millisecond, however many', async () => {
    const store = await temporaryStore()
    queued(store, numbered(30))
    store.jobs.applyToSome({ kind: 'ids', ids: [9, 4, 7] }, ['queued'], { type: 'cancel', atMs: startMs }, 10)
    store.jobs.applyToSome({ kind: 'all' }, ['queued'], { type: 'cancel', atMs: startMs }, 5)
    expect(pages(store, {}, 2)).toEqual([6, 5, 3, 2, 1, 7, 4, 9])
  })

  it('goes by time where the clock was set back, and by the order of finishing where it only trembled', async () => {
    const store = await temporaryStore()
    queued(store, numbered(5))
    for (const atMs of [startMs, startMs + dayMs, startMs + 1, startMs, startMs + 2 * dayMs]) finishNext(store, atMs)
    expect(pages(store, {}, 3)).toEqual([5, 2, 4, 3, 1])
    expect(pages(store, { fromMs: startMs + 1, beforeMs: startMs + dayMs }, 3)).toEqual([3])
  })

  it('knows the time of each, even of more jobs than keys fit into their millisecond', async () => {
    const store = await temporaryStore()
    queued(store, numbered(2100))
    store.jobs.applyToSome({ kind: 'all' }, ['queued'], { type: 'cancel', atMs: startMs }, 2100)
    const count = (query: HistoryQuery) => store.history.page(query, null, 3000).jobs.length
    expect([
      count({ beforeMs: startMs + 1 }),
      count({ fromMs: startMs + 1 }),
      count({ text: 'take', beforeMs: startMs + 1 }),
    ]).toEqual([2100, 0, 2100])
    expect([store.history.sums({ beforeMs: startMs + 1 }).jobs, store.history.sums({ fromMs: startMs + 1 }).jobs]).toEqual([
      2100, 0,
    ])
  })

  it('goes on where it was while new ones come in', async () => {
    const store = await temporaryStore()
    queued(store, numbered(6))
    for (const atMs of [1, 2, 3, 4]) finishNext(store, startMs + atMs)
    const first = store.history.page({}, null, 2)
    finishNext(store, startMs + 5)
    expect(store.history.page({}, first.next, 2).jobs.map(({ id }) => id)).toEqual([2, 1])
  })

  it('takes every filter, alone and with others', async () => {
    const store = await temporaryStore()
    const mp3 = done(store, 'a.wav', startMs)
    const png = done(store, 'b.png', startMs + 1, { lane: 'local:image', order: { from: 'jpeg', target: 'png' } })
    const paid = done(store, 'c.wav', startMs + 2, { provider: 'xconvert', lane: 'xconvert' })
    const [failed = 0] = queued(store, [draftOf('d.wav')])
    store.jobs.claim('local:audio', startMs)
    store.jobs.apply(failed, { type: 'fail', atMs: startMs + 3, why: { code: 'source-damaged', facts: {} } })
    const batchId = store.jobs.get(paid)?.batchId ?? 0
    const found = (query: HistoryQuery) => pages(store, query, 1)
    expect(found({ outcomes: ['done'] })).toEqual([paid, png, mp3])
    expect(found({ outcomes: ['failed', 'cancelled'] })).toEqual([failed])
    expect(found({ providers: ['xconvert', 'musicgpt'] })).toEqual([paid])
    expect(found({ targets: ['mp3'], providers: ['local'] })).toEqual([failed, mp3])
    expect(found({ targets: ['mp3'], providers: ['local'], outcomes: ['done'] })).toEqual([mp3])
    expect(found({ batchId })).toEqual([paid])
    expect(found({ batchId, targets: ['png'] })).toEqual([])
    expect(found({ fromMs: startMs + 1, beforeMs: startMs + 3, targets: ['mp3'] })).toEqual([paid])
    expect(found({ outcomes: [], providers: [], targets: [], text: ' ' })).toEqual([failed, paid, png, mp3])
  })

  it('refuses a place that it never gave', async () => {
    const store = await temporaryStore()
    expect(() => store.history.page({}, 'DROP TABLE', 5)).toThrow('bad-cursor')
  })
})

describe('forgetting', () => {
  it('takes jobs out of pages, search, totals and sums, and leaves live ones alone', async () => {
    const store = await temporaryStore()
    const first = done(store, 'first.wav', startMs)
    const second = done(store, 'second.wav', startMs + 1)
    const [live = 0] = queued(store, [draftOf('live.wav')])
    expect(store.history.forget([first, first, live, 99], 10)).toBe(1)
    expect(pages(store, {}, 10)).toEqual([second])
    expect([pages(store, { text: 'first' }, 10), pages(store, { text: 'second' }, 10)]).toEqual([[], [second]])
    expect(store.history.sums({})).toMatchObject({ jobs: 1, done: 1, outputBytes: 100 })
    expect(store.jobs.totals()).toMatchObject({ done: 1, queued: 1 })
    expect([store.jobs.get(first), store.jobs.ownerOf('/music/first.wav.out')]).toEqual([null, null])
  })

  it('of everything goes some at a time, and what comes after is found as before', async () => {
    const store = await temporaryStore()
    queued(store, numbered(12))
    store.jobs.applyToSome({ kind: 'all' }, ['queued'], { type: 'cancel', atMs: startMs }, 11)
    expect([5, 5, 5].map((limit) => store.history.forget('all', limit))).toEqual([5, 5, 1])
    expect([pages(store, { text: 'take' }, 5), store.history.sums({}).jobs, store.jobs.totals().queued]).toEqual([[], 0, 1])
    finishNext(store, startMs)
    expect(pages(store, { text: 'take 12' }, 5)).toEqual([12])
  })

  it('never gives a number again', async () => {
    const store = await temporaryStore()
    const id = done(store, 'a.wav', startMs)
    store.history.forget('all', 10)
    expect(queued(store, [draftOf('a.wav')])[0]).toBeGreaterThan(id)
  })
})

describe('sums', () => {
  it('count bytes of what was converted only', async () => {
    const store = await temporaryStore()
    done(store, 'a.wav', startMs, { bytes: 1000 }, 300)
    const [cancelled = 0] = queued(store, [draftOf('b.wav', { bytes: 5000 })])
    store.jobs.apply(cancelled, { type: 'cancel', atMs: startMs })
    const all = { jobs: 2, done: 1, failed: 0, sourceBytes: 1000, outputBytes: 300 }
    expect([store.history.sums({}), store.history.sums({ text: 'music' })]).toEqual([all, all])
  })

  it('are the same from the kept sums and from the rows, for any filter and time', async () => {
    const store = await temporaryStore()
    const targets = ['mp3', 'flac', 'ogg'] as const
    for (let n = 0; n < 40; n += 1) {
      done(store, `take ${n}.wav`, midnightMs + n * 13 * 60_000, { bytes: n, order: { target: targets[n % 3] ?? 'mp3' } }, n * n)
    }
    const query: HistoryQuery = { targets: ['mp3', 'ogg'], fromMs: midnightMs + hourMs, beforeMs: midnightMs + 5 * hourMs }
    const odd = { ...query, fromMs: midnightMs + 61_000, beforeMs: midnightMs + 7 * hourMs - 1 }
    expect(store.history.sums(query)).toEqual(store.history.sums({ ...query, text: 'take' }))
    expect(store.history.sums(odd)).toEqual(store.history.sums({ ...odd, text: 'take' }))
    expect(store.history.sums(query).jobs).toBe(pages(store, query, 100).length)
    expect(store.history.sums({ fromMs: midnightMs + 61_000 }).jobs).toBe(39)
    expect(store.history.sums({ batchId: 1 }).jobs).toBe(1)
    expect(store.history.sums({ text: 'nothing of that name' })).toEqual({
      jobs: 0,
      done: 0,
      failed: 0,
      sourceBytes: 0,
      outputBytes: 0,
    })
  })
})

describe('days', () => {
  it('are those of the time zone, whole and half hours off', async () => {
    const store = await temporaryStore()
    for (const hours of [-1, 5, 18.5, 23.9]) done(store, `at ${hours}.wav`, midnightMs + hours * hourMs, { bytes: 10 }, 4)
    const byDay = (minutes: number, query: HistoryQuery = {}) =>
      store.history.days(query, minutes).map((day) => [day.day, day.done])
    expect(byDay(0)).toEqual([
      ['2027-01-14', 1],
      ['2027-01-15', 3],
    ])
    expect(byDay(330)).toEqual([
      ['2027-01-15', 2],
      ['2027-01-16', 2],
    ])
    expect(byDay(-360)).toEqual([
      ['2027-01-14', 2],
      ['2027-01-15', 2],
    ])
    expect(byDay(345, { text: 'at' })).toEqual(byDay(345))
    expect(byDay(5)).toEqual(byDay(0))
    expect(store.history.days({ outcomes: ['failed'] }, 0)).toEqual([])
    expect(store.history.days({ text: 'nothing' }, 0)).toEqual([])
    expect(store.history.days({ fromMs: midnightMs }, 0)).toEqual([
      { day: '2027-01-15', done: 3, failed: 0, sourceBytes: 30, outputBytes: 12 },
    ])
  })
})

describe('a batch', () => {
  it('is undone: its outputs are nobody’s any more', async () => {
    const store = await temporaryStore()
    const batchId = store.batches.open('12 files', startMs)
    const ids = store.jobs.add(batchId, numbered(3), startMs).map(({ id }) => id)
    const output = (n: number) => ({ path: `/music/${n}.mp3`, bytes: n, mtimeMs: n + 0.25 })
    finishNext(store, startMs, [output(1), output(2)])
    finishNext(store, startMs + 1, [output(3)])
    store.jobs.claim('local:audio', startMs)
    store.jobs.apply(ids[2] ?? 0, naming('/music/4.mp3'))
    store.jobs.apply(ids[2] ?? 0, finishedAt(startMs + 2))
    store.batches.markUndone(batchId, startMs + 9)
    expect(store.batches.get(batchId)).toMatchObject({ label: '12 files', createdAtMs: startMs, undoneAtMs: startMs + 9 })
    expect(store.jobs.ownerOf('/music/3.mp3')).toBeNull()
  })

  it('is listed newest first, page by page', async () => {
    const store = await temporaryStore()
    const ids = [1, 2, 3].map((n) => store.batches.open(`drop ${n}`, startMs + n))
    const first = store.batches.list({ after: null, limit: 2 })
    const second = store.batches.list({ after: first.at(-1)?.id ?? null, limit: 2 })
    expect([first, second].map((page) => page.map(({ id }) => id))).toEqual([[ids[2], ids[1]], [ids[0]]])
    expect(store.batches.get(77)).toBeNull()
  })
})

describe('who wrote a file', () => {
  it('is the job that claimed the path last; a job that placed nothing owns nothing', async () => {
    const store = await temporaryStore()
    const [first = 0, second = 0] = queued(store, numbered(2))
    const batchId = store.jobs.get(first)?.batchId
    store.jobs.claim('local:audio', startMs)
    store.jobs.claim('local:audio', startMs)
    store.jobs.apply(first, naming('/music/Out.mp3', '/music/second try.mp3'))
    expect(store.jobs.ownerOf('/music/Out.mp3')).toEqual({ jobId: first, batchId })
    expect(store.jobs.ownerOf('/music/out.mp3')).toBeNull()
    store.jobs.apply(first, finishedAt(startMs, [{ path: '/music/second try.mp3', bytes: 1, mtimeMs: 1 }]))
    expect(store.jobs.ownerOf('/music/Out.mp3')).toBeNull()
    store.jobs.apply(second, naming('/music/second try.mp3'))
    expect(store.jobs.ownerOf('/music/second try.mp3')?.jobId).toBe(second)
    store.jobs.apply(second, { type: 'cancel', atMs: startMs })
    expect(store.jobs.ownerOf('/music/second try.mp3')).toBeNull()
  })
})
