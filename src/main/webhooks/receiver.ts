/**
 * Accepts the calls of providers when a job has ended, for those who have a tunnel to this machine. It listens on loopback alone, and
 * what a call says is never taken for a result: the job is polled earlier than it would have been, and that is all. Off unless set up.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Check } from '../../shared/machine.ts'
import { failure } from '../../shared/failure.ts'
import type { Ticket } from '../../shared/job.ts'
import type { OnlineProviderId } from '../../shared/model.ts'
import type { Settings } from '../../shared/settings.ts'
import { isReceiving } from '../../shared/webhooks.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { Log } from '../engine/ports.ts'
import { createGate, type GatePorts, type Refusal } from './gate.ts'

export interface Receiver {
  /** Listens as the settings say, or no more. Never throws: a port that cannot be had is reported by `checks`. */
  follow(settings: Settings): Promise<void>
  checks(settings: Settings): readonly Check[]
  /** Resolves when no connection is open any more. */
  stop(): Promise<void>
}

export interface ReceiverPorts extends GatePorts {
  readonly log: Log
  /** Whether a job waits for its provider under one of these ids. */
  readonly calledBack: (id: OnlineProviderId, ids: Ticket['ids']) => boolean
  /** How long one call may take. */
  readonly patienceMs?: number
}

const defaultPatienceMs = 10_000
/** A payload names a job and perhaps its result. */
const maxBytes = 64 * 1024
const maxConnections = 32

export function createReceiver({ log, calledBack, patienceMs = defaultPatienceMs, ...gatePorts }: ReceiverPorts): Receiver {
  const gate = createGate(gatePorts)
  const tally = createTally(log, gatePorts.nowMs)
  let listening: { readonly port: number; readonly server: Server } | null = null
  let trouble: string | null = null
  let turn: Promise<void> = Promise.resolve()

  const handle = async (request: IncomingMessage): Promise<Refusal | null> => {
    const admitted = await gate.admit(request.method ?? '', (request.url ?? '').split('?')[0] ?? '')
    if ('why' in admitted) return admitted
    const body = await bodyOf(request)
    if (body === null) return { status: 413, why: 'too large' }
    const verified = admitted.verify({ headers: request.headers, body })
    if ('why' in verified) return verified
    log.debug('a provider called back', { provider: admitted.id, awaited: calledBack(admitted.id, verified.ids) })
    return null
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = await handle(request)
    if (refusal !== null) tally.refused(refusal.why)
    // What is still being sent is not read.
    response.writeHead(refusal?.status ?? 204, refusal === null ? {} : { connection: 'close' }).end()
  }
  const open = async (port: number): Promise<Server> => {
    const server = createServer({
      maxHeaderSize: 8 * 1024,
      headersTimeout: patienceMs,
      requestTimeout: patienceMs,
      keepAliveTimeout: patienceMs,
      connectionsCheckingInterval: Math.ceil(patienceMs / 10),
    })
    server.maxConnections = maxConnections
    server.on('drop', () => tally.refused('too many connections'))
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      if (error.code !== 'ECONNRESET') tally.refused(isSlow ? 'too slow' : 'malformed')
      if (!socket.writable) return void socket.destroy()
      socket.end(`HTTP/1.1 ${isSlow ? '408 Request Timeout' : '400 Bad Request'}\r\nConnection: close\r\n\r\n`)
    })
    server.on('request', (request, response) => {
      answer(request, response).catch((error: unknown) => {
        // The caller has gone, or was cut off for its slowness.
        log.debug('a call to the webhook receiver broke off', { error: String(error) })
        response.destroy()
      })
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
    return server
  }
  const close = async (): Promise<void> => {
    const old = listening
    listening = null
    if (old === null) return
    const closed = new Promise((resolve) => old.server.close(resolve))
    old.server.closeAllConnections()
    await closed
    tally.close()
  }
  const listen = async (port: number): Promise<void> => {
    if (listening?.port === port) return
    try {
      await close()
      trouble = null
      if (port === 0) return
      listening = { port, server: await open(port) }
      log.info('the webhook receiver listens', { port })
    } catch (error) {
      trouble = String(error)
      log.error('the webhook receiver cannot listen', { port, error: trouble })
    }
  }
  /** One after the other; what went wrong with one is no reason not to do the next. */
  const inTurn = async (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    await mine
  }

  return {
    follow: async (settings) => await inTurn(async () => await listen(isReceiving(settings) ? settings.webhookPort : 0)),
    checks: (settings) => {
      if (!isReceiving(settings)) return []
      const { webhookPort: port, webhookAddress: address } = settings
      const facts = { port, address, listens: listening === null ? 'while-working' : 'now' }
      const why = trouble === null ? null : failure('not-possible', { reason: trouble })
      return [{ of: 'webhook-receiver', state: why === null ? 'ok' : 'trouble', version: null, facts, why }]
    },
    stop: async () => await inTurn(close),
  }
}

/** Null where it is longer than any payload is. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return null
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** An engine that is called back while it works: the receiver follows its settings from its start to its stop. */
export function withReceiver(engine: Engine, receiver: Receiver): Engine {
  let started = false
  return {
    ...engine,
    start: async () => {
      await engine.start()
      started = true
      await receiver.follow(engine.settings())
    },
    stop: async () => {
      started = false
      await receiver.stop()
      await engine.stop()
    },
    change: (change) => {
      const settings = engine.change(change)
      if (started) void receiver.follow(settings)
      return settings
    },
    doctor: async () => [...(await engine.doctor()), ...receiver.checks(engine.settings())],
  }
}

/** Refused calls, counted by their reason. A flood of them must not become a flood of the log. */
interface Tally {
  refused(why: string): void
  /** What was counted and not yet written. */
  close(): void
}

const everyMs = 60_000

function createTally(log: Log, nowMs: () => number): Tally {
  let counts: Record<string, number> = {}
  let writtenAtMs = -Infinity

  const write = () => {
    if (Object.keys(counts).length === 0) return
    log.warn('calls to the webhook receiver were refused', counts)
    counts = {}
    writtenAtMs = nowMs()
  }
  return {
    refused: (why) => {
      counts[why] = (counts[why] ?? 0) + 1
      if (Math.abs(nowMs() - writtenAtMs) >= everyMs) write()
    },
    close: write,
  }
}
