/** The contract over a MessagePort: one end is handed to a window, this is the other. */
import type { AnyRouter } from '@orpc/server'
import type { Log } from '../engine/ports.ts'
import { createTalks, largestPageFrameBytes } from './talk.ts'

/** What Electron's and Node's ports have in common. */
export interface Port {
  postMessage(frame: unknown): void
  onMessage(listener: (frame: unknown) => void): void
  onClose(listener: () => void): void
  start(): void
  close(): void
}

export interface Ports {
  take(port: Port): void
  /** Closes every port and waits until what was asked over them has ended. */
  stop(): Promise<void>
}

export function createPorts(router: AnyRouter, log: Log): Ports {
  const talks = createTalks(router, log)
  const open = new Set<Port>()
  return {
    take: (port) => {
      open.add(port)
      const talk = talks.begin({
        isOpen: () => open.has(port),
        send: async (frame) => {
          if (open.has(port)) port.postMessage(frame)
        },
        cut: () => {
          open.delete(port)
          port.close()
        },
      })
      port.onMessage((frame) => {
        if (typeof frame === 'string' && Buffer.byteLength(frame) > largestPageFrameBytes)
          return talk.refuse(1009, 'too large a frame')
        talk.hear(frame)
      })
      port.onClose(() => {
        open.delete(port)
        talk.end()
      })
      port.start()
    },
    stop: async () => {
      for (const port of open) port.close()
      open.clear()
      await talks.quiet()
    },
  }
}
