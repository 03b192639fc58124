/** xconvert: what every provider must do, and what is its own: upload sessions, idempotency, several results, assumed spellings. */
import { truncate } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { factsOf, toFailure } from '../../../src/shared/failure.ts'
import { createXconvert } from '../../../src/main/providers/xconvert/index.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import { failureOf } from '../../support/stage.ts'
import { conformance } from '../conformance.ts'
import { scene, subject } from './stage.ts'

conformance('xconvert', subject)

describe('xconvert', () => {
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

  it('tries any pair by the pattern of its features, and remembers those that it does not have, in a later run as well', async () => {
    const { provider, outside, order, server, signal } = await scene()
    const pair = { from: 'docx', target: 'epub' } as const
    const tried = async (from: FormatId, target: FormatId, one = provider) =>
      (await one.capabilities(signal)).tries?.(from, target)
    const before = [await tried('docx', 'epub'), await tried('docx', 'docx')]
    server.misbehave('submit', { kind: 'instead', reply: { status: 400, body: { error: 'no such feature' } } })
    const failed = await failureOf(provider.submit({ ...order, ...pair }, () => undefined, signal))
    server.misbehave('submit', { kind: 'instead', reply: { status: 400, body: { error: 'no song' } } })
    await failureOf(provider.submit({ ...order, key: 'another' }, () => undefined, signal))
    const { featureId } = JSON.parse(server.asked('submit')[0]?.body.toString() ?? '') as { featureId: string }
    const later = createXconvert(outside)
    const after = [
      await tried('docx', 'epub'),
      await tried('docx', 'epub', later),
      await tried('wav', 'mp3'),
      await tried('docx', 'pdf'),
    ]
    await later.stop()
    expect([before, failed, featureId, after]).toEqual([
      [true, false],
      'conversion-failed',
      'convert-docx-to-epub',
      [false, false, true, true],
    ])
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

  it.each([401, 403, 404])(
    'asks the job for fresh addresses where its storage says %s of one, and takes all results anew',
    async (status) => {
      const stage = await scene()
      stage.server.results = 2
      const ticket = await stage.wait(await stage.submit())
      const polls = stage.server.asked('poll').length
      stage.server.misbehave('result', { kind: 'altered', alter: (reply) => reply })
      stage.server.misbehave('result', { kind: 'instead', reply: { status } })
      const parts = await stage.fetch(ticket)
      expect([
        parts.map(({ temp }) => temp),
        stage.server.asked('poll').length - polls,
        stage.server.asked('result').length,
      ]).toEqual([[stage.order.temp(0), stage.order.temp(1)], 2, 4])
    },
  )

  it('leaves none of several results where the last one cannot be had', async () => {
    const stage = await scene()
    stage.server.results = 3
    for (let tried = 0; tried < 2; tried += 1) {
      stage.server.misbehave('result', { kind: 'altered', alter: (reply) => reply }, 2)
      stage.server.misbehave('result', { kind: 'instead', reply: { status: 404 } })
    }
    expect([await failureOf(stage.convert()), await stage.left()]).toEqual(['gone', []])
  })

  it('goes on with a broken download where it broke off', async () => {
    const stage = await scene()
    const ticket = await stage.wait(await stage.submit())
    stage.server.misbehave('result', { kind: 'stall', share: 0.5 })
    const waitInVain = (): void => void setImmediate(() => stage.clock.advance(60_000))
    await stage.provider.fetch?.(ticket, stage.order, ({ done }) => (done === 1 ? undefined : waitInVain()), stage.signal)
    const half = Math.floor(stage.made().length / 2)
    expect(stage.server.asked('result').map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${half}-`])
  })

  it.each([
    [0.25, 0.25],
    [25, 0.25],
    [undefined, null],
    ['half', null],
    [1, null],
  ])('reads a progress of %s as %s', async (stated, progress) => {
    const stage = await scene()
    const ticket = await stage.submit()
    stage.server.misbehave('poll', {
      kind: 'altered',
      alter: (reply) => ({ body: { ...(reply.body as object), status: 'Processing', progress: stated } }),
    })
    expect(await stage.provider.poll?.(ticket, stage.signal)).toEqual({ kind: 'running', stage: 'processing', done: progress })
  })

  it('says in the words of the server why a job failed, whatever their form', async () => {
    const stage = await scene()
    const ticket = await stage.submit()
    const reasons: unknown[] = []
    for (const error of [{ code: 'x', message: 'no sound in it' }, `no sound for ${stage.key}`, undefined]) {
      stage.server.misbehave('poll', { kind: 'altered', alter: () => ({ body: { id: 5, status: 'failed', error } }) })
      reasons.push(factsOf(toFailure(await stage.wait(ticket).catch((thrown: unknown) => thrown)))['reason'])
    }
    expect(reasons).toEqual(['no sound in it', 'no sound for (key)', 'failed'])
  })

  it('lists jobs and registers an address for events, whose secret it hands over', async () => {
    const stage = await scene()
    await stage.submit()
    expect(await stage.provider.jobs({ limit: 5, status: 'complete' }, stage.signal)).toEqual([
      { id: 'job-1', status: 'complete' },
    ])
    expect(await stage.provider.addWebhook('https://example.com/hook', stage.signal)).toBe('whsec_once')
    expect(stage.server.asked('list')[0]?.query.toString()).toBe('limit=5&status=complete')
  })
})
