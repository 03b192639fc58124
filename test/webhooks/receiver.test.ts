/** The receiver alone, called over real HTTP by providers and by anybody else. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { createOnline } from '../../src/main/providers/registry.ts'
import type { SecretName } from '../../src/main/engine/ports.ts'
import { createReceiver } from '../../src/main/webhooks/receiver.ts'
import { describeCheck } from '../../src/shared/describe.ts'
import { defaultSettings } from '../../src/shared/settings.ts'
import { fakeClock } from '../support/clock.ts'
import { leavesNothingOpen } from '../support/quiet.ts'
import { signedByXconvert } from '../support/servers/xconvert.ts'
import { freePort, post, raw } from '../support/webhook-caller.ts'
import { memoryOf } from '../support/stage.ts'

leavesNothingOpen()

const token = 'a-token-that-nobody-guesses'
const secret = 'whsec_test'

async function receiver(patienceMs = 10_000) {
  const clock = fakeClock()
  const kept: Partial<Record<SecretName, string>> = {
    'musicgpt webhook': token,
    'converso webhook': 'another',
    'xconvert webhook': secret,
  }
  const secrets = {
    get: async (name: SecretName) => kept[name] ?? null,
    has: async (name: SecretName) => kept[name] !== undefined,
    set: async () => undefined,
    forget: async () => undefined,
  }
  const said: string[] = []
  let fails = false
  const write = (text: string, facts: unknown): void => {
    if (fails) {
      fails = false
      throw new Error('the log cannot be written')
    }
    said.push(`${text} ${JSON.stringify(facts ?? {})}`)
  }
  const log = { debug: write, info: write, warn: write, error: write }
  const rung: unknown[] = []
  const providers = createOnline({
    settings: () => defaultSettings,
    secrets,
    clock,
    random: { next: () => 0.5, key: () => 'a-fresh-key' },
    log,
    memory: () => memoryOf(),
  })
  const port = await freePort()
  const settings = { ...defaultSettings, webhookPort: port, webhookAddress: 'https://tunnel.example/beside' }
  const made = createReceiver({
    providers,
    secrets,
    nowMs: clock.nowMs,
    log,
    patienceMs,
    calledBack: (id, ids) => rung.push([id, ids]) > 0,
  })
  onTestFinished(async () => {
    await made.stop()
    for (const provider of providers) await provider.stop()
  })
  await made.follow(settings)
  const at = (path: string) => `http://127.0.0.1:${port}/${path}`
  const sign = (body: string, ageMs = 0, by = secret) => signedByXconvert(body, by, clock.nowMs() - ageMs)
  return { ...made, settings, at, port, clock, rung, said, sign, failLog: () => (fails = true) }
}

const job = '{"data":{"id":"job-1"}}'

describe('a call with the token of its address', () => {
  it('rings for the job that it names, whatever the tunnel puts before the path', async () => {
    const { at, rung } = await receiver()
    const body = JSON.stringify({ conversion_id: 'c-1', success: true, output_file_path: 'https://evil.example/x.mp3' })
    expect([await post(at(`musicgpt/${token}`), { body }), await post(at(`some/where/musicgpt/${token}?x=1`), { body })]).toEqual(
      [204, 204],
    )
    expect(rung).toEqual([1, 2].map(() => ['musicgpt', { conversion: 'c-1' }]))
  })

  it.each([
    ['a wrong token', 403, 'musicgpt/a-token-that-nobody-guessex', {}],
    ['another provider’s token', 403, `converso/${token}`, {}],
    ['no token', 403, 'musicgpt', {}],
    ['a provider that calls nobody', 404, `converter-app/${token}`, {}],
    ['no provider', 404, `elsewhere/${token}`, {}],
    ['a GET', 405, `musicgpt/${token}`, { method: 'GET', body: '' }],
    ['no JSON', 400, `musicgpt/${token}`, { body: '{"task_id":' }],
    ['bytes that are no text', 400, `musicgpt/${token}`, { body: Buffer.from([0xff, 0xfe, 0x00]) }],
    ['too much, as it says', 413, `musicgpt/${token}`, { body: 'x'.repeat(70_000) }],
    [
      'too much, which shows',
      413,
      `musicgpt/${token}`,
      { body: 'x'.repeat(70_000), headers: { 'transfer-encoding': 'chunked' } },
    ],
  ])('is refused: %s', async (_, status, path, more) => {
    const { at, rung, said, stop } = await receiver()
    const answered = await post(at(path), more)
    await stop()
    // A caller that is cut off in the middle of its body may miss the answer.
    expect(status === 413 ? [413, 0] : [status]).toContain(answered)
    expect(rung).toEqual([])
    expect(said.filter((line) => line.startsWith('calls to the webhook receiver were refused'))).toHaveLength(1)
    expect(said.join('\n')).not.toMatch(/nobody-guesse|whsec_test/)
  })

  it('rings for nobody where it names no job, or in another kind of value', async () => {
    const { at, rung } = await receiver()
    for (const body of ['{}', '[]', 'null', '"task_id"', '{"task_id":{"$gt":""}}', '{"task_id":""}'])
      await post(at(`musicgpt/${token}`), { body })
    expect(rung).toEqual([1, 2, 3, 4, 5, 6].map(() => ['musicgpt', {}]))
  })
})

describe('a signed call', () => {
  it('rings for its job, wherever in the payload that is named', async () => {
    const { at, rung, sign } = await receiver()
    for (const body of [job, '{"job":{"id":7}}', '{"jobId":"j"}', '{"job_id":"j"}', '{"data":{"job":{"id":"j"}}}'])
      expect(await post(at('xconvert'), { body, headers: sign(body) })).toBe(204)
    expect(rung).toEqual(['job-1', '7', 'j', 'j', 'j'].map((id) => ['xconvert', { job: id }]))
  })

  it('is heard once, and not again from a recording', async () => {
    const { at, rung, sign } = await receiver()
    const call = { body: job, headers: sign(job) }
    expect([await post(at('xconvert'), call), await post(at('xconvert'), call)]).toEqual([204, 403])
    expect(rung).toHaveLength(1)
  })

  it('holds for five minutes, by a clock that may be five minutes off', async () => {
    const { at, sign, rung } = await receiver()
    const statuses = []
    for (const ageMs of [299_000, -299_000, 302_000, -302_000])
      statuses.push(await post(at('xconvert'), { body: job, headers: sign(job, ageMs) }))
    expect([statuses, rung.length]).toEqual([[204, 204, 403, 403], 2])
  })

  it.each([
    ['another secret', job, { by: 'whsec_other' }],
    ['another body', '{"data":{"id":"job-2"}}', {}],
    ['another time', job, { 'x-xconvert-timestamp': '1800000001' }],
    ['half a signature', job, { 'x-xconvert-signature': 'abcdef' }],
    ['no signature', job, { 'x-xconvert-signature': '' }],
    ['no time', job, { 'x-xconvert-timestamp': '' }],
  ])('is refused with %s', async (_, body, { by, ...headers }: Record<string, string>) => {
    const { at, rung, sign } = await receiver()
    expect([await post(at('xconvert'), { body, headers: { ...sign(job, 0, by), ...headers } }), rung]).toEqual([403, []])
  })
})

describe('the receiver', () => {
  it('hears sixty calls at once and then ten a second, and writes one line about the rest', async () => {
    const { at, rung, said, clock, stop } = await receiver()
    const flood = async (count: number) => {
      const statuses = await Promise.all(Array.from({ length: count }, async () => await post(at(`musicgpt/${token}`))))
      return statuses.filter((status) => status === 204).length
    }
    const first = (await flood(30)) + (await flood(30)) + (await flood(30))
    clock.advance(1_000)
    const second = await flood(30)
    await stop()
    const refusals = said.filter((line) => line.includes('were refused'))
    expect([first, second, rung.length, refusals]).toEqual([
      60,
      10,
      70,
      ['calls to the webhook receiver were refused {"too many":1}', 'calls to the webhook receiver were refused {"too many":49}'],
    ])
  })

  it('hangs up on who sends too slowly, and on who speaks no HTTP', async () => {
    const { port, rung, said, stop } = await receiver(300)
    const slow = await raw(port, `POST /musicgpt/${token} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"a"`)
    const slowHead = await raw(port, 'POST / HTTP/1.1\r\nHost:')
    const noise = await raw(port, 'hello\r\n\r\n')
    await stop()
    expect([slow, slowHead, noise].map((text) => text.slice(0, 12))).toEqual(['HTTP/1.1 408', 'HTTP/1.1 408', 'HTTP/1.1 400'])
    expect([rung, said.some((line) => line.includes('"too slow":1'))]).toEqual([[], true])
  })

  it('listens on loopback alone, moves with its setting, and falls silent when it is switched off', async () => {
    const { at, follow, settings, checks } = await receiver()
    const before = await post(at('xconvert'))
    const port = await freePort()
    const moved = { ...settings, webhookPort: port }
    await follow(moved)
    const [left, there] = [await post(at('xconvert')), await post(`http://127.0.0.1:${port}/xconvert`)]
    await follow({ ...moved, webhookAddress: '' })
    const off = await post(`http://127.0.0.1:${port}/xconvert`)
    expect([before, left, there, off]).toEqual([403, 0, 403, 0])
    const lines = checks(moved).map((check) => ({ state: check.state, found: describeCheck(check).found }))
    expect([lines, checks(defaultSettings)]).toEqual([
      [{ state: 'ok', found: `127.0.0.1:${port}, called at https://tunnel.example/beside, while Beside works` }],
      [],
    ])
  })

  it('follows its settings again after a change of them that went wrong', async () => {
    const { at, follow, settings, failLog } = await receiver()
    // The second refusal of a minute is written down when the receiver closes.
    for (const path of ['elsewhere', 'elsewhere']) await post(at(path))
    failLog()
    await follow({ ...settings, webhookPort: await freePort() })
    await follow(settings)
    expect(await post(at('xconvert'))).toBe(403)
  })

  it('says so where its port is taken, and Beside works on', async () => {
    const { settings } = await receiver()
    const second = createReceiver({
      providers: [],
      secrets: { get: async () => null },
      nowMs: () => 0,
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      calledBack: () => false,
    })
    await second.follow(settings)
    expect(second.checks(settings)).toMatchObject([
      { of: 'webhook-receiver', state: 'trouble', facts: { port: settings.webhookPort }, why: { code: 'not-possible' } },
    ])
    expect(second.checks(settings).map((check) => describeCheck(check).found)).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+, called at .*: .*EADDRINUSE/),
    ])
    await second.stop()
  })
})
