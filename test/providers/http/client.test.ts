/** The way to the network: who gets the key, where nobody may lead us, when it asks again, how long it waits, what it says of trouble. */
import { execFileSync } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { HttpCall } from '../../../src/main/providers/http/client.ts'
import { isPrivateIp } from '../../../src/main/providers/http/addresses.ts'
import { jsonBody } from '../../../src/main/providers/http/bodies.ts'
import { factsOf, toFailure } from '../../../src/shared/failure.ts'
import { httpScene, key } from '../../support/http-scene.ts'
import { failureOf } from '../../support/stage.ts'

describe('the key', () => {
  it('goes to the own origin, below the path of the base address', async () => {
    const { ask } = await httpScene()
    expect(await ask({ query: { a: 'b&c' } })).toEqual({ path: '/api/x', auth: key, body: '' })
  })

  it('does not go where a call wants none, and to no other origin', async () => {
    const { ask, server } = await httpScene()
    const answers = [
      await ask({ key: 'none' }),
      await ask({ to: `${server.foreign}/file` }),
      await ask({ to: `${server.base}/api/file` }),
    ]
    expect(answers.map((answer) => (answer as { auth: unknown }).auth)).toEqual([null, null, key])
    expect(server.asked('foreign GET')[0]?.headers['x-request-id']).toBe(undefined)
  })

  it('goes along on the own origin, is dropped at the door, and does not come back', async () => {
    const { ask, server } = await httpScene()
    const to = (location: string) => ({ kind: 'instead', reply: { status: 302, headers: { location } } }) as const
    server.misbehave('own GET', to('/elsewhere'))
    server.misbehave('own GET', to(`${server.foreign}/out`))
    server.misbehave('foreign GET', to(`${server.base}/back`))
    expect(await ask({})).toEqual({ path: '/back', auth: null, body: '' })
    expect(server.seen.map(({ path, headers }) => [path, headers['x-api-key']])).toEqual([
      ['/api/x', key],
      ['/elsewhere', key],
      ['/out', undefined],
      ['/back', undefined],
    ])
  })

  it('goes with a body that is sent again to the own origin, and to nobody else', async () => {
    const { ask, server } = await httpScene()
    const moved = (status: number, location: string) => ({ kind: 'instead', reply: { status, headers: { location } } }) as const
    const call = { method: 'POST', body: jsonBody({ n: 1 }) } as const
    server.misbehave('own POST', moved(308, '/new'))
    expect(await ask(call)).toEqual({ path: '/new', auth: key, body: '{"n":1}' })
    for (const [status, location] of [
      [302, '/new'],
      [307, `${server.foreign}/new`],
    ] as const) {
      server.misbehave('own POST', moved(status, location))
      expect(await failureOf(ask(call))).toBe('answer-bad')
    }
    expect(server.asked('own POST').length).toBe(4)
  })
})

// The name of this machine leads into its network on most machines, as a public name of an attacker may.
const own = hostname()
const isPrivate = await lookup(own).then(
  ({ address }) => isPrivateIp(address),
  () => false,
)

describe('addresses', () => {
  it.each([
    'http://example.com',
    'ftp://127.0.0.1',
    'https://user:pass@example.com',
    'https://example.com/?key=1',
    'example.com',
    '',
  ])('%s is no base', async (base) => {
    const { ask } = await httpScene({ base })
    expect(await failureOf(ask({}))).toBe('usage')
  })

  it.skipIf(!isPrivate)('that only resolve into this network are not connected to', async () => {
    const { http, signal } = await httpScene({ base: 'https://api.example.com' })
    const call = { method: 'GET', to: `http://${own}:9/`, repeat: 'harmless', key: 'none', tries: 1 } as const
    const failure = toFailure(await http.open(call, signal).catch((error: unknown) => error))
    expect([failure.code, factsOf(failure)['because']]).toEqual(['answer-bad', 'result-address-private'])
  })
})

describe('asking again', () => {
  it('a question is asked three times, with growing pauses', async () => {
    const { ask, server, clock } = await httpScene()
    server.misbehave('own GET', { kind: 'reset', when: 'before' })
    server.misbehave('own GET', { kind: 'instead', reply: { status: 502 } })
    await ask({})
    expect(clock.slept).toEqual([500, 1000])
    server.misbehave('own GET', { kind: 'instead', reply: { status: 500 } }, 9)
    expect([await failureOf(ask({})), server.asked('own GET').length]).toEqual(['provider-down', 2 + 3])
  })

  it('a short wait that is asked for is kept, a long one is left to the engine', async () => {
    const { ask, server, clock } = await httpScene()
    const busy = (seconds: string) => ({ kind: 'instead', reply: { status: 429, headers: { 'retry-after': seconds } } }) as const
    server.misbehave('own GET', busy('2'))
    await ask({})
    server.misbehave('own GET', busy('30'))
    const failure = toFailure(await ask({}).catch((error: unknown) => error))
    expect([clock.slept, failure.code, failure.retryAfterMs]).toEqual([[2000], 'rate-limited', 30_000])
  })

  it('a storm of refusals without a word about waiting is left to the engine at once', async () => {
    const { ask, server } = await httpScene()
    server.misbehave('own GET', { kind: 'instead', reply: { status: 429 } }, 9)
    expect([await failureOf(ask({})), server.asked('own GET').length]).toEqual(['rate-limited', 1])
  })

  it('what must not be repeated is not, whatever comes', async () => {
    const { ask, server } = await httpScene()
    const codes: string[] = []
    for (const status of [500, 501, 502, 503, 504, 408, 429]) {
      server.misbehave('own POST', { kind: 'instead', reply: { status } })
      codes.push(await failureOf(ask({ method: 'POST', repeat: 'never' })))
    }
    expect([codes, server.asked('own POST').length]).toEqual([
      ['provider-error', 'provider-error', 'answer-lost', 'provider-down', 'answer-lost', 'provider-down', 'rate-limited'],
      7,
    ])
  })
})

describe('connections', () => {
  it('that never stood have carried nothing: neither without a server nor where it speaks no TLS', async () => {
    const plain = await httpScene()
    const codes: string[] = []
    for (const base of [plain.server.base.replace('http:', 'https:'), 'http://127.0.0.1:1', 'https://no-such-host.invalid']) {
      const { ask } = await httpScene({ base })
      codes.push(await failureOf(ask({ method: 'POST', repeat: 'never', body: jsonBody(1) })))
    }
    expect([codes, plain.server.seen]).toEqual([['network', 'network', 'network'], []])
  })

  it('are used again for questions, and fresh for what is sent', async () => {
    const { ask, server } = await httpScene()
    const counts: number[] = []
    const calls: readonly Partial<HttpCall>[] = [
      {},
      {},
      { method: 'POST', body: jsonBody(1) },
      { method: 'POST', repeat: 'never' },
      { to: `${server.foreign}/a` },
      { to: `${server.foreign}/b` },
    ]
    for (const call of calls) {
      await ask(call)
      counts.push(server.connections())
    }
    expect(counts).toEqual([1, 1, 2, 3, 4, 4])
  })
})

describe('the bandwidth limit', () => {
  it('holds for what goes up and for what comes down', async () => {
    const { ask, clock } = await httpScene({ bytesPerSecond: 1000 })
    const startMs = clock.nowMs()
    await ask({ method: 'POST', body: jsonBody('x'.repeat(5_000)) })
    expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(9_700)
  })
})

describe('the failure of a call', () => {
  it('never holds the key, an address or more than a line of words', async () => {
    const { ask, server } = await httpScene()
    const reply = { status: 400, body: { message: `key ${key} at ${'x'.repeat(5000)}` } }
    server.misbehave('own GET', { kind: 'instead', reply })
    const error: unknown = await ask({}).catch((thrown: unknown) => thrown)
    const text = `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack ?? ''}`
    expect([
      text.includes(key),
      text.includes(server.base),
      String(factsOf(toFailure(error))['reason'] ?? '').length,
      (error as Error).cause,
    ]).toEqual([false, false, 301, undefined])
  })

  it('names the provider, whatever the trouble is', async () => {
    const { ask, server } = await httpScene({})
    const to = (location: string) => ({ kind: 'instead', reply: { status: 302, headers: { location } } }) as const
    server.misbehave('own GET', { kind: 'instead', reply: { status: 418 } })
    server.misbehave('own GET', to('mailto:somebody'))
    server.misbehave('own POST', to('/elsewhere'))
    const open = await httpScene({ base: 'https://api.example.com' })
    const unusable = await httpScene({ base: 'http://api.example.com' })
    const troubles = [
      ask({}),
      ask({}),
      ask({ method: 'POST' }),
      ask({ to: 'mailto:somebody' }),
      open.ask({ to: 'http://10.0.0.1/file' }),
      unusable.ask({}),
    ]
    const named = await Promise.all(
      troubles.map(async (work) => {
        const { code, facts } = toFailure(await work.catch((error: unknown) => error))
        return { code, provider: (facts as { readonly provider?: string }).provider }
      }),
    )
    expect(named).toEqual(
      (['provider-error', 'answer-bad', 'answer-bad', 'answer-bad', 'answer-bad', 'usage'] as const).map((code) => ({
        code,
        provider: 'Test',
      })),
    )
  })

  it('is bounded however long the page is', async () => {
    const { ask, server } = await httpScene()
    server.misbehave('own GET', { kind: 'instead', reply: { status: 400, body: 'no '.repeat(10_000_000) } })
    expect(await failureOf(ask({}))).toBe('conversion-failed')
  })
})

describe('the HTTP library', () => {
  it('is not loaded before it is needed', () => {
    const file = fileURLToPath(new URL('../../../src/main/providers/http/client.ts', import.meta.url))
    const script = `
      import { registerHooks } from 'node:module'
      const seen = []
      registerHooks({ resolve: (name, context, next) => (seen.push(name), next(name, context)) })
      await import(process.argv[1])
      console.log(seen.includes('zod') || seen.some((name) => name.endsWith('/exchange.ts')), seen.includes('got'))`
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script, file], { encoding: 'utf8' }).trim()).toBe(
      'true false',
    )
  })
})
