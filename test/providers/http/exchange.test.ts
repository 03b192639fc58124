/** One request and its answer: how long each part of it may take. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Body } from '../../../src/main/providers/http/bodies.ts'
import { httpScene } from '../../support/http-scene.ts'
import { failureOf } from '../../support/stage.ts'

describe('patience', () => {
  /** A server whose answer is written by the test, bit by bit. */
  async function slow() {
    const { promise: asked, resolve } = Promise.withResolvers<ServerResponse>()
    const server = createServer((_, response) => resolve(response))
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    onTestFinished(async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    })
    return { ...(await httpScene({ base: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })), asked }
  }

  it('ends with a server that sends a byte now and then', async () => {
    const { ask, asked, clock } = await slow()
    const code = failureOf(ask({ tries: 1 }))
    const response = await asked
    const open = new Set([code])
    void code.finally(() => open.clear())
    while (open.size > 0) {
      response.write(' ')
      await turn()
      clock.advance(1_000)
    }
    expect(await code).toBe('network')
  })

  it('ends with an answer that comes in decent pieces for ever', async () => {
    const { ask, asked, clock } = await slow()
    const code = failureOf(ask({ tries: 1 }))
    const response = await asked
    const open = new Set([code])
    void code.finally(() => open.clear())
    while (open.size > 0) {
      response.write(' '.repeat(1024))
      await turn()
      clock.advance(1_000)
    }
    expect(await code).toBe('network')
  })

  it('ends with a server that takes nothing more of what is sent to it, so that an upload lasts two minutes a slice at most', async () => {
    const { ask, asked, clock } = await slow()
    let slices = 0
    const body: Body = {
      type: 'application/octet-stream',
      bytes: 256 * 512 * 1024,
      async *slices() {
        for (; slices < 256; slices += 1) yield Buffer.alloc(512 * 1024)
      },
    }
    const sent = failureOf(ask({ method: 'POST', repeat: 'never', body }))
    await asked
    expect([await clock.passing(sent), slices < 256]).toEqual(['answer-lost', true])
  })

  it('counts what has left of a body: nothing before a connection stands, and all only with the last of it', async () => {
    const { ask, asked } = await slow()
    const [gate, whole] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let left = 0
    const body: Body = {
      type: 'application/octet-stream',
      bytes: 11,
      async *slices() {
        yield Buffer.alloc(10)
        await gate.promise
        yield Buffer.alloc(1)
      },
    }
    const sent = (bytes: number): void => {
      left += bytes
      if (left === body.bytes) whole.resolve()
    }
    const answer = ask({ method: 'POST', repeat: 'never', body, sent })
    const atFirst = left
    const response = await asked
    for (let n = 0; left === 0 && n < 100; n += 1) await turn()
    const withoutTheLast = left
    gate.resolve()
    await whole.promise
    response.end('{}')
    await answer
    expect({ atFirst, withoutTheLast, left }).toEqual({ atFirst: 0, withoutTheLast: 10, left: 11 })
  })

  it('lasts as long as a call says, and ends then', async () => {
    const { ask, asked, clock } = await slow()
    const code = failureOf(ask({ method: 'POST', repeat: 'never', answerMs: 40 * 60_000 }))
    await asked
    clock.advance(39 * 60_000)
    expect(clock.waiting()).toBe(1)
    clock.advance(60_000)
    expect(await code).toBe('answer-lost')
  })

  it('ends at once when it is aborted, with the very reason', async () => {
    const { http, asked } = await slow()
    const controller = new AbortController()
    const work = http.open({ method: 'GET', to: '/', repeat: 'harmless', key: 'own' }, controller.signal)
    const reason = work.catch((error: unknown) => error)
    await asked
    controller.abort('shutdown')
    expect(await reason).toBe('shutdown')
  })
})
