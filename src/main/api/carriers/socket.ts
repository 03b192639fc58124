/**
 * The private local socket, both ends: whoever holds the queue listens at a socket file that only this user can reach, and every other
 * Beside connects to it. It is oRPC over ws. What a client sends is bounded, and what it does not read is not piled up.
 */
import type { ClientContext } from '@orpc/client'
import { StandardRPCLink } from '@orpc/client/standard'
import { ClientPeer } from '@orpc/standard-server-peer'
import { createServer, type Server } from 'node:http'
import { rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import { JobError } from '../../../shared/failure.ts'
import type { Carrier } from '../../../shared/wire/client.ts'
import type { Log } from '../../engine/ports.ts'
import { createServing, type Answer } from '../serve.ts'
import { addressesOf, makePrivate, maxFrameBytes, type Address, type SessionMode } from './address.ts'
import { serveSocket, textOf } from './web-socket.ts'

export interface ListenOptions {
  readonly home: string
  readonly answer: Answer
  readonly log: Log
  /** A client came that wants more than to read. */
  readonly onMode: (mode: SessionMode) => void
}

export interface Listening {
  readonly path: string
  /** Cuts every client off and waits until their calls have ended. */
  stop(): Promise<void>
}

/** Null where no address can be listened on: a second process then cannot join, which is no reason not to work. */
export async function listen(options: ListenOptions): Promise<Listening | null> {
  for (const address of addressesOf(options.home, 'beside')) {
    try {
      if (await makePrivate(address)) return await listenAt(address, options)
      options.log.warn('the socket folder belongs to somebody else', { path: address.path })
    } catch (error) {
      options.log.warn('cannot listen', { path: address.path, error: String(error) })
    }
  }
  return null
}

async function listenAt(address: Address, { answer, log, onMode }: ListenOptions): Promise<Listening> {
  const server = createServer((_, response) => response.writeHead(426).end())
  const sockets = new WebSocketServer({ server, maxPayload: maxFrameBytes, perMessageDeflate: false })
  // The calls of all pages of another Beside come over one connection.
  const serving = createServing(answer, log, { maxCalls: Infinity })
  sockets.on('connection', (socket, request) => {
    serveSocket(socket, serving, log)
    const mode = (['work', 'watch'] as const).find((each) => request.url === `/${each}`)
    if (mode !== undefined) onMode(mode)
  })

  // Whoever holds the data folder is alone, so a file that is here is what a crash has left.
  if (process.platform !== 'win32') await rm(address.path, { force: true })
  await bound(server, address.path)
  server.on('error', (error) => log.error('the local socket failed', { error: error.message }))
  return {
    path: address.path,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await closed
      await serving.ended()
    },
  }
}

function bound(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** A holder that is stopped or hangs takes connections and never answers. */
const handshakeMs = 5000

export interface Connection extends Carrier {
  /** Pipes a call to the holder as it came: what it means is seen there. */
  readonly answer: Answer
  close(): void
}

/** Over a connection that somebody has taken. Null where nobody speaks there. */
export function connectOver(line: Socket, mode: SessionMode): Promise<Connection | null> {
  const socket = new WebSocket(`ws://beside/${mode}`, {
    createConnection: () => line,
    handshakeTimeout: handshakeMs,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
  })
  return new Promise((resolve) => {
    socket.once('open', () => resolve(connectionOver(socket)))
    socket.on('error', () => {
      socket.terminate()
      resolve(null)
    })
  })
}

function connectionOver(socket: WebSocket): Connection {
  const isLost = () => socket.readyState !== WebSocket.OPEN
  const peer = new ClientPeer(async (frame) => {
    if (isLost()) throw new JobError('offline')
    // The holder would hang up on it, which would look as if it had gone.
    const bytes = Buffer.byteLength(frame)
    if (bytes > maxFrameBytes) throw new JobError('usage', { because: 'request-too-large', bytes })
    socket.send(frame)
  })
  socket.on('message', (data: RawData) => void peer.message(textOf(data)).catch(() => socket.terminate()))
  socket.on('close', () => peer.close({ reason: new JobError('offline') }))
  const answer: Answer = async (request) => await peer.request(request)
  return {
    answer,
    link: new StandardRPCLink<ClientContext>(
      {
        call: async (request) => {
          const response = await answer(request)
          return { ...response, body: async () => response.body }
        },
      },
      { url: 'http://orpc' },
    ),
    isLost,
    close: () => socket.terminate(),
  }
}
