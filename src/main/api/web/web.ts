/** The browser shell: the window as pages, the contract as a WebSocket, dropped files as uploads, results as downloads. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { toFailure } from '../../../shared/failure.ts'
import type { Log } from '../../engine/ports.ts'
import type { Session } from '../session.ts'
import { keepSwept, note, placeOf, receive } from './inbox.ts'
import { sendArchive, sendOutput } from './outputs.ts'
import { createGuard, type Guard } from './guard.ts'
import { sendPage, strictHeaders } from './page.ts'
import { createWebSockets } from '../carriers/web-socket.ts'

export interface WebOptions {
  readonly session: Session
  readonly home: string
  /** Folder of the built window. */
  readonly pages: string
  /** `127.0.0.1` unless the user says otherwise. */
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly log: Log
}

export interface Web {
  /** With the token of this start behind the #, where no server and no log ever sees it. */
  readonly address: string
  readonly port: number
  stop(): Promise<void>
}

export async function serveWeb({ session, home, pages, host, port, log }: WebOptions): Promise<Web> {
  const guard = createGuard()
  const sockets = createWebSockets(session.answer, log)
  const inbox = join(home, 'inbox')
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 0, headersTimeout: 10_000 })
  const portOf = () => (server.address() as AddressInfo).port

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refuse = (status: number, why: string) => {
      log.warn('a request was refused', { status, why })
      // What is still being sent is not read.
      response.writeHead(status, { ...strictHeaders, connection: 'close', 'content-type': 'text/plain' }).end(why)
    }
    const trouble = guard.trouble(request, portOf())
    if (trouble !== null) return refuse(403, trouble)
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (isRead && (await sendPage(pages, path, response))) return
    if (request.method === 'POST' && path === '/enter') return enter(request, response, guard, portOf(), refuse)
    if (!guard.isEntered(request, portOf())) return refuse(401, 'open the address that Beside printed')
    if (isRead && (await send(path, response))) return
    if (request.method !== 'PUT') return refuse(isRead ? 404 : 405, 'nothing here')
    const place = placeOf(inbox, path)
    if (place === null) return refuse(400, 'not a name for a file')
    const taken = await receive(request, place)
    await note(inbox, 'sent', taken)
    response.writeHead(201, { ...strictHeaders, 'content-type': 'application/json' }).end(JSON.stringify({ path: taken }))
  }

  const send = async (path: string, response: ServerResponse): Promise<boolean> => {
    const sent = (await sendOutput(session.client, path, response)) ?? (await sendArchive(session.client, path, response))
    for (const each of sent ?? []) await note(inbox, 'fetched', each)
    return sent !== null
  }

  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.warn('a request failed', { error: String(error) })
      if (response.headersSent) return void response.destroy()
      response
        .writeHead(500, { ...strictHeaders, connection: 'close', 'content-type': 'application/json' })
        .end(JSON.stringify(toFailure(error)))
    })
  })
  server.on('upgrade', (request, line, head) => {
    line.on('error', () => line.destroy())
    const trouble = guard.trouble(request, portOf())
    // A page always states its origin here, so who states none is no page of ours.
    const why = trouble ?? (request.headers.origin === undefined ? 'no origin' : request.url === '/calls' ? null : 'nothing here')
    if (why === null && guard.isEntered(request, portOf())) return sockets.take(request, line, head)
    log.warn('a connection was refused', { why: why ?? 'no token' })
    line.end(`HTTP/1.1 ${why === null ? '401 Unauthorized' : '403 Forbidden'}\r\nConnection: close\r\n\r\n`)
  })

  await bound(server, host, port)
  const sweeping = keepSwept(inbox, session.client, log)
  const shownHost = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return {
    address: `http://${shownHost}:${portOf()}/#${guard.token}`,
    port: portOf(),
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      await sweeping.stop()
      await sockets.stop()
      server.closeAllConnections()
      await closed
    },
  }
}

function enter(
  request: IncomingMessage,
  response: ServerResponse,
  guard: Guard,
  port: number,
  refuse: (status: number, why: string) => void,
) {
  if (guard.hasToken(request)) return void response.writeHead(204, { ...strictHeaders, 'set-cookie': guard.cookie(port) }).end()
  // A page that comes back after a reload has no token any more, but may still have its cookie.
  if (guard.isEntered(request, port)) return void response.writeHead(204, strictHeaders).end()
  refuse(401, 'wrong token')
}

function bound(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
