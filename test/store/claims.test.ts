import Database from 'better-sqlite3'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { move, type Job, type Work } from '../../src/shared/job.ts'
import { draftOf, numbered, startMs } from '../support/drafts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { queued, storeIn, temporaryStore } from '../support/stored.ts'

const lane = 'local:audio'
const again = (dueAtMs: number, work: Work = { step: 'prepare' }) => ({ type: 'again', dueAtMs, why: null, work }) as const

describe('a claim', () => {
  it('is the same move as move() makes of it, with everything the state held', async () => {
    const { jobs, ...store } = await temporaryStore()
    const [id = 0] = queued({ jobs, ...store }, [draftOf('take.wav')])
    const work: Work = {
      step: 'wait',
      ticket: { ids: { 'job "1"': "it's ü\n{}[]" }, submittedAtMs: 1.5, expiresAtMs: null },
    }
    jobs.claim(lane, startMs)
    const before = jobs.apply(id, again(startMs + 5, work)) as Job
    const after = jobs.claim(lane, startMs + 7)
    expect(after).toEqual({
      ...before,
      attempt: before.attempt + 1,
      state: move(before.state, { type: 'claim', atMs: startMs + 7 }),
    })
    expect(jobs.get(id)).toEqual(after)
  })

  it('takes the highest priority first, then what came first', async () => {
    const store = await temporaryStore()
    queued(store, [
      draftOf('low.wav', { priority: -1 }),
      draftOf('first.wav'),
      draftOf('second.wav'),
      draftOf('high.wav', { priority: 1 }),
    ])
    const names = Array.from({ length: 5 }, () => nameOf(store.jobs.claim(lane, startMs)))
    expect(names).toEqual(['high.wav', 'first.wav', 'second.wav', 'low.wav', null])
  })

  it('takes nothing from another lane', async () => {
    const store = await temporaryStore()
    queued(store, [...numbered(50), draftOf('photo.png', { lane: 'local:image' })])
    expect([nameOf(store.jobs.claim('local:image', startMs)), store.jobs.claim('local:image', startMs)]).toEqual([
      'photo.png',
      null,
    ])
  })

  it('leaves a job that waits for a time until that time, then takes it in its old place', async () => {
    const store = await temporaryStore()
    const [first = 0] = queued(store, numbered(3))
    store.jobs.claim(lane, startMs)
    store.jobs.apply(first, again(startMs + 100))
    expect(store.jobs.claim(lane, startMs + 99)?.id).toBe(first + 1)
    expect(store.jobs.claim(lane, startMs + 100)?.id).toBe(first)
  })

  it('lets in what has become due some at a time, until all is in', async () => {
    const folder = await temporaryFolder()
    const store = storeIn(folder)
    queued(store, [...numbered(700), draftOf('last but first.wav', { priority: 1 })])
    store.close()
    const db = new Database(join(folder, 'beside.sqlite'))
    db.prepare('UPDATE jobs SET due_at = ? + id').run(startMs)
    db.close()
    const reopened = storeIn(folder)
    const seen = [1, 2].map(() => [nameOf(reopened.jobs.claim(lane, startMs + 1000)), reopened.jobs.nextDueMs()])
    expect(seen).toEqual([
      ['take 1.wav', startMs + 501],
      ['last but first.wav', null],
    ])
  })

  it('counts attempts; one that is given back does not count', async () => {
    const store = await temporaryStore()
    const [id = 0] = queued(store, numbered(1))
    const attempts = [store.jobs.claim(lane, startMs)?.attempt]
    attempts.push(store.jobs.giveBack(id, again(0))?.attempt, store.jobs.claim(lane, startMs)?.attempt)
    attempts.push(store.jobs.apply(id, again(0))?.attempt, store.jobs.claim(lane, startMs)?.attempt)
    expect(attempts).toEqual([1, 0, 1, 1, 2])
  })
})

describe('what is due', () => {
  it('is known by lane, and when the next becomes so', async () => {
    const store = await temporaryStore()
    const ids = queued(store, [
      draftOf('a.wav', { lane: 'b' }),
      draftOf('b.wav', { lane: 'a' }),
      draftOf('c.wav', { lane: 'c' }),
      draftOf('d.wav', { lane: 'a' }),
    ])
    expect([store.jobs.dueLanes(startMs), store.jobs.nextDueMs()]).toEqual([['a', 'b', 'c'], null])
    store.jobs.claim('c', startMs)
    store.jobs.claim('b', startMs)
    store.jobs.apply(ids[2] ?? 0, again(startMs + 60))
    store.jobs.apply(ids[0] ?? 0, again(startMs + 50))
    expect([store.jobs.dueLanes(startMs), store.jobs.nextDueMs()]).toEqual([['a'], startMs + 50])
    expect([store.jobs.dueLanes(startMs + 55), store.jobs.nextDueMs()]).toEqual([['a', 'b'], startMs + 60])
  })

  it('can be now: a queued job that waits for a time is told to try again', async () => {
    const store = await temporaryStore()
    const [id = 0] = queued(store, numbered(1))
    store.jobs.claim(lane, startMs)
    store.jobs.apply(id, again(startMs + 100))
    store.jobs.apply(id, { type: 'retry' })
    expect([store.jobs.dueLanes(startMs), store.jobs.nextDueMs()]).toEqual([[lane], null])
  })

  it('has all its tries again where the user asks for it once more', async () => {
    const store = await temporaryStore()
    const [failed = 0, doubtful = 0] = queued(store, numbered(2))
    const why = { code: 'network', facts: {} } as const
    const tried = () => {
      for (let n = 0; n < 8; n += 1) {
        const { id = 0 } = store.jobs.claim(lane, startMs) ?? {}
        store.jobs.apply(id, again(0))
      }
      return store.jobs.claim(lane, startMs)?.attempt
    }
    store.jobs.apply(doubtful, { type: 'pause' })
    const attempts = [tried()]
    store.jobs.apply(failed, { type: 'fail', atMs: startMs, why })
    store.jobs.apply(failed, { type: 'retry' })
    attempts.push(store.jobs.claim(lane, startMs)?.attempt)
    store.jobs.apply(failed, { type: 'cancel', atMs: startMs })
    store.jobs.apply(doubtful, { type: 'resume' })
    attempts.push(tried())
    store.jobs.apply(doubtful, { type: 'doubt', why })
    store.jobs.apply(doubtful, { type: 'resolve', as: 'again', work: { step: 'prepare' } })
    attempts.push(store.jobs.claim(lane, startMs)?.attempt)
    expect(attempts).toEqual([9, 1, 9, 1])
  })

  it('is nothing that is paused, held or in doubt', async () => {
    const store = await temporaryStore()
    const [first = 0, second = 0, third = 0] = queued(store, numbered(3))
    const why = { code: 'answer-lost', facts: {} } as const
    store.jobs.apply(first, { type: 'pause' })
    store.jobs.claim(lane, startMs)
    store.jobs.apply(second, { type: 'hold', why, work: { step: 'prepare' } })
    store.jobs.claim(lane, startMs)
    store.jobs.apply(third, { type: 'doubt', why })
    expect([store.jobs.dueLanes(startMs), store.jobs.claim(lane, startMs), store.jobs.running()]).toEqual([[], null, []])
  })
})

describe('another provider', () => {
  it('takes a job over as long as nobody was asked', async () => {
    const store = await temporaryStore()
    const [id = 0] = queued(store, numbered(1))
    const to = { provider: 'xconvert', lane: 'xconvert', reason: { code: 'first-able' } } as const
    const routed = store.jobs.reroute(id, to)
    expect(routed).toMatchObject(to)
    expect(store.jobs.claim('xconvert', startMs)?.id).toBe(id)
    store.jobs.apply(id, { type: 'step', work: { step: 'submit', key: 'k', notes: {} } })
    expect(store.jobs.reroute(id, { provider: 'local', lane, reason: { code: 'first' } })).toBeNull()
    expect(store.jobs.get(id)?.provider).toBe('xconvert')
  })
})

function nameOf(job: Job | null): string | null {
  return job?.order.source.kind === 'file' ? job.order.source.path.replace('/music/', '') : null
}
