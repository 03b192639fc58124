/** Results that would come for ever: a byte a connection, or steadily at next to no speed. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { HttpAnswer } from '../../../src/main/providers/http/answers.ts'
import { receive } from '../../../src/main/providers/http/files/receive.ts'
import { factsOf, toFailure } from '../../../src/shared/failure.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { httpScene } from '../../support/http-scene.ts'

const decent = 32 * 1024
const hour = 3_600_000

interface Slow {
  /** Length of the result; null: the server does not state it, and there is no end of it. */
  readonly total: number | null
  readonly piece: number
  /** What happens when a piece has arrived: the connection breaks, or the next one comes so much later. */
  readonly next: 'break' | { readonly afterMs: number }
  readonly bytesPerSecond?: number
}

async function scene({ total, piece, next, bytesPerSecond }: Slow) {
  let connections = 0
  let [sent, arrived] = [0, 0]
  let goOn = (): void => undefined
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    connections += 1
    const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const range = first === 0 ? {} : { 'content-range': `bytes ${first}-${(total ?? 0) - 1}/${total}` }
    response.writeHead(first === 0 ? 200 : 206, {
      etag: '"one"',
      ...range,
      ...(total === null ? {} : { 'content-length': total - first }),
    })
    sent = first
    const write = (): void => {
      const bytes = Math.min(piece, (total ?? Infinity) - sent)
      sent += bytes
      response.write(Buffer.alloc(bytes, Buffer.of(0xff, 0xfb)))
      if (sent === total) response.end()
    }
    goOn = () => {
      if (next === 'break') return void response.destroy()
      clock.advance(next.afterMs)
      write()
    }
    write()
  }
  const server = createServer(serve)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { http, clock, signal } = await httpScene({ base, ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }) })
  const folder = await temporaryFolder()
  const counted = async function* ({ chunks }: HttpAnswer): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      arrived += chunk.length
      // When the receiver waits for more, and not before: what it does with the piece is none of the server's time.
      if (arrived === sent && sent !== total) setImmediate(() => goOn())
      yield chunk
    }
  }
  const open = async (headers: Readonly<Record<string, string>>): Promise<HttpAnswer> => {
    const answer = await http.open({ method: 'GET', to: '/result', headers, repeat: 'harmless', key: 'own' }, signal)
    return { ...answer, chunks: counted(answer) }
  }
  const order = { target: 'mp3', temp: (n: number) => join(folder, `${n}.part`) } as const
  const outcome = await receive({ open, order, provider: 'Test', report: () => undefined, clock, signal }).then(
    (parts) => ({ bytes: parts[0]?.bytes }),
    (error: unknown) => {
      const why = toFailure(error)
      return { code: why.code, hours: factsOf(why)['hours'] }
    },
  )
  return { outcome, connections, left: await readdir(folder) }
}

describe('a result that would come for ever', () => {
  it('is given up where each connection brings next to nothing, and not where it brings a decent piece', async () => {
    expect(await scene({ total: 30, piece: 1, next: 'break' })).toMatchObject({
      outcome: { code: 'network' },
      connections: 3,
      left: [],
    })
    expect(await scene({ total: 10 * decent, piece: decent, next: 'break' })).toMatchObject({
      outcome: { bytes: 10 * decent },
      connections: 10,
    })
  })

  it('is left to the user after two hours and what its length takes, though no minute is a standstill', async () => {
    const slow = { piece: decent, next: { afterMs: 50_000 } } as const
    const oneHour = 16 * 1024 * 3_600
    expect(await scene({ ...slow, total: oneHour })).toEqual({
      outcome: { code: 'deadline', hours: 3 },
      connections: 1,
      left: [],
    })
  })

  it('is left to the user after a day where nobody says how long it is', async () => {
    const slow = { total: null, piece: decent, next: { afterMs: 50_000 } } as const
    expect(await scene(slow)).toEqual({ outcome: { code: 'deadline', hours: 24 }, connections: 1, left: [] })
  })

  it('has all the time that the bandwidth limit takes, which is none of the server’s', async () => {
    const total = 4 * decent
    const limited = { total, piece: decent, next: { afterMs: 1 }, bytesPerSecond: (total * 1_000) / (5 * hour) }
    expect((await scene(limited)).outcome).toEqual({ bytes: total })
  })
})
