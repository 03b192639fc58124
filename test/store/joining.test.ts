import { describe, expect, it } from 'vitest'
import type { Order } from '../../src/shared/job.ts'
import { sourceHash } from '../../src/main/store/jobs.ts'
import { draftOf, numbered, startMs } from '../support/drafts.ts'
import { finishNext, queued, temporaryStore } from '../support/stored.ts'

const lane = 'local:audio'

describe('a draft', () => {
  it('joins the live job that does the same, in whatever order its options are named', async () => {
    const store = await temporaryStore()
    const batch = store.batches.open('drop', startMs)
    const first = draftOf('take.wav', { order: { options: { bitrate: 192, channels: 1 } } })
    const same = draftOf('take.wav', { order: { options: { channels: 1, bitrate: 192 }, counter: 7, preset: 'mine' }, bytes: 5 })
    const id = store.jobs.add(batch, [first], startMs)[0]?.id ?? 0
    expect(store.jobs.add(batch, [same], startMs)).toEqual([{ id, joined: true }])
    store.jobs.claim(lane, startMs)
    expect(store.jobs.add(batch, [same], startMs)).toEqual([{ id, joined: true }])
    expect(store.jobs.get(id)?.order).toMatchObject({ counter: 1, preset: null })
  })

  it('counts for whoever asks who needs a file, also as a further source of what becomes one', async () => {
    const store = await temporaryStore()
    const further = { kind: 'file' as const, path: '/music/b.wav', bytes: 1, mtimeMs: 1 }
    const [id = 0] = queued(store, [draftOf('a.wav', { order: { others: [further] } }), draftOf('c.wav')])
    expect([store.jobs.othersOn('/music/b.wav', 0), store.jobs.othersOn('/music/b.wav', id)]).toEqual([1, 0])
    finishNext(store, startMs)
    expect(store.jobs.othersOn('/music/b.wav', 0)).toBe(0)
  })

  it('joins an equal one of the same call', async () => {
    const store = await temporaryStore()
    const added = store.jobs.add(store.batches.open('drop', 0), [draftOf('a.wav'), draftOf('b.wav'), draftOf('a.wav')], startMs)
    expect(added.map(({ joined }) => joined)).toEqual([false, false, true])
    expect(added[2]?.id).toBe(added[0]?.id)
    expect(store.jobs.totals().queued).toBe(2)
  })

  it.each<[what: string, other: Partial<Order>]>([
    ['target', { target: 'flac' }],
    ['options', { options: { bitrate: 128 } }],
    ['folder', { folder: '/elsewhere' }],
    ['name', { name: '{name}-{counter}' }],
    ['clash policy', { ifExists: 'overwrite' }],
    ['provider wished for', { with: 'local' }],
    ['privacy', { localOnly: true }],
    ['dates', { keepDates: false }],
    ['aftermath', { afterwards: 'trash' }],
    ['source', { source: { kind: 'url', url: '/music/take.wav?' } }],
  ])('does not join where the %s is another', async (_, other) => {
    const store = await temporaryStore()
    // The very same bag, as the drafts of one request have.
    const options = {}
    const drafts = [draftOf('take.wav', { order: { options } }), draftOf('take.wav', { order: { options, ...other } })]
    expect(store.jobs.add(store.batches.open('drop', 0), drafts, startMs).map(({ joined }) => joined)).toEqual([false, false])
  })

  it('is queued anew once the earlier job has finished', async () => {
    const store = await temporaryStore()
    const [first] = queued(store, [draftOf('take.wav')])
    finishNext(store, startMs)
    const [second] = queued(store, [draftOf('take.wav')])
    expect(second).not.toBe(first)
  })

  it('is refused by name for a batch that is not there, and nothing of the call stays', async () => {
    const store = await temporaryStore()
    expect(() => store.jobs.add(99, [draftOf('take.wav')], startMs)).toThrow('not-found')
    expect(store.jobs.totals().queued).toBe(0)
    expect(queued(store, [draftOf('take.wav')])).toHaveLength(1)
  })

  it('leaves nothing behind when the call it came with fails', async () => {
    const store = await temporaryStore()
    const batch = store.batches.open('drop', startMs)
    const broken = { ...draftOf('b.wav'), lane: null } as never
    expect(() => store.jobs.add(batch, [draftOf('a.wav'), broken], startMs)).toThrow('NOT NULL')
    expect([store.jobs.totals().queued, store.jobs.add(batch, [draftOf('a.wav')], startMs)]).toEqual([
      0,
      [{ id: 1, joined: false }],
    ])
  })

  it('with the same hashes as another source is queued for itself', async () => {
    const [one, other] = ['7b49d3cb5f583.wav', '174ac423158afe.wav']
    expect(sourceHash(`/music/${one}`)).toEqual(sourceHash(`/music/${other}`))
    const store = await temporaryStore()
    const ids = queued(store, [draftOf(one), draftOf(other)])
    const sources = ids.map((id) => store.jobs.get(id)?.order.source)
    expect(sources).toMatchObject([{ path: `/music/${one}` }, { path: `/music/${other}` }])
    expect(store.jobs.othersOn(`/music/${other}`, 0)).toBe(1)
  })
})

describe('a finished job that is tried again', () => {
  it('stays finished while a live one does the same', async () => {
    const store = await temporaryStore()
    const [old = 0] = queued(store, [draftOf('take.wav')])
    store.jobs.apply(old, { type: 'cancel', atMs: startMs })
    const [live = 0] = queued(store, [draftOf('take.wav')])
    expect(store.jobs.apply(old, { type: 'retry' })).toBeNull()
    expect(store.jobs.get(old)?.state.phase).toBe('cancelled')
    store.jobs.apply(live, { type: 'cancel', atMs: startMs })
    expect(store.jobs.apply(old, { type: 'retry' })?.state.phase).toBe('queued')
    expect(store.jobs.apply(live, { type: 'retry' })).toBeNull()
  })

  it('stays out of the way of the others of its batch', async () => {
    const store = await temporaryStore()
    const batch = store.batches.open('drop', startMs)
    const all = store.jobs.add(batch, numbered(10), startMs)
    store.jobs.applyToSome({ kind: 'all' }, ['queued'], { type: 'cancel', atMs: startMs }, 100)
    const twins = queued(store, numbered(4))
    const moved: number[] = []
    while (moved.length < all.length) {
      const some = store.jobs.applyToSome({ kind: 'batch', batchId: batch }, ['cancelled'], { type: 'retry' }, 4)
      moved.push(...some.map(({ job: { id } }) => id))
      if (some.length < 4) break
    }
    expect(moved).toEqual(all.slice(4).map(({ id }) => id))
    expect(store.jobs.totals()).toMatchObject({ queued: 6 + twins.length, cancelled: 4 })
  })
})

describe('who else needs a source', () => {
  it('is counted over live jobs, the asking one left out', async () => {
    const store = await temporaryStore()
    const [mp3 = 0, flac = 0] = queued(store, [
      draftOf('take.wav'),
      draftOf('take.wav', { order: { target: 'flac' } }),
      draftOf('other.wav'),
    ])
    expect([store.jobs.othersOn('/music/take.wav', mp3), store.jobs.othersOn('/music/nothing.wav', mp3)]).toEqual([1, 0])
    store.jobs.apply(flac, { type: 'cancel', atMs: startMs })
    expect(store.jobs.othersOn('/music/take.wav', mp3)).toBe(0)
  })
})
