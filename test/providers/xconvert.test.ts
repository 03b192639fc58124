/** xconvert: what every provider must do, and what is its own: upload sessions, idempotency, several results, assumed spellings. */
import { truncateSync } from 'node:fs'
import { readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createXconvert, type Xconvert } from '../../src/main/providers/xconvert.ts'
import { toFailure } from '../../src/shared/failure.ts'
import { orderIn } from '../support/order.ts'
import { tone } from '../support/servers/convert.ts'
import type { Reply } from '../support/servers/reply.ts'
import { xconvertError, xconvertKey, xconvertServer, type XconvertServer } from '../support/servers/xconvert.ts'
import { failureOf, onStage, type Stage, type Subject } from '../support/stage.ts'
import { conformance } from './conformance.ts'

interface XconvertSubject extends Subject {
  readonly server: XconvertServer
}

async function subject(folder: string): Promise<XconvertSubject> {
  const server = await xconvertServer()
  const path = join(folder, 'Grüße “Björk”.wav')
  await writeFile(path, await tone('wav'))
  const { size: bytes, mtimeMs } = await stat(path)
  return {
    server,
    create: (options) => createXconvert(options, { 'X-Request-Id': 'r-1', Authorization: 'mine' }),
    key: xconvertKey,
    wish: { source: { kind: 'file', path, bytes, mtimeMs }, from: 'wav', target: 'mp3', options: {}, facts: null },
    made: () => server.made(),
    saying: (word) => ({ kind: 'altered', alter: (reply) => ({ ...reply, body: { ...(reply.body as object), status: word } }) }),
    failedWord: 'failed',
    errorBody: xconvertError,
    wrongKey: 'key-rejected',
    codes: [
      ['submit', 400, 'conversion-failed'],
      ['submit', 401, 'key-rejected'],
      ['submit', 402, 'out-of-credit'],
      ['submit', 403, 'not-allowed'],
      ['submit', 404, 'provider-error'],
      ['submit', 409, 'provider-error'],
      ['submit', 413, 'too-large'],
      ['submit', 415, 'conversion-failed'],
      ['submit', 422, 'conversion-failed'],
      ['submit', 429, 'rate-limited'],
      ['submit', 500, 'provider-down'],
      ['submit', 502, 'provider-down'],
      ['submit', 503, 'provider-down'],
      ['poll', 401, 'key-rejected'],
      ['poll', 404, 'gone'],
      ['poll', 410, 'gone'],
      ['poll', 429, 'rate-limited'],
      ['poll', 500, 'provider-down'],
      ['result', 403, 'not-allowed'],
      ['result', 404, 'gone'],
      ['result', 410, 'gone'],
      ['result', 500, 'provider-down'],
    ],
  }
}

conformance('xconvert', subject)

type XconvertStage = Stage & { readonly server: XconvertServer; readonly provider: Xconvert }

async function scene(): Promise<XconvertStage> {
  return (await onStage(subject)) as XconvertStage
}

/** The same with a source of more than two chunks, and what it notes on its way. */
async function longScene() {
  const stage = await scene()
  const { source } = stage.wish
  if (source.kind !== 'file') throw new Error('a file is needed')
  await truncate(source.path, 2.5 * 8 * 1024 * 1024)
  const folder = join(stage.order.temp(0), '..')
  const begin = (notes: Record<string, string> = {}) => orderIn(folder, stage.wish, notes)
  const send = async ({ order }: ReturnType<typeof begin>) => await stage.provider.submit(order, () => undefined, stage.signal)
  const ranges = () => stage.server.asked('chunk').map(({ headers }) => headers['content-range'])
  return { stage, path: source.path, begin, send, ranges }
}

const whole = ['bytes 0-8388607/20971520', 'bytes 8388608-16777215/20971520', 'bytes 16777216-20971519/20971520']

describe('xconvert', () => {
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

  it('refuses an empty file and an address before anything is sent', async () => {
    const stage = await scene()
    const { source } = stage.wish
    if (source.kind === 'file') await truncate(source.path, 0)
    const byAddress = { ...stage.order, source: { kind: 'url', url: 'https://example.com/a.wav' } as const }
    const codes = [
      await failureOf(stage.submit()),
      await failureOf(stage.provider.submit(byAddress, () => undefined, stage.signal)),
    ]
    expect([codes, stage.server.seen]).toEqual([['source-empty', 'source-not-local'], []])
  })

  it('shows the server a plain name with the ending of what the file is, and its own headers, but not as the key', async () => {
    const stage = await scene()
    await stage.submit()
    const [create] = stage.server.asked('create')
    const { files } = JSON.parse(create?.body.toString() ?? '') as { files: unknown }
    expect([files, create?.headers['x-request-id']]).toEqual([
      [
        {
          name: 'Gru_e_Bjo_rk.wav',
          sizeBytes: stage.wish.source.kind === 'file' ? stage.wish.source.bytes : 0,
          contentType: 'audio/wav',
        },
      ],
      'r-1',
    ])
  })

  it('sends options as numbers, and none where none are wished', async () => {
    const stage = await scene()
    const optionsOf = (n: number) =>
      (JSON.parse(stage.server.asked('submit')[n]?.body.toString() ?? '') as { options?: unknown }).options
    await stage.submit()
    await stage.provider.submit(
      { ...stage.order, key: 'another', options: { bitrate: 96, channels: 1 } },
      () => undefined,
      stage.signal,
    )
    expect([optionsOf(0), optionsOf(1)]).toEqual([undefined, { bitrate: 96, channels: 1 }])
  })

  it.each(['complete', 'completed', 'COMPLETED'])('takes %s for done', async (word) => {
    const stage = await scene()
    stage.server.doneWord = word
    expect((await stage.convert()).length).toBe(1)
  })

  it('takes an expired job for gone and a cancelled one for failed', async () => {
    const stage = await scene()
    const ticket = await stage.submit()
    const codes: string[] = []
    for (const word of ['expired', 'canceled', 'cancelled']) {
      stage.server.misbehave('poll', stage.saying(word))
      codes.push(await failureOf(stage.wait(ticket)))
    }
    expect(codes).toEqual(['gone', 'conversion-failed', 'conversion-failed'])
  })

  it('reads names with underscores as well', async () => {
    const stage = await scene()
    stage.server.spelling = 'snake_case'
    expect((await stage.convert()).length).toBe(1)
    expect(await stage.provider.account(stage.signal)).toEqual({ plan: 'pro', left: { amount: 41.5, unit: 'credits' } })
  })

  it('saves all results of a job', async () => {
    const stage = await scene()
    stage.server.results = 3
    const parts = await stage.convert()
    expect(parts.map(({ temp, bytes }) => [temp, bytes])).toEqual(
      [0, 1, 2].map((n) => [stage.order.temp(n), stage.made().length]),
    )
  })

  it('leaves none of several results where the last one cannot be had', async () => {
    const stage = await scene()
    stage.server.results = 3
    stage.server.misbehave('result', { kind: 'altered', alter: (reply) => reply }, 2)
    stage.server.misbehave('result', { kind: 'instead', reply: { status: 404 } })
    expect([await failureOf(stage.convert()), await stage.left()]).toEqual(['gone', []])
  })

  it('goes on with a broken download where it broke off', async () => {
    const stage = await scene()
    const ticket = await stage.wait(await stage.submit())
    stage.server.misbehave('result', { kind: 'stall', share: 0.5 })
    const waitInVain = (): void => void setImmediate(() => stage.clock.advance(60_000))
    await stage.provider.fetch?.(ticket, stage.order, ({ progress }) => (progress === 1 ? undefined : waitInVain()), stage.signal)
    const half = Math.floor(stage.made().length / 2)
    expect(stage.server.asked('result').map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${half}-`])
  })

  it('tells the progress of an upload, never falling back', async () => {
    const { stage, begin } = await longScene()
    stage.server.misbehave('chunk', { kind: 'reset', when: 'after' })
    const told: number[] = []
    await stage.provider.submit(begin().order, ({ progress }) => told.push(progress ?? -1), stage.signal)
    expect([told.toSorted((a, b) => a - b), told.at(-1)]).toEqual([told, 1])
  })

  it.each([
    [0.25, 0.25],
    [25, 0.25],
    [undefined, null],
    ['half', null],
    [1, null],
  ])('reads a progress of %s as %s', async (said, progress) => {
    const stage = await scene()
    const ticket = await stage.submit()
    stage.server.misbehave('poll', {
      kind: 'altered',
      alter: (reply) => ({ body: { ...(reply.body as object), status: 'Processing', progress: said } }),
    })
    expect(await stage.provider.poll?.(ticket, stage.signal)).toEqual({ kind: 'running', progress, words: 'processing' })
  })

  it('says in the words of the server why a job failed, whatever their form', async () => {
    const stage = await scene()
    const ticket = await stage.submit()
    const reasons: unknown[] = []
    for (const error of [{ code: 'x', message: 'no sound in it' }, 'no sound in it', undefined]) {
      stage.server.misbehave('poll', { kind: 'altered', alter: () => ({ body: { id: 5, status: 'failed', error } }) })
      reasons.push(toFailure(await stage.wait(ticket).catch((thrown: unknown) => thrown)).facts.reason)
    }
    expect(reasons).toEqual(['no sound in it', 'no sound in it', 'failed'])
  })

  it('lists jobs and registers an address for events, whose secret it hands over', async () => {
    const stage = await scene()
    await stage.submit()
    expect(await stage.provider.listJobs({ limit: 5, status: 'complete' }, stage.signal)).toEqual([{ id: 'job-1' }])
    expect(await stage.provider.createWebhookEndpoint('https://example.com/hook', stage.signal)).toEqual({
      id: '7',
      url: 'https://example.com/hook',
      secret: 'whsec_once',
    })
    expect(stage.server.asked('list')[0]?.query.toString()).toBe('limit=5&status=complete')
  })
})
