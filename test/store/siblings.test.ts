/** Jobs for several results of one source, as the store knows them. */
import { describe, expect, it } from 'vitest'
import { draftOf, startMs } from '../support/drafts.ts'
import { queued, temporaryStore } from '../support/stored.ts'

const results = (of: number, ...targets: readonly ('mp3' | 'flac' | 'opus')[]) =>
  targets.map((target, output) => ({ ...draftOf(`${of}.wav`, { order: { target } }), sibling: { of, output } }))

describe('siblings', () => {
  it('are those of one source and one request, and of no other', async () => {
    const store = await temporaryStore()
    const ids = queued(store, [...results(1, 'mp3', 'flac', 'opus'), ...results(2, 'mp3', 'flac'), draftOf('alone.wav')])
    const [later] = queued(
      store,
      results(1, 'mp3', 'flac')
        .slice(1)
        .map((draft) => ({ ...draft, order: { ...draft.order, folder: '/else' } })),
    )
    const of = (id: number | undefined) => {
      const job = store.jobs.get(id ?? 0)
      return job === null ? null : store.jobs.siblingsOf(job).map((each) => each.id)
    }
    const [a, b, c, d, e, alone] = ids
    expect([of(a), of(c), of(d), of(alone), of(later)]).toEqual([[b, c], [a, b], [e], [], []])
  })

  it('that are due are claimed along, and those that are wanted alone', async () => {
    const store = await temporaryStore()
    const [a = 0, b = 0, c = 0, d = 0] = queued(store, [...results(1, 'mp3', 'flac', 'opus'), ...results(2, 'mp3')])
    store.jobs.apply(b, { type: 'pause' })
    const first = store.jobs.claim('local:audio', startMs)
    const none = first === null ? [] : store.jobs.claimSiblings(first, ({ order }) => order.target === 'flac', startMs)
    const along = first === null ? [] : store.jobs.claimSiblings(first, () => true, startMs)
    const again = first === null ? [] : store.jobs.claimSiblings(first, () => true, startMs)
    expect([first?.id, none, along.map(({ id, attempt, state }) => [id, attempt, state.phase]), again]).toEqual([
      a,
      [],
      [[c, 1, 'running']],
      [],
    ])
    expect([store.jobs.get(c), store.jobs.totals().running, store.jobs.claim('local:audio', startMs)?.id]).toEqual([
      along[0],
      2,
      d,
    ])
  })
})
