import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createMusicgpt } from '../../../src/main/providers/musicgpt/index.ts'
import { toFailure } from '../../../src/shared/failure.ts'
import { tone } from '../../support/servers/convert.ts'
import { musicgptKey } from '../../support/servers/musicgpt.ts'
import type { Reply } from '../../support/servers/reply.ts'
import { failureOf } from '../../support/stage.ts'
import { conformance } from '../conformance.ts'
import { alone, end, musicgpt, stageFor } from './stage.ts'

conformance('MusicGPT', musicgpt)

describe('what MusicGPT is sent', () => {
  it('is a form with one file under a name of its own, the key bare, and the options as decimal text', async () => {
    const stage = await stageFor({
      wish: { target: 'flac', options: { sampleRate: 48_000, bitDepth: 24, webhook: 'https://example.com/hook?t=1' } },
    })
    const ticket = await stage.submit()
    expect(stage.server.jobs.map(({ fields, fileName }) => ({ fields, fileName }))).toEqual([
      {
        fields: {
          target_format: 'flac',
          target_sr: '48000',
          target_bit_depth: '24',
          webhook_url: 'https://example.com/hook?t=1',
        },
        fileName: 'audio.wav',
      },
    ])
    const [seen] = stage.server.asked('submit')
    expect([seen?.headers.authorization, ticket.ids]).toEqual([musicgptKey, { task: 'task-1/x y', conversion: 'conversion-1' }])
    await stage.fetch(await stage.wait(ticket))
    await end(stage)
  })

  it('is a form as well where the source is an address, and then without a file', async () => {
    const stage = await stageFor()
    const url = stage.server.lend(await tone('wav'))
    const order = { ...stage.order, source: { kind: 'url', url } as const }
    const submitted = await stage.provider.submit(order, () => undefined, stage.signal)
    if (submitted.kind !== 'accepted') throw new Error('not accepted')
    const parts = await stage.fetch(await stage.wait(submitted.ticket))
    expect(stage.server.jobs.map(({ fields, fileName }) => ({ fields, fileName }))).toEqual([
      { fields: { audio_url: url, target_format: 'mp3' }, fileName: null },
    ])
    expect(stage.server.asked('submit')[0]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(parts.map(({ bytes }) => bytes)).toEqual([stage.server.made().length])
    await end(stage)
  })

  it('is one id of the two, with the word of the reference', async () => {
    const stage = await stageFor()
    const ticket = await stage.submit()
    await stage.provider.poll?.(ticket, stage.signal)
    const { conversion: second = '' } = ticket.ids
    await stage.provider.poll?.({ ...ticket, ids: { conversion: second } }, stage.signal)
    expect(stage.server.asked('poll').map(({ query }) => Object.fromEntries(query))).toEqual([
      { conversionType: 'FILE_CONVERT', task_id: 'task-1/x y' },
      { conversionType: 'FILE_CONVERT', conversion_id: 'conversion-1' },
    ])
    await end(stage)
  })

  it('is nothing where an address leads into a private network', async () => {
    const stage = await stageFor({ wish: { source: { kind: 'url', url: 'http://192.168.1.2/a.wav' } } })
    const provider = createMusicgpt({ ...alone(stage), baseUrl: 'https://musicgpt.test' }, () => 'free')
    expect(await failureOf(provider.submit(stage.order, () => undefined, stage.signal))).toBe('source-not-public')
    await provider.stop()
    await end(stage)
  })
})

describe('what MusicGPT answers', () => {
  it('costs an estimate at the submit and a figure at the end', async () => {
    const stage = await stageFor()
    const submitted = await stage.provider.submit(stage.order, () => undefined, stage.signal)
    if (submitted.kind !== 'accepted') throw new Error('not accepted')
    await stage.provider.poll?.(submitted.ticket, stage.signal)
    await stage.provider.poll?.(submitted.ticket, stage.signal)
    const ready = await stage.provider.poll?.(submitted.ticket, stage.signal)
    expect([submitted.cost, ready?.kind, ready?.kind === 'ready' && ready.cost]).toEqual([
      { amount: 0.75, unit: 'credits' },
      'ready',
      { amount: 0.8, unit: 'credits' },
    ])
    await end(stage)
  })

  it('reports the phase, and the time left only where it is known', async () => {
    const unknown = await stageFor()
    const known = await stageFor({ etaSeconds: 20 })
    const [left, timed] = [await unknown.submit(), await known.submit()]
    known.clock.advance(5_000)
    expect([
      await unknown.provider.poll?.(left, unknown.signal),
      await known.provider.poll?.(timed, known.signal),
      await unknown.provider.poll?.(left, unknown.signal),
    ]).toEqual([
      { kind: 'running', stage: 'queued', done: null, leftMs: null },
      { kind: 'running', stage: 'queued', done: null, leftMs: 15_000 },
      { kind: 'running', stage: 'processing', done: null, leftMs: null },
    ])
    known.clock.advance(60_000)
    expect(await known.provider.poll?.(timed, known.signal)).toMatchObject({ leftMs: null })
    await end(unknown)
    await end(known)
  })

  it('is a failure where it says success: false, whatever its status', async () => {
    const stage = await stageFor()
    const ticket = await stage.submit()
    const reply: Reply = { body: { success: false, error: { code: 'BAD_AUDIO', message: `cannot read it, ${musicgptKey}` } } }
    stage.server.misbehave('submit', { kind: 'instead', reply })
    stage.server.misbehave('poll', { kind: 'instead', reply })
    const failures = await Promise.all(
      [stage.submit(), stage.wait(ticket)].map(async (work) => await work.catch((error: unknown) => toFailure(error))),
    )
    const expected = { code: 'conversion-failed', facts: { provider: 'MusicGPT', reason: 'cannot read it, (key)' } }
    expect(failures).toEqual([expected, expected])
    await end(stage)
  })

  it('says why a conversion failed', async () => {
    const stage = await stageFor()
    const { source } = stage.order
    if (source.kind === 'file') await writeFile(source.path, 'this is no sound at all')
    const failure = await stage.wait(await stage.submit()).catch((error: unknown) => toFailure(error))
    expect(failure).toMatchObject({ code: 'conversion-failed', facts: { reason: 'the audio could not be decoded' } })
    await end(stage)
  })

  it('has one status for key and permission, so the failure names both', async () => {
    const stage = await stageFor()
    stage.setKey('another key')
    const failure = await stage.submit().catch((error: unknown) => toFailure(error))
    expect(failure).toEqual({
      code: 'key-rejected',
      facts: {
        provider: 'MusicGPT',
        because: 'key-or-plan',
        reason: 'no permission or wrong API key',
      },
    })
    await end(stage)
  })

  it('is a passing trouble where a poll gives a page, and nonsense where it gives no status or no result', async () => {
    const stage = await stageFor()
    const ticket = await stage.submit()
    const codes: string[] = []
    for (const body of ['<html>Back soon</html>', { success: true }, { success: true, conversion: { status: 'COMPLETED' } }]) {
      stage.server.misbehave('poll', { kind: 'instead', reply: { body } })
      codes.push(await failureOf(stage.wait(ticket)))
    }
    expect(codes).toEqual(['provider-down', 'answer-bad', 'answer-bad'])
    await end(stage)
  })
})

describe('a result of MusicGPT', () => {
  it('is called what was asked for, whatever its address says', async () => {
    const stage = await stageFor({ wish: { target: 'wav', options: { bitDepth: 24, sampleRate: 48_000 } } })
    const ticket = await stage.wait(await stage.submit())
    const [part] = await stage.fetch(ticket)
    const data = await readFile(part?.temp ?? '')
    // Bytes 24 and 34 of a WAV header: the rate and the depth that were asked for, unless FFmpeg wrote the longer header.
    const header = data.subarray(0, 4).toString()
    expect([ticket.ids['url']?.includes('.mp3'), part?.format, header, data.readUInt32LE(24), data.readUInt16LE(34)]).toEqual([
      true,
      'wav',
      'RIFF',
      48_000,
      24,
    ])
    await end(stage)
  })

  it('lies on a host that sees no key, and would refuse one', async () => {
    const stage = await stageFor()
    await stage.convert()
    const [seen] = stage.server.asked('result')
    expect([seen?.origin, seen?.headers.authorization]).toEqual(['foreign', undefined])
    await end(stage)
  })

  it('is asked for without the key even where it lies on MusicGPT’s own host', async () => {
    const stage = await stageFor()
    const ticket = await stage.wait(await stage.submit())
    await stage.fetch({ ...ticket, ids: { ...ticket.ids, url: `${stage.server.base}/files/1.mp3` } })
    const seen = stage.server.seen.find(({ path }) => path.endsWith('/files/1.mp3'))
    expect([seen?.origin, seen?.headers.authorization]).toEqual(['own', undefined])
    await end(stage)
  })

  it('is asked for anew where its address has grown old', async () => {
    const stage = await stageFor()
    const ticket = await stage.wait(await stage.submit())
    const old = `${stage.server.foreign}/results/long-gone.mp3`
    const [part] = await stage.fetch({ ...ticket, ids: { ...ticket.ids, url: old } })
    expect([part?.bytes, stage.server.asked('poll').length]).toEqual([stage.server.made().length, 4])
    await end(stage)
  })

  it('is gone where a fresh address helps no more than the old one', async () => {
    const stage = await stageFor()
    const ticket = await stage.wait(await stage.submit())
    stage.server.misbehave(
      'result',
      { kind: 'instead', reply: { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' } },
      9,
    )
    expect([await failureOf(stage.fetch(ticket)), await stage.left()]).toEqual(['gone', []])
    await end(stage)
  })
})
