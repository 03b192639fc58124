/** The other end of the private local socket: calls the Beside that holds the data folder. */
import type { Socket } from 'node:net'
import { RPCLink, type RPCLinkOptions } from '@orpc/client/websocket'
import type { ClientContext } from '@orpc/client'
import { WebSocket } from 'ws'
import { JobError } from '../../shared/failure.ts'
import { largestFrameBytes, type Wish } from './address.ts'
import type { Carrier } from './client.ts'

/** A holder that is stopped or hangs takes connections and never answers. */
const handshakeMs = 5000

export interface Connection extends Carrier {
  close(): void
}

/** Over a connection that somebody has taken. Null where nobody speaks there. */
export function connectOver(line: Socket, wish: Wish): Promise<Connection | null> {
  const socket = new WebSocket(`ws://beside/${wish}`, {
    createConnection: () => line,
    handshakeTimeout: handshakeMs,
    maxPayload: largestFrameBytes,
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
  return {
    link: new RPCLink({ websocket: bounded(socket) }),
    isLost: () => socket.readyState !== WebSocket.OPEN,
    close: () => socket.terminate(),
  }
}

type Frames = RPCLinkOptions<ClientContext>['websocket']

/** The holder would hang up on a frame too large, which would look as if it had gone. */
function bounded(socket: WebSocket): Frames {
  const frames = socket as unknown as Frames
  return {
    addEventListener: frames.addEventListener.bind(frames),
    removeEventListener: frames.removeEventListener.bind(frames),
    get readyState() {
      return frames.readyState
    },
    send(frame: string) {
      const bytes = Buffer.byteLength(frame)
      if (bytes > largestFrameBytes)
        throw new JobError('usage', { reason: `That is too much at once: ${bytes} bytes.`, hint: 'Send less at a time.' })
      frames.send(frame)
    },
  }
}
