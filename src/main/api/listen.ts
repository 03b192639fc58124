/**
 * The private local socket of whoever holds the engine: oRPC over ws on a socket file that only this user can reach. What a
 * client sends is bounded, and what it does not read is not piled up: the next event is asked for once the last one has left.
 */
import { createServer, type Server } from 'node:http'
import { rm } from 'node:fs/promises'
import { ServerPeer, type EncodedMessage } from '@orpc/standard-server-peer'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import type { Log } from '../engine/ports.ts'
import { addressesOf, largestFrameBytes, makePrivate, type Address, type Wish } from './address.ts'
import { answersOf } from './answer.ts'
import type { BesideRouter } from './router.ts'

export interface ListenOptions {
  readonly home: string
  readonly router: BesideRouter
  readonly log: Log
  /** A client came that wants more than a look. */
  readonly onWish: (wish: Wish) => void
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

async function listenAt(address: Address, { router, log, onWish }: ListenOptions): Promise<Listening> {
  const server = createServer((_, response) => response.writeHead(426).end())
  const sockets = new WebSocketServer({ server, maxPayload: largestFrameBytes, perMessageDeflate: false })
  const handle = answersOf(router, log)
  const calls = new Set<Promise<unknown>>()

  sockets.on('connection', (socket, request) => {
    const peer = new ServerPeer((frame) => sent(socket, frame))
    socket.on('message', (data: RawData) => {
      const call = peer.message(textOf(data), handle).catch((error: unknown) => {
        if (socket.readyState !== WebSocket.OPEN) return
        log.warn('a client sent what makes no sense', { error: String(error) })
        socket.close(1002)
      })
      calls.add(call)
      void call.finally(() => calls.delete(call))
    })
    socket.on('close', () => peer.close())
    socket.on('error', (error) => log.debug('a client was cut off', { error: error.message }))
    const wish = (['work', 'watch'] as const).find((each) => request.url === `/${each}`)
    if (wish !== undefined) onWish(wish)
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
      await Promise.all(calls)
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

/** Resolves once the frame has gone to the system, so that a client which does not read holds its streams up. */
function sent(socket: WebSocket, frame: EncodedMessage): Promise<void> {
  return new Promise((resolve, reject) => socket.send(frame, (error) => (error instanceof Error ? reject(error) : resolve())))
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return Buffer.from(data as Buffer).toString()
}
