/** A file on its way to xconvert: chunks, restarts, one job under one key. */
import type { ProgressReport } from '../../../src/main/providers/provider.ts'
import { truncateSync } from 'node:fs'
import { readFile, truncate } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Reply } from '../../support/servers/reply.ts'
import { failureOf } from '../../support/stage.ts'
import { longScene, scene } from './stage.ts'

const whole = ['bytes 0-8388607/20971520', 'bytes 8388608-16777215/20971520', 'bytes 16777216-20971519/20971520']

describe('an upload to xconvert', () => {
  it('sends chunks in order, with their ranges, without the key, and the very bytes of the file', async () => {
    const { stage, path, begin, send, ranges } = await longScene()
    await send(begin())
    const bytes = Buffer.concat(stage.server.asked('chunk').map(({ body }) => body))
    expect([ranges(), bytes.equals(await readFile(path)), stage.server.leaks]).toEqual([whole, true, []])
  })

  it('repeats a chunk alone, three times at most', async () => {
    const { stage, begin, send, ranges } = await longScene()
    stage.server.misbehave('chunk', { kind: 'altered', alter: (reply) => reply })
    stage.server.misbehave('chunk', { kind: 'reset', when: 'after' })
    stage.server.misbehave('chunk', { kind: 'instead', reply: { status: 503 } })
    await send(begin())
    expect(ranges()).toEqual([whole[0], whole[1], whole[1], whole[1], whole[2]])
    stage.server.misbehave('chunk', { kind: 'instead', reply: { status: 500 } }, 9)
    expect(await failureOf(send(begin()))).toBe('provider-down')
    expect(ranges().slice(5)).toEqual([whole[0], whole[0], whole[0]])
  })

  it('waits as long as an edge asks before it repeats a chunk', async () => {
    const stage = await scene()
    stage.server.misbehave('chunk', { kind: 'instead', reply: { status: 429, headers: { 'retry-after': '3' } } })
    await stage.submit()
    expect(stage.clock.slept).toEqual([3_000])
  })

  it('takes what an edge refuses for no word about the key, and begins a new session where it was an earlier one', async () => {
    const { stage, begin, send } = await longScene()
    for (const status of [401, 402, 403]) {
      stage.server.misbehave('chunk', { kind: 'instead', reply: { status } })
      expect(await failureOf(send(begin()))).toBe('provider-error')
    }
    const first = begin()
    stage.server.misbehave('chunk', { kind: 'reset', when: 'before' }, 3)
    expect(await failureOf(send(first))).toBe('network')
    stage.server.misbehave('chunk', { kind: 'instead', reply: { status: 403 } })
    await send(begin(first.notes))
    expect([stage.server.uploads.size, stage.server.jobs.length]).toEqual([5, 1])
  })

  it('goes on after a restart with the chunk that is next, in the same session', async () => {
    const { stage, begin, send, ranges } = await longScene()
    const first = begin()
    stage.server.misbehave('chunk', { kind: 'altered', alter: (reply) => reply }, 2)
    stage.server.misbehave('chunk', { kind: 'reset', when: 'before' }, 3)
    expect(await failureOf(send(first))).toBe('network')
    await send(begin(first.notes))
    expect([ranges(), stage.server.uploads.size, stage.server.jobs.length]).toEqual([whole, 1, 1])
  })

  it('begins a new session where the file has changed meanwhile', async () => {
    const { stage, path, begin, send } = await longScene()
    const first = begin()
    stage.server.misbehave('complete', { kind: 'instead', reply: { status: 503 } })
    expect(await failureOf(send(first))).toBe('provider-down')
    await truncate(path, 1000)
    await send(begin(first.notes))
    expect(stage.server.uploads.size).toBe(2)
  })

  it('begins a new session where the server has forgotten the old one', async () => {
    const { stage, begin, send } = await longScene()
    const first = begin()
    stage.server.misbehave('complete', { kind: 'instead', reply: { status: 503 } })
    await failureOf(send(first))
    ;(stage.server.uploads as Map<string, unknown>).clear()
    await send(begin(first.notes))
    expect(stage.server.jobs.length).toBe(1)
  })

  it('sends a submit whose answer was lost again under the same key, uploads nothing again, and has one job', async () => {
    const { stage, begin, send, ranges } = await longScene()
    const first = begin()
    stage.server.misbehave('submit', { kind: 'reset', when: 'after' })
    expect(await failureOf(send(first))).toBe('answer-lost')
    const submitted = await send(begin(first.notes))
    const keys = stage.server.asked('submit').map(({ headers }) => headers['idempotency-key'])
    expect([submitted.kind === 'accepted' && submitted.ticket.ids, stage.server.jobs.length, keys, ranges().length]).toEqual([
      { job: 'job-1' },
      1,
      ['one-and-the-same-key', 'one-and-the-same-key'],
      3,
    ])
  })

  it('never sends a file that changes on its way as a whole', async () => {
    const { stage, path, begin, send } = await longScene()
    const alter = (): Reply => {
      truncateSync(path, 12 * 1024 * 1024)
      return { status: 503 }
    }
    stage.server.misbehave('chunk', { kind: 'altered', alter })
    expect([await failureOf(send(begin())), stage.server.asked('complete').length]).toEqual(['source-changed', 0])
  })

  it('reports the progress of an upload, never falling back', async () => {
    const { stage, begin } = await longScene()
    stage.server.misbehave('chunk', { kind: 'reset', when: 'after' })
    const reports: ProgressReport[] = []
    await stage.provider.submit(begin().order, (report) => reports.push(report), stage.signal)
    const done = reports.map((report) => (report.stage === 'uploading' ? (report.done ?? -1) : 2))
    expect({ done: done.toSorted((a, b) => a - b), last: reports.at(-1) }).toEqual({
      done,
      last: { stage: 'processing', done: null, bodySent: true },
    })
  })

  it('says that what is paid for has left only with the call that makes the job', async () => {
    const { stage, begin } = await longScene()
    const asked: (readonly [bodySent: boolean | undefined, completed: number])[] = []
    const report = ({ bodySent }: ProgressReport) => asked.push([bodySent, stage.server.asked('complete').length])
    await stage.provider.submit(begin().order, report, stage.signal)
    const sent = asked.filter(([bodySent]) => bodySent !== false)
    expect({ sent, uploading: asked.length > sent.length }).toEqual({ sent: [[true, 1]], uploading: true })
  })
})
