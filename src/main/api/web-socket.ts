/**
 * The contract over a browser's WebSocket. Frames are bounded, calls in flight are bounded, and what a page does not read is not
 * piled up: the next event is asked for once the last one has left.
 */
import { ServerPeer, type EncodedMessage } from '@orpc/standard-server-peer'
import type { AnyRouter } from '@orpc/server'
import { StandardRPCHandler } from '@orpc/server/standard'
import { createServerPeerHandleRequestFn } from '@orpc/server/standard-peer'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import type { Log } from '../engine/ports.ts'

/** Ten thousand dropped paths come in chunks far smaller than this. */
export const largestWebFrameBytes = 4 * 1024 * 1024
/** A window has a few dozen calls under way at most. */
export const mostCallsInFlight = 128
const mostSockets = 64

export interface WebSockets {
  /** A request that the guard has let through. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void
  stop(): Promise<void>
}

export function createWebSockets(router: AnyRouter, log: Log): WebSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: largestWebFrameBytes, perMessageDeflate: false })
  const handle = createServerPeerHandleRequestFn(new StandardRPCHandler(router), { context: {} })
  const calls = new Set<Promise<void>>()

  const speak = (socket: WebSocket) => {
    const peer = new ServerPeer((frame) => sent(socket, frame))
    let inFlight = 0
    const refuse = (code: number, why: string) => {
      log.warn('a page was cut off', { why })
      socket.close(code, why)
      peer.close()
    }
    socket.on('message', (data: RawData, isBinary) => {
      if (socket.readyState !== WebSocket.OPEN) return
      if (isBinary) return refuse(1003, 'binary frame')
      if (inFlight >= mostCallsInFlight) return refuse(1008, 'too many calls at once')
      inFlight += 1
      const call: Promise<void> = peer.message((data as Buffer).toString(), handle).then(
        () => {},
        (error: unknown) => {
          if (socket.readyState === WebSocket.OPEN) refuse(1002, `no sense: ${String(error)}`.slice(0, 100))
        },
      )
      calls.add(call)
      void call.finally(() => {
        inFlight -= 1
        calls.delete(call)
      })
    })
    socket.on('close', () => peer.close())
    socket.on('error', (error) => log.warn('a page was cut off', { why: error.message }))
  }
  return {
    take: (request, line, head) => {
      if (server.clients.size >= mostSockets) return void line.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n')
      server.handleUpgrade(request, line, head, speak)
    },
    stop: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await Promise.all(calls)
    },
  }
}

function sent(socket: WebSocket, frame: EncodedMessage): Promise<void> {
  return new Promise((resolve, reject) => socket.send(frame, (error) => (error instanceof Error ? reject(error) : resolve())))
}
