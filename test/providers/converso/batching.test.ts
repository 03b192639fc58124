/** Jobs that come together go to Converso in one call, and each has a fate of its own. */
import { describe, expect, it } from 'vitest'
import { createConverso } from '../../../src/main/providers/converso/index.ts'
import { toFailure } from '../../../src/shared/failure.ts'
import type { Options } from '../../../src/shared/options.ts'
import type { Misbehaviour } from '../../support/servers/server.ts'
import { alone, complaint, type ConversoStage, end, stageFor } from './stage.ts'

/** Each answers its job's id, or how it failed. */
async function submitAll(stage: ConversoStage, orders: readonly Options[], signals: readonly AbortSignal[] = []) {
  const fates = orders.map(async (options, n) => {
    const order = { ...stage.order, options, temp: (part: number) => stage.order.temp(n * 10 + part) }
    return await stage.provider
      .submit(order, () => undefined, signals[n] ?? stage.signal)
      .then(
        (submitted) => (submitted.kind === 'accepted' ? (submitted.ticket.ids['job'] ?? '') : submitted.kind),
        (error: unknown) => (error instanceof Error ? toFailure(error).code : String(error)),
      )
  })
  return await Promise.all(fates)
}

const job = (n: number): string => `a1b2c3d4e5f6g7h${n}/?`
const jobs = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => job(n + 1))
const orders = (count: number): readonly Options[] => Array.from({ length: count }, (_, n) => ({ filename: `take ${n + 1}` }))
const calls = ({ server }: ConversoStage) => server.seen.map(({ route }) => route).filter((route) => route !== 'lent')
const answering = (alter: (jobs: readonly object[]) => readonly object[]): Misbehaviour => ({
  kind: 'altered',
  alter: (reply) => {
    const body = reply.body as { readonly data: { readonly jobs: readonly object[] } }
    return { ...reply, body: { ...body, data: { ...body.data, jobs: alter(body.data.jobs) } } }
  },
})
/** Takes the batch, and calls it no success all the same; so many of its jobs are named. */
const complaining = (error: unknown, named = 0): Misbehaviour => ({
  kind: 'altered',
  alter: (reply) => {
    const { data } = reply.body as { readonly data: { readonly jobs: readonly object[] } }
    const listed = named === 0 ? {} : { data: { ...data, jobs: data.jobs.slice(0, named) } }
    return { status: 202, body: { success: false, error, ...listed } }
  },
})

describe('jobs that come together', () => {
  it('go out as one call of at most ten, each with its own order and its own ticket', async () => {
    const stage = await stageFor()
    const ids = await submitAll(stage, orders(11))
    expect([ids, calls(stage)]).toEqual([jobs(11), ['batch', 'submit']])
    expect(stage.server.jobs.map(({ asked }) => asked.options?.filename)).toEqual(orders(11).map(({ filename }) => filename))
    await end(stage)
  })

  it('go apart where their webhooks differ, which are stated once for all', async () => {
    const stage = await stageFor()
    const hooks = ['http://127.0.0.1:9/a', 'http://127.0.0.1:9/b', 'http://127.0.0.1:9/a', undefined, undefined]
    await submitAll(
      stage,
      hooks.map((webhook) => (webhook === undefined ? {} : { webhook })),
    )
    const batches = stage.server
      .asked('batch')
      .map(({ body }) => JSON.parse(body.toString()) as { webhook?: string; jobs: object[] })
    expect(batches.map(({ webhook, jobs: some }) => `${webhook ?? 'none'}: ${some.length}`).toSorted()).toEqual([
      'http://127.0.0.1:9/a: 2',
      'none: 2',
    ])
    expect(stage.server.asked('submit').length).toBe(1)
    await end(stage)
  })

  it('are converted, each to its own result', async () => {
    const stage = await stageFor()
    const ids = await submitAll(stage, orders(3))
    for (const [n, id] of ids.entries()) {
      const ticket = await stage.wait({ ids: { job: id }, submittedAtMs: stage.clock.nowMs(), expiresAtMs: null })
      const order = { ...stage.order, temp: (part: number) => stage.order.temp(n * 10 + part) }
      const parts = await stage.provider.fetch?.(ticket, order, () => undefined, stage.signal)
      expect(parts?.map(({ name }) => name)).toEqual([`take ${n + 1}`])
    }
    await end(stage)
  })

  it('that come later than a moment are on their own', async () => {
    const stage = await stageFor()
    await submitAll(stage, [{}])
    await submitAll(stage, [{}])
    expect(calls(stage)).toEqual(['submit', 'submit'])
    await end(stage)
  })
})

describe('one of several jobs', () => {
  it('that is refused fails alone', async () => {
    const stage = await stageFor()
    const refused = { jobId: null, status: 'failed', success: false, error: { code: 'INVALID_SOURCE', message: 'no' } }
    const full = { success: false, error: { code: 'QUEUE_FULL', message: 'later' } }
    stage.server.misbehave(
      'batch',
      answering(([first = {}]) => [first, refused, full]),
    )
    expect(await submitAll(stage, orders(3))).toEqual([job(1), 'conversion-failed', 'queue-full'])
    await end(stage)
  })

  it('that is given up before they go out is not sent; afterwards the others go on without it', async () => {
    const stage = await stageFor()
    const leaving = [new AbortController(), new AbortController()] as const
    const early = submitAll(stage, orders(3), [leaving[0].signal])
    leaving[0].abort('cancel')
    expect(await early).toEqual(['cancel', job(1), job(2)])
    const { reached } = stage.server.misbehave('batch', { kind: 'silent', when: 'after' })
    const late = submitAll(stage, orders(2), [leaving[1].signal])
    await reached
    leaving[1].abort('cancel')
    // The call is still open for the other one, which in the end does not know what became of it.
    expect(await stage.clock.passing(late)).toEqual(['cancel', 'answer-lost'])
    await end(stage)
  })
})

describe('a batch', () => {
  it.each<[string, Misbehaviour]>([
    ['that is not there', complaint(404, 'NOT_FOUND')],
    ['that is refused as a whole', complaint(400, 'INVALID_REQUEST')],
    ['that is too large for the service', complaint(400, 'TOO_MANY_JOBS')],
  ])('%s becomes a call each', async (_, how) => {
    const stage = await stageFor()
    stage.server.misbehave('batch', how)
    expect((await submitAll(stage, orders(2))).toSorted()).toEqual(jobs(2))
    expect(calls(stage)).toEqual(['batch', 'submit', 'submit'])
    await end(stage)
  })

  it('that is not there may still be at another address', async () => {
    const [without, stage] = [await stageFor(), await stageFor()]
    without.server.misbehave('batch', complaint(404, 'NOT_FOUND'))
    let { server } = without
    const options = {
      ...alone(stage),
      get baseUrl() {
        return server.base
      },
    }
    const moving = createConverso(options)
    for (const here of [without, stage]) {
      server = here.server
      await submitAll({ ...here, provider: moving }, orders(2))
    }
    expect([without, stage].map(calls)).toEqual([['batch', 'submit', 'submit'], ['batch']])
    await moving.stop()
    for (const each of [without, stage]) await end(each)
  })

  it('that is not there is not asked for again', async () => {
    const stage = await stageFor()
    stage.server.misbehave('batch', complaint(404, 'NOT_FOUND'))
    await submitAll(stage, orders(2))
    await submitAll(stage, orders(2))
    expect(calls(stage).filter((call) => call === 'batch').length).toBe(1)
    await end(stage)
  })

  it.each<[string, Misbehaviour, string]>([
    ['while the queue is full', complaint(503, 'QUEUE_FULL'), 'queue-full'],
    ['with a wrong key', complaint(401, 'UNAUTHORIZED'), 'key-rejected'],
    ['that breaks the server', complaint(500, 'INTERNAL_ERROR'), 'provider-error'],
    ['that finds the queue full, by a success', complaint(202, 'QUEUE_FULL'), 'queue-full'],
  ])('%s is that for each, and nothing is sent twice', async (_, how, code) => {
    const stage = await stageFor()
    stage.server.misbehave('batch', how)
    expect([await submitAll(stage, orders(2)), calls(stage)]).toEqual([[code, code], ['batch']])
    await end(stage)
  })

  it.each<[string, Misbehaviour, readonly string[]]>([
    ['whose answer is lost', { kind: 'reset', when: 'after' }, ['answer-lost', 'answer-lost']],
    ['whose answer is a page', { kind: 'instead', reply: { status: 202, body: '<html>' } }, ['answer-lost', 'answer-lost']],
    ['whose success complains of it as a whole', complaining({ code: 'INVALID_REQUEST' }), ['answer-lost', 'answer-lost']],
    ['whose success says no without a reason', complaining(undefined), ['answer-lost', 'answer-lost']],
    ['that is full and has taken some', complaining({ code: 'QUEUE_FULL' }, 1), ['answer-lost', 'answer-lost']],
    ['that complains and names every job', complaining({ code: 'INVALID_REQUEST' }, 2), [job(1), job(2)]],
    ['that names fewer jobs', answering((made) => made.slice(1)), ['answer-lost', 'answer-lost']],
    ['that names one job twice', answering(([first = {}]) => [first, first]), ['answer-lost', 'answer-lost']],
    ['that leaves an id out', answering(([first = {}]) => [first, { status: 'queued' }]), [job(1), 'answer-lost']],
  ])('%s leaves to the user what nobody knows, and is never sent again', async (_, how, fates) => {
    const stage = await stageFor()
    stage.server.misbehave('batch', how)
    expect([await submitAll(stage, orders(2)), calls(stage)]).toEqual([fates, ['batch']])
    await end(stage)
  })
})
