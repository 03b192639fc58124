/** Converter App: what every provider must do, and what is its own: the live catalogue, the quota, archives, the one long request. */
import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createConverterApp } from '../../../src/main/providers/converter-app/index.ts'
import type { Submitted } from '../../../src/main/providers/provider.ts'
import { factsOf, toFailure } from '../../../src/shared/failure.ts'
import { converterAppSubject } from '../../support/converter-app-subject.ts'
import { tone } from '../../support/servers/convert.ts'
import { converterAppKey, type ConverterAppServer, converterAppServer } from '../../support/servers/converter-app.ts'
import type { Misbehaviour } from '../../support/servers/server.ts'
import { failureOf, onStage, type Stage, type Subject } from '../../support/stage.ts'
import { conformance } from '../conformance.ts'

async function subject(folder: string): Promise<Subject & { readonly server: ConverterAppServer }> {
  return await converterAppSubject(folder, await converterAppServer(), converterAppKey)
}

conformance('Converter App', subject)

async function scene(): Promise<Stage & { readonly server: ConverterAppServer }> {
  return (await onStage(subject)) as Stage & { readonly server: ConverterAppServer }
}

/** With a source that is small enough for the one long request. */
async function smallScene() {
  const stage = await scene()
  const { source } = stage.wish
  if (source.kind !== 'file') throw new Error('a file is needed')
  await writeFile(source.path, await tone('flac'))
  const order = { ...stage.order, from: 'flac' as const }
  const reported: (number | null)[] = []
  const submit = async (): Promise<Submitted> =>
    await stage.provider.submit(order, ({ done }) => reported.push(done), stage.signal)
  return { ...stage, reported, submit }
}

describe('the catalogue of Converter App', () => {
  it('is the public one without a key, asked for without one, and once', async () => {
    const { provider, server, setKey, signal } = await scene()
    setKey(null)
    const { pairings } = await provider.capabilities(signal)
    await provider.capabilities(signal)
    expect(pairings.find(({ from }) => from[0] === 'mp4')).toEqual({
      from: ['mp4'],
      to: ['wav', 'mp3', 'mp2', 'flac', 'jpeg', 'png', 'bz2', 'text', 'pdf', 'srt'],
      options: [],
    })
    expect(server.seen.map(({ route }) => route)).toEqual(['public'])
  })

  it('is that of the key where there is one, and asked for anew after a while', async () => {
    const { provider, server, signal, clock } = await scene()
    server.ownPairs = [{ from: 'wav', to: 'mp3' }]
    expect((await provider.capabilities(signal)).pairings).toEqual([{ from: ['wav'], to: ['mp3'], options: [] }])
    clock.advance(86_400_000)
    await provider.capabilities(signal)
    expect(server.seen.map(({ route }) => route)).toEqual(['pairs', 'pairs'])
  })

  it('has 300 pairs, those of which Beside knows nothing among them', async () => {
    const { provider, setKey, signal } = await scene()
    setKey(null)
    const { pairings } = await provider.capabilities(signal)
    const pairs = pairings.flatMap(({ from, to }) => from.flatMap((each) => to.map((target) => `${each} ${target}`)))
    const own = ['docx pdf', 'mp3 text', 'xyz qqq', 'dwg dxf', 'key pdf']
    expect([pairs.length, own.filter((pair) => pairs.includes(pair))]).toEqual([300, own])
  })

  it('is what it was yesterday where the service cannot be reached, and says so; in a later run as well', async () => {
    const first = await scene()
    first.server.ownPairs = [{ from: 'xyz', to: 'qqq' }]
    await first.provider.capabilities(first.signal)
    const atMs = first.clock.nowMs()
    const later = createConverterApp({ ...first.outside, key: async () => first.key })
    const pairings = [{ from: ['xyz'], to: ['qqq'], options: [] }]
    const unasked = await later.capabilities(first.signal)
    first.clock.advance(86_400_000)
    await first.server.stop()
    const stale = await later.capabilities(first.signal)
    await later.stop()
    expect([unasked, stale]).toMatchObject([{ pairings }, { pairings, staleSinceMs: atMs }])
    expect(unasked).not.toHaveProperty('staleSinceMs')
  })

  it('is one for each key: another key never sees what the first may use', async () => {
    const { provider, server, setKey, key, signal } = await scene()
    server.ownPairs = [{ from: 'wav', to: 'mp3' }]
    await provider.capabilities(signal)
    setKey('another')
    const another = await failureOf(provider.capabilities(signal))
    setKey(key)
    await provider.capabilities(signal)
    expect({ another, asked: server.asked('pairs').length }).toEqual({ another: 'key-rejected', asked: 2 })
  })

  it('is not kept for a key that was changed while it was asked for', async () => {
    const { provider, server, setKey, signal } = await scene()
    const answer: Misbehaviour = {
      kind: 'altered',
      alter: (reply) => {
        setKey('another')
        return reply
      },
    }
    server.misbehave('pairs', answer)
    await provider.capabilities(signal)
    expect(await failureOf(provider.capabilities(signal))).toBe('key-rejected')
  })

  it('is understood as tokens, too, which are compared and never taken apart', async () => {
    const { provider, server, signal } = await scene()
    server.ownPairs = { pairs: ['mp22mp3', 'mp42mp3', 'WAV2TEXT', 'x2y'] }
    expect((await provider.capabilities(signal)).pairings).toEqual([
      { from: ['wav'], to: ['text'], options: [] },
      { from: ['mp2'], to: ['mp3'], options: [] },
      { from: ['mp4'], to: ['mp3'], options: [] },
    ])
  })
})

describe('Converter App', () => {
  it('is sent one plain name with the ending of what the file is', async () => {
    const stage = await scene()
    await stage.submit()
    expect(stage.server.jobs.map(({ name, pair }) => [name, pair])).toEqual([['Lied_O_.WAV.wav', 'wav2mp3']])
  })

  it('is asked until it says completed: a progress of 1 is not the end', async () => {
    const stage = await scene()
    const ticket = await stage.submit()
    stage.server.misbehave('poll', {
      kind: 'instead',
      reply: { body: { jobid: 1, progress: 1, status: 'processing', error: null } },
    })
    stage.server.busy = 1
    const poll = async () => await stage.provider.poll?.(ticket, stage.signal)
    expect([await poll(), await poll(), await poll()]).toEqual([
      { kind: 'running', stage: 'processing', done: 1 },
      { kind: 'running', stage: 'processing', done: 0.4 },
      { kind: 'ready', ticket },
    ])
  })

  it('does not take the word of the submit for the end', async () => {
    const stage = await scene()
    const ticket = await stage.submit()
    stage.server.misbehave('poll', stage.saying('success'))
    expect((await stage.provider.poll?.(ticket, stage.signal))?.kind).toBe('running')
  })

  it('says why a job failed', async () => {
    const stage = await scene()
    const ticket = await stage.submit()
    const reasons: unknown[] = []
    for (const error of ['codec unknown', { detail: 'codec unknown' }, [{ msg: 'codec unknown' }], null]) {
      stage.server.misbehave('poll', { kind: 'instead', reply: { body: { progress: 0, status: 'failed', error } } })
      reasons.push(factsOf(toFailure(await stage.wait(ticket).catch((thrown: unknown) => thrown)))['reason'])
    }
    expect(reasons).toEqual(['codec unknown', 'codec unknown', 'codec unknown', 'failed'])
  })

  it('waits a little for a download that is not ready yet', async () => {
    const stage = await scene()
    const ticket = await stage.submit()
    stage.server.busy = 2
    expect((await stage.fetch(ticket)).length).toBe(1)
  })

  it('knows what is left after each job, and that nothing is', async () => {
    const stage = await scene()
    stage.server.quota = 2
    const left = async () => (await stage.provider.submit(stage.order, () => undefined, stage.signal)).left
    const seen = [await left(), await left()]
    const failure = toFailure(await stage.submit().catch((error: unknown) => error))
    expect([seen, failure.code, factsOf(failure)['reason']]).toEqual([
      [
        { amount: 1, unit: 'conversions' },
        { amount: 0, unit: 'conversions' },
      ],
      'out-of-credit',
      'Quota exceeded',
    ])
  })

  it('takes -1 for no bound, and no job for a cost then', async () => {
    const stage = await scene()
    stage.server.quota = -1
    const before = await stage.provider.estimate?.(stage.order, stage.signal)
    const { cost, left } = await stage.provider.submit(stage.order, () => undefined, stage.signal)
    const after = await stage.provider.estimate?.(stage.order, stage.signal)
    expect([cost, left, before?.amount, after?.amount]).toEqual([undefined, 'unlimited', 1, 0])
  })

  it('knows of no bound of another key, nor of one at another address', async () => {
    const stage = await scene()
    stage.server.quota = -1
    const estimate = async () => (await stage.provider.estimate?.(stage.order, stage.signal))?.amount
    await stage.submit()
    const unbounded = await estimate()
    stage.setKey('another')
    const another = await estimate()
    stage.setKey(stage.key)
    expect({ unbounded, another, again: await estimate() }).toEqual({ unbounded: 0, another: 1, again: 0 })
  })

  it('says what a limited job has cost', async () => {
    const stage = await scene()
    expect((await stage.provider.submit(stage.order, () => undefined, stage.signal)).cost).toEqual({
      amount: 1,
      unit: 'conversions',
    })
  })

  it('passes on that the key may not use the pair, and reads lists of details', async () => {
    const stage = await scene()
    await stage.provider.capabilities(stage.signal)
    stage.server.ownPairs = []
    const refused = toFailure(await stage.submit().catch((error: unknown) => error))
    stage.server.misbehave('submit', {
      kind: 'instead',
      reply: { status: 422, body: { detail: [{ loc: ['body', 'files'], msg: 'field required' }] } },
    })
    const invalid = toFailure(await stage.submit().catch((error: unknown) => error))
    expect([refused.code, factsOf(refused)['reason'], factsOf(invalid)['reason']]).toEqual([
      'not-allowed',
      'This key may not use wav2mp3',
      'body.files: field required',
    ])
  })

  it('unpacks an archive into its parts', async () => {
    const stage = await scene()
    stage.server.results = 3
    const parts = await stage.convert()
    const bytes = await Promise.all(parts.map(async ({ temp }) => await readFile(temp)))
    expect(parts.map(({ name, format }) => [name, format])).toEqual([1, 2, 3].map((n) => [`page ${n}`, 'mp3']))
    expect([bytes.every((one) => one.equals(stage.made())), (await stage.left()).length]).toEqual([true, 3])
  })

  it('takes a job that has expired for gone', async () => {
    const stage = await scene()
    const ticket = await stage.submit()
    ;(stage.server.jobs as unknown[]).length = 0
    expect([await failureOf(stage.wait(ticket)), await failureOf(stage.fetch(ticket))]).toEqual(['gone', 'gone'])
  })

  it('shows with one free question whether the key works', async () => {
    const stage = await scene()
    stage.setKey('another')
    expect(await failureOf(stage.provider.account?.(stage.signal) ?? Promise.resolve())).toBe('key-rejected')
    expect(stage.server.seen.map(({ route }) => route)).toEqual(['pairs'])
  })
})

describe('the one long request of Converter App', () => {
  it('takes a small file and brings the result', async () => {
    const { submit, order, made, reported, server } = await smallScene()
    const submitted = await submit()
    const [part] = submitted.kind === 'converted' ? submitted.parts : []
    expect((await readFile(part?.temp ?? '')).equals(made())).toBe(true)
    expect([part, server.asked('submit').length, reported.includes(null)]).toEqual([
      { temp: order.temp(0), name: 'converted', format: 'mp3', bytes: made().length },
      0,
      true,
    ])
  })

  it('stays open for more than half an hour', async () => {
    const { submit, clock, server } = await smallScene()
    const { reached } = server.misbehave('sync', { kind: 'silent', when: 'after' })
    const code = failureOf(submit())
    await reached
    clock.advance(31 * 60_000)
    expect(clock.waiting()).toBe(1)
    clock.advance(4 * 60_000)
    expect(await code).toBe('answer-lost')
  })

  it.each([0, 0.5])('is lost where it breaks after %s of the result, and is not repeated', async (share) => {
    const { submit, server, left } = await smallScene()
    server.misbehave('sync', { kind: 'cut', share })
    expect([await failureOf(submit()), server.jobs.length, await left()]).toEqual(['answer-lost', 1, []])
  })

  it('never saves what is no result', async () => {
    const { submit, server, left } = await smallScene()
    server.misbehave('sync', { kind: 'instead', reply: { body: { status: 'error', detail: 'no' } } })
    expect([await failureOf(submit()), await left()]).toEqual(['answer-bad', []])
  })

  it('says what it has cost, as its answer does not say what is left', async () => {
    const { submit } = await smallScene()
    const { cost, left } = await submit()
    expect([cost, left]).toEqual([{ amount: 1, unit: 'conversions' }, undefined])
  })
})
