/**
 * The address at which others have their files converted. Whoever can reach it may try: connections, requests, headers, bodies and silences are all
 * bounded, each with an answer that says so where there is somebody left to hear it.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { isOffline } from '../../../shared/wire/errors.ts'
import type { Session } from '../../api/session.ts'
import type { Log } from '../../engine/ports.ts'
import { ApiRefusal, sendJson, tooBusy } from './answers.ts'
import { ownMark } from '../places.ts'
import { createCalls, type Call } from './calls.ts'
import { ClientGone, uploadLimits, type UploadLimits } from './upload.ts'

export interface ApiLimits {
  readonly upload: UploadLimits
  readonly maxUploadsOfKey: number
  /** Beyond these a connection is cut. */
  readonly maxConnections: number
  /** Beyond these a request is told to come again. */
  readonly maxRequests: number
  /** From a connection's first byte to the end of its headers. */
  readonly headersMs: number
  /** So long a client may leave what it is sent unread. */
  readonly idleMs: number
  /** So long a request for a result at once stays open. */
  readonly waitMs: number
  /** So long what a refused client still sends is read and thrown away, so that it gets to hear why. */
  readonly lingerMs: number
}

export const apiLimits: ApiLimits = {
  upload: uploadLimits,
  maxUploadsOfKey: 8,
  maxConnections: 256,
  maxRequests: 64,
  headersMs: 10_000,
  idleMs: 120_000,
  waitMs: 30 * 60_000,
  lingerMs: 5_000,
}

export interface ApiServerOptions {
  readonly session: Pick<Session, 'client' | 'ask'>
  /** The data folder. */
  readonly home: string
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** How long a job that has ended is kept. */
  readonly keptMs: number
  readonly log: Log
  readonly limits?: ApiLimits
}

export interface ApiServer {
  readonly address: string
  /** Resolves when no request is answered any more. */
  stop(): Promise<void>
}

/** @throws what the system says where the port cannot be had. */
export async function serveApi(options: ApiServerOptions): Promise<ApiServer> {
  const { session, home, host, port, keptMs, log, limits = apiLimits } = options
  const { upload, maxUploadsOfKey, waitMs, idleMs } = limits
  const answering = createCalls({ session, home, upload, maxUploadsOfKey, waitMs, idleMs, keptMs, mark: await ownMark() })
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  const server = createServer({
    maxHeaderSize: 16 * 1024,
    headersTimeout: limits.headersMs,
    // Uploads have a pace of their own.
    requestTimeout: 0,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: Math.max(100, Math.ceil(limits.headersMs / 10)),
  })
  server.maxConnections = limits.maxConnections
  server.setTimeout(idleMs)

  const answer = async (call: Call): Promise<void> => {
    if (running.size >= limits.maxRequests) throw tooBusy('Too many requests are being answered.', 5)
    await answering(call)
  }
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController()
    response.once('close', () => gone.abort(new ClientGone()))
    try {
      await answer({ request, response, signal: AbortSignal.any([gone.signal, stopping.signal]) })
      response.end()
    } catch (error) {
      await refuse(error, request, response, limits, log)
    }
  }
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const work = respond(request, response).catch((error: unknown) => {
      log.debug('a served request broke off', { error: String(error) })
      response.destroy()
    })
    running.add(work)
    void work.finally(() => running.delete(work))
  }
  server.on('request', handle)
  server.on('checkContinue', handle)
  server.on('drop', () => log.warn('a connection was cut: there are too many', { max: limits.maxConnections }))
  server.on('clientError', refuseSocket)

  await bound(server, host, port)
  await session.ask(async (client) => await client.served.sweep())
  return {
    address: `http://${shownHost(host)}:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      stopping.abort(new ClientGone())
      server.closeAllConnections()
      await Promise.all(running)
      await closed
    },
  }
}

/** Says why, and lets the client come to read it: a connection that is closed while it sends loses the answer. */
async function refuse(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  { lingerMs }: ApiLimits,
  log: Log,
): Promise<void> {
  if (error instanceof ClientGone || response.headersSent || response.destroyed) throw error
  const refusal = refusalFor(error)
  if (refusal.status === 500 && !(error instanceof ApiRefusal)) log.error('a served request failed', { error: detailOf(error) })
  else log.info('a served request was refused', { status: refusal.status })
  const isUnread = !request.complete
  const close = isUnread ? { connection: 'close' } : {}
  sendJson(response, refusal.status, { detail: refusal.detail }, { ...refusal.headers, ...close })
  if (isUnread) {
    const over = new AbortController()
    const { signal } = over
    request.resume()
    // Whichever comes first; none is a trouble.
    await Promise.race([once(request, 'close', { signal }), sleep(lingerMs, undefined, { signal })]).catch(() => undefined)
    over.abort()
  }
  response.end()
}

function refusalFor(error: unknown): ApiRefusal {
  if (error instanceof ApiRefusal) return error
  if (isOffline(error)) return tooBusy('The queue changes hands.', 1)
  return new ApiRefusal(500, 'Something went wrong inside Beside. Its log says what.')
}

function detailOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

const socketRefusals: Readonly<Record<string, readonly [status: string, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request is too slow.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large.'],
}

/** What is no HTTP, or stops in the middle of it. */
function refuseSocket(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const [status, detail] = socketRefusals[error.code ?? ''] ?? ['400 Bad Request', 'This is not a request.']
  const body = JSON.stringify({ detail })
  const headers = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`)
}

function shownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

async function bound(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
