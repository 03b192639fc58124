/** The contract over a browser's WebSocket: the next event is asked for once the last one has left. */
import type { EncodedMessage } from '@orpc/standard-server-peer'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import type { Log } from '../../engine/ports.ts'
import { answerPages, createServing, maxPageCalls, maxPageFrameBytes, type Answer, type Serving } from '../serve.ts'

const maxSockets = 64

export interface WebSockets {
  /** A request that the guard has let through. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void
  stop(): Promise<void>
}

export function createWebSockets(answer: Answer, log: Log): WebSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxPageFrameBytes, perMessageDeflate: false })
  const serving = createServing(answerPages(answer, log), log, { maxCalls: maxPageCalls })
  return {
    take: (request, line, head) => {
      if (server.clients.size >= maxSockets) return void line.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n')
      server.handleUpgrade(request, line, head, (socket) => serveSocket(socket, serving, log))
    },
    stop: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await serving.ended()
    },
  }
}

/** Over any WebSocket, whoever is at its other end. */
export function serveSocket(socket: WebSocket, serving: Serving, log: Log): void {
  const line = serving.begin({
    isOpen: () => socket.readyState === WebSocket.OPEN,
    send: async (frame) => await sent(socket, frame),
    cut: (code, why) => socket.close(code, why),
  })
  socket.on('message', (data: RawData, isBinary) => line.handle(isBinary ? data : textOf(data)))
  socket.on('close', () => line.end())
  socket.on('error', (error) => log.warn('a client was cut off', { why: error.message }))
}

/** Resolves once the frame has gone to the system, so that an end which does not read holds its streams up. */
function sent(socket: WebSocket, frame: EncodedMessage): Promise<void> {
  return new Promise((resolve, reject) => socket.send(frame, (error) => (error instanceof Error ? reject(error) : resolve())))
}

export function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return Buffer.from(data as Buffer).toString()
}
