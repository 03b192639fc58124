import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { callHook, checkedHookUrl } from '../../src/main/hooks/call.ts'
import { newHookSecret, signedHeaders } from '../../src/main/hooks/signature.ts'
import { systemClock, systemRandom } from '../../src/main/system.ts'
import { describe as inWords } from '../../src/shared/describe.ts'
import type { HookTest } from '../../src/shared/hooks.ts'
import { fakeClock } from '../support/clock.ts'
import { hookServer } from '../support/hook-listeners.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { until } from '../support/watching.ts'
import { failureOf } from '../support/stage.ts'

leavesNothingOpen()
const never = new AbortController().signal

async function call(url: string, body = '{"id":"k1"}', clock = systemClock, signal = never): Promise<HookTest> {
  const headers = signedHeaders('whsec_c2VjcmV0', 'k1', body, clock.nowMs())
  return await callHook({ url: checkedHookUrl(url), body, headers, timeoutMs: 30_000, clock, signal })
}

function saying({ why }: HookTest): string | null {
  return why === null ? null : inWords(why).message
}

describe('the call of a hook', () => {
  it('is a POST of JSON, with its key, a time stamp and a signature over both and the body', async () => {
    const server = await hookServer()
    const { answer } = await call(`${server.url}?a=b`, '{"id":"k1","name":"夕"}')
    const [called] = server.calls
    if (called === undefined) throw new Error('nobody called')
    const { method, path, headers, body } = called
    const stamp = String(headers['webhook-timestamp'])
    const expected = createHmac('sha256', 'secret').update(`k1.${stamp}.${body}`).digest('base64')
    expect([
      answer?.status,
      method,
      path,
      headers['content-type'],
      headers['webhook-id'],
      headers['webhook-signature'],
      body,
    ]).toEqual([204, 'POST', '/heard?a=b', 'application/json; charset=utf-8', 'k1', `v1,${expected}`, '{"id":"k1","name":"夕"}'])
    expect(Math.abs(Number(stamp) * 1000 - systemClock.nowMs())).toBeLessThan(60_000)
  })

  it('is signed as Standard Webhooks does: its own example verifies', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    const headers = signedHeaders(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}', 1_614_265_330_000)
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  it('has a secret of 32 bytes that is another one each time', () => {
    const [one, other] = [newHookSecret(systemRandom), newHookSecret(systemRandom)]
    expect([one.startsWith('whsec_'), Buffer.from(one.slice(6), 'base64').length, one === other]).toEqual([true, 32, false])
  })

  it.each([
    [500, {}, /answers with status 500/],
    [404, {}, /answers with status 404/],
    [302, { location: 'https://example.org/' }, /redirects elsewhere \(status 302\), which hooks do not follow/],
  ])('that is answered with %s has failed', async (status, headers, message) => {
    const server = await hookServer()
    server.answer(status, { headers, body: 'what is wrong' })
    const ended = await call(server.url)
    expect([saying(ended), ended.output, server.calls.length]).toEqual([expect.stringMatching(message), 'what is wrong', 1])
  })

  it('takes down how long it is asked to wait', async () => {
    const server = await hookServer()
    server.answer(503, { headers: { 'retry-after': '120' } })
    expect((await call(server.url)).why?.retryAfterMs).toBe(120_000)
  })

  it('reads no more of an answer than is kept', async () => {
    const server = await hookServer()
    server.answer(200, { body: 'x'.repeat(3_000_000) })
    const { answer, output } = await call(server.url)
    expect([answer?.status, output.length]).toEqual([200, 16 * 1024])
  })

  it('that is not answered in time has failed, and its connection is closed', async () => {
    const server = await hookServer()
    server.answer('silent')
    const clock = fakeClock()
    const calling = call(server.url, '{}', clock)
    await until(() => server.calls.length === 1)
    clock.advance(30_000)
    expect(saying(await calling)).toBe('The hook failed: it took longer than 30 s.')
  })

  it('that nobody takes says why', async () => {
    const server = await hookServer()
    const { port } = new URL(server.url)
    // Nobody listens on the port behind it, or whoever does speaks no HTTP.
    expect(saying(await call('http://127.0.0.1:1/'))).toBe('The hook failed: 127.0.0.1:1 cannot be reached (ECONNREFUSED).')
    expect(saying(await call(`https://127.0.0.1:${port}/`))).toMatch(/cannot be reached \(/)
    expect(saying(await call('http://no-such-name.invalid/'))).toMatch(/cannot be reached \(E/)
  })

  it('ends with its signal, and throws its reason', async () => {
    const server = await hookServer()
    server.answer('silent')
    const stopping = new AbortController()
    const calling = call(server.url, '{}', systemClock, stopping.signal)
    await until(() => server.calls.length === 1)
    stopping.abort(new Error('Beside stops'))
    await expect(calling).rejects.toThrow('Beside stops')
  })
})

describe('the address of a hook', () => {
  it.each([
    'https://example.org/x?token=1',
    'https://192.168.1.5/',
    'http://localhost:8080/',
    'http://127.0.0.1/',
    'http://[::1]:8080/',
    'http://192.168.1.5:9000/hook',
    'http://nas.local/hook',
    'http://nas/hook',
  ])('may be %s', (text) => {
    expect(checkedHookUrl(text).href).toBe(new URL(text).href)
  })

  it.each([
    'example.org',
    'ftp://example.org/',
    'file:///etc/passwd',
    'https://anna:secret@example.org/',
    'http://8.8.8.8/hook',
    'http://[2606:4700::1111]/',
    '',
  ])('may not be %s', async (text) => {
    expect(await failureOf(Promise.resolve().then(() => checkedHookUrl(text)))).toBe('usage')
  })
})
