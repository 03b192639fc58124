import { describe, expect, it } from 'vitest'
import { createConverso } from '../../../src/main/providers/converso/index.ts'
import { toFailure } from '../../../src/shared/failure.ts'
import { conversoKey } from '../../support/servers/converso.ts'
import { failureOf } from '../../support/stage.ts'
import { conformance } from '../conformance.ts'
import { alone, complaint, converso, end, saying, stageFor } from './stage.ts'

const dayMs = 24 * 3_600_000

conformance('Converso', converso)

describe('what Converso is sent', () => {
  it('is JSON with the key in a header of its own, and the answer is no more than an id', async () => {
    const stage = await stageFor({ options: { quality: 'high', priority: 'low' } })
    const ticket = await stage.submit()
    const { source } = stage.order
    const [seen] = stage.server.asked('submit')
    expect([seen?.headers['x-api-key'], seen?.headers['content-type'], ticket.ids]).toEqual([
      conversoKey,
      'application/json',
      { job: 'a1b2c3d4e5f6g7h1/?' },
    ])
    expect(stage.server.jobs[0]?.asked).toEqual({
      source: { type: 'url', url: source.kind === 'url' ? source.url : '' },
      output: { format: 'mp3', quality: 'high', preserveMetadata: true },
      options: { filename: '0', priority: 'low' },
    })
    await end(stage)
  })

  it('is nothing of a file on this machine, which it could not take', async () => {
    const stage = await stageFor({ source: { kind: 'file', path: '/films/holiday.mp4', bytes: 1, mtimeMs: 0 } })
    const failure = await stage.submit().catch((error: unknown) => toFailure(error))
    expect([failure, stage.server.seen]).toEqual([
      { code: 'source-not-public', facts: { provider: 'Converso', because: 'only-addresses' } },
      [],
    ])
    await end(stage)
  })

  it.each(['http://10.0.0.8/film.mp4', `https://example.com/${'a'.repeat(2_048)}`])(
    'is nothing where it could not fetch %.30s…',
    async (url) => {
      const stage = await stageFor({ source: { kind: 'url', url } })
      const provider = createConverso({ ...alone(stage), baseUrl: 'https://converso.test/audio-extract' })
      expect(await failureOf(provider.submit(stage.order, () => undefined, stage.signal))).toBe('source-not-public')
      await provider.stop()
      await end(stage)
    },
  )

  it('is built from the id, encoded, below the base address', async () => {
    const stage = await stageFor()
    await stage.convert()
    const paths = [stage.server.asked('poll')[0]?.path, stage.server.asked('result')[0]?.path]
    expect(paths).toEqual(['status', 'download'].map((verb) => `/audio-extract/v1/${verb}/a1b2c3d4e5f6g7h1%2F%3F`))
    await end(stage)
  })
})

describe('a job at Converso', () => {
  it('reports its step in the words of the service, its progress, and the seconds left', async () => {
    const stage = await stageFor()
    const ticket = await stage.submit()
    const polls = [1, 2, 3].map(async () => await stage.provider.poll?.(ticket, stage.signal))
    expect(await Promise.all(polls)).toEqual([
      { kind: 'running', stage: 'queued', done: 0, leftMs: 12_000 },
      { kind: 'running', stage: 'processing', done: 0.2, leftMs: 8_000, serviceStatus: 'downloading_video' },
      { kind: 'running', stage: 'processing', done: 0.75, leftMs: 2_000, serviceStatus: 'extracting_audio' },
    ])
    await end(stage)
  })

  it('may fail within an answer that is a success, and says why', async () => {
    const stage = await stageFor({ source: { kind: 'url', url: 'http://127.0.0.1:1/nobody-listens.mp4' } })
    const failure = await stage.wait(await stage.submit()).catch((error: unknown) => toFailure(error))
    expect(failure).toMatchObject({ code: 'conversion-failed', facts: { reason: 'there is no sound in it' } })
    await end(stage)
  })

  it('fails for good, whatever code it gives as the reason', async () => {
    const stage = await stageFor()
    const ticket = await stage.submit()
    const codes: string[] = []
    for (const error of [
      { code: 'DOWNLOAD_FAILED', message: 'no' },
      { code: 'SERVICE_UNAVAILABLE', message: 'no' },
      'in words',
      null,
    ]) {
      stage.server.misbehave('poll', saying({ status: 'failed', error }))
      codes.push(await failureOf(stage.wait(ticket)))
    }
    expect(codes).toEqual(['conversion-failed', 'conversion-failed', 'conversion-failed', 'conversion-failed'])
    await end(stage)
  })

  it('may be complained of in the envelope of an answer that is a success', async () => {
    const stage = await stageFor()
    const ticket = await stage.submit()
    const codes: string[] = []
    for (const code of [
      'EXTRACTION_FAILED',
      'DOWNLOAD_FAILED',
      'FILE_EXPIRED',
      'JOB_NOT_FOUND',
      'SERVICE_UNAVAILABLE',
      'UNAUTHORIZED',
      'ODD',
    ]) {
      stage.server.misbehave('poll', complaint(200, code))
      codes.push(await failureOf(stage.wait(ticket)))
    }
    expect(codes).toEqual([
      'conversion-failed',
      'conversion-failed',
      'gone',
      'gone',
      'provider-down',
      'key-rejected',
      'conversion-failed',
    ])
    await end(stage)
  })

  it('goes on where the status says that it is not completed', async () => {
    const stage = await stageFor()
    const ticket = await stage.submit()
    stage.server.misbehave('poll', complaint(202, 'JOB_NOT_COMPLETED'))
    expect(await stage.provider.poll?.(ticket, stage.signal)).toEqual({ kind: 'running', stage: 'processing', done: null })
    await end(stage)
  })

  it('is asked for again where a poll gives a page, and makes no sense where it has no status', async () => {
    const stage = await stageFor()
    const ticket = await stage.submit()
    const codes: string[] = []
    for (const body of ['<html>Back soon</html>', { success: true, data: {} }, { success: true }]) {
      stage.server.misbehave('poll', { kind: 'instead', reply: { body } })
      codes.push(await failureOf(stage.wait(ticket)))
    }
    expect(codes).toEqual(['provider-down', 'answer-bad', 'answer-bad'])
    await end(stage)
  })
})

describe('the queue of Converso', () => {
  it('may be full: nothing was taken, and the same submit is taken later', async () => {
    const stage = await stageFor()
    stage.server.misbehave('submit', complaint(503, 'QUEUE_FULL'))
    const first = await failureOf(stage.submit())
    const before = stage.server.jobs.length
    await stage.submit()
    expect([first, before, stage.server.jobs.length]).toEqual(['queue-full', 0, 1])
    await end(stage)
  })

  it('may be full within an answer that is a success, which is no job', async () => {
    const stage = await stageFor()
    stage.server.misbehave('submit', complaint(202, 'QUEUE_FULL'))
    const failure = await stage.submit().catch((error: unknown) => toFailure(error))
    // No time is named, so that the engine's own waits grow.
    expect(failure).toEqual({ code: 'queue-full', facts: { provider: 'Converso', reason: 'no' } })
    await end(stage)
  })

  it('learns what is wrong with an order, under whichever code', async () => {
    const stage = await stageFor()
    const failures: unknown[] = []
    for (const code of ['INVALID_REQUEST', 'INVALID_OUTPUT', 'INVALID_SOURCE']) {
      stage.server.misbehave('submit', complaint(400, code, `not this ${conversoKey}`))
      failures.push(await stage.submit().catch((error: unknown) => toFailure(error)))
    }
    const expected = { code: 'conversion-failed', facts: { provider: 'Converso', reason: 'not this (key)' } }
    expect(failures).toEqual([expected, expected, expected])
    await end(stage)
  })
})

describe('a result of Converso', () => {
  it('that is not ready is asked for again, and its message is never saved', async () => {
    const stage = await stageFor()
    const ticket = await stage.wait(await stage.submit())
    stage.server.misbehave('result', complaint(202, 'JOB_NOT_COMPLETED'))
    const failure = await stage.fetch(ticket).catch((error: unknown) => toFailure(error))
    expect([failure, await stage.left()]).toMatchObject([{ code: 'rate-limited', retryAfterMs: 5_000 }, []])
    const [part] = await stage.fetch(ticket)
    expect(part?.bytes).toBe(stage.made().length)
    await end(stage)
  })

  it('that is not ready is known by the status alone, too', async () => {
    const stage = await stageFor()
    const ticket = await stage.wait(await stage.submit())
    const body = JSON.stringify({ success: false, error: { code: 'JOB_NOT_COMPLETED' } })
    stage.server.misbehave('result', { kind: 'instead', reply: { status: 202, headers: { 'content-type': 'audio/mpeg' }, body } })
    expect([await failureOf(stage.fetch(ticket)), await stage.left()]).toEqual(['rate-limited', []])
    await end(stage)
  })

  it('may turn out to be a failure, within an answer that is a success', async () => {
    const stage = await stageFor()
    const ticket = await stage.wait(await stage.submit())
    stage.server.misbehave('result', complaint(202, 'EXTRACTION_FAILED', 'it broke off'))
    const failure = await stage.fetch(ticket).catch((error: unknown) => toFailure(error))
    expect([failure, await stage.left()]).toMatchObject([{ code: 'conversion-failed', facts: { reason: 'it broke off' } }, []])
    await end(stage)
  })

  it('is gone when the service says that its day is over', async () => {
    const stage = await stageFor()
    const ticket = await stage.wait(await stage.submit())
    stage.server.expireAll()
    const failure = await stage.fetch(ticket).catch((error: unknown) => toFailure(error))
    expect(failure).toEqual({ code: 'gone', facts: { provider: 'Converso', reason: 'kept for 24 hours' } })
    await end(stage)
  })

  it('is kept for a day from when it was ready, and the day goes on while nobody asks', async () => {
    const stage = await stageFor()
    const ticket = await stage.submit()
    stage.clock.advance(dayMs / 2)
    const ready = await stage.wait(ticket)
    expect([ticket.expiresAtMs, ready.expiresAtMs]).toEqual([ticket.submittedAtMs + dayMs, stage.clock.nowMs() + dayMs])
    stage.clock.advance(dayMs - 1)
    const inTime = await stage.fetch(ready)
    stage.clock.advance(1)
    const asked = stage.server.seen.length
    expect([inTime.length, await failureOf(stage.fetch(ready)), stage.server.seen.length - asked]).toEqual([1, 'gone', 0])
    await end(stage)
  })

  it('is gone without a question where the job is older than a day', async () => {
    const stage = await stageFor()
    const ticket = await stage.submit()
    stage.clock.advance(dayMs)
    expect([await failureOf(stage.wait(ticket)), stage.server.asked('poll')]).toEqual(['gone', []])
    await end(stage)
  })
})

describe('the account at Converso', () => {
  it('is in order where the key is known, and has no balance', async () => {
    const stage = await stageFor()
    expect([await stage.provider.account?.(stage.signal), stage.server.jobs]).toEqual([{ plan: null, left: null }, []])
    stage.server.misbehave('poll', { kind: 'instead', reply: { body: '<html>Log in to this network</html>' } })
    expect(await failureOf(stage.provider.account?.(stage.signal) ?? Promise.resolve())).toBe('answer-bad')
    stage.setKey('another key')
    expect(await failureOf(stage.provider.account?.(stage.signal) ?? Promise.resolve())).toBe('key-rejected')
    await end(stage)
  })
})
