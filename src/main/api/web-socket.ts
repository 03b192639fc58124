/** The contract over a browser's WebSocket: the next event is asked for once the last one has left. */
import type { EncodedMessage } from '@orpc/standard-server-peer'
import type { AnyRouter } from '@orpc/server'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import type { Log } from '../engine/ports.ts'
import { createTalks, largestPageFrameBytes } from './talk.ts'

const mostSockets = 64

export interface WebSockets {
  /** A request that the guard has let through. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void
  stop(): Promise<void>
}

export function createWebSockets(router: AnyRouter, log: Log): WebSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: largestPageFrameBytes, perMessageDeflate: false })
  const talks = createTalks(router, log)

  const speak = (socket: WebSocket) => {
    const talk = talks.begin({
      isOpen: () => socket.readyState === WebSocket.OPEN,
      send: async (frame) => await sent(socket, frame),
      cut: (code, why) => socket.close(code, why),
    })
    socket.on('message', (data: RawData, isBinary) => talk.hear(isBinary ? data : (data as Buffer).toString()))
    socket.on('close', () => talk.end())
    socket.on('error', (error) => log.warn('a page was cut off', { why: error.message }))
  }
  return {
    take: (request, line, head) => {
      if (server.clients.size >= mostSockets)
        return void line.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n')
      server.handleUpgrade(request, line, head, speak)
    },
    stop: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await talks.quiet()
    },
  }
}

function sent(socket: WebSocket, frame: EncodedMessage): Promise<void> {
  return new Promise((resolve, reject) => socket.send(frame, (error) => (error instanceof Error ? reject(error) : resolve())))
}
