/** The contract over a MessagePort: one end is handed to a window, this is the other. */
import type { Log } from '../../engine/ports.ts'
import { answerPages, createServing, maxPageCalls, maxPageFrameBytes, type Answer } from '../serve.ts'

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

export function createPorts(answer: Answer, log: Log): Ports {
  const serving = createServing(answerPages(answer, log), log, { maxCalls: maxPageCalls })
  const open = new Set<Port>()
  return {
    take: (port) => {
      open.add(port)
      const line = serving.begin({
        isOpen: () => open.has(port),
        // A port does not report when a frame was read.
        send: async (frame) => {
          if (open.has(port)) port.postMessage(frame)
        },
        cut: () => {
          open.delete(port)
          port.close()
        },
      })
      port.onMessage((frame) => {
        if (typeof frame === 'string' && Buffer.byteLength(frame) > maxPageFrameBytes)
          return line.refuse(1009, 'too large a frame')
        line.handle(frame)
      })
      port.onClose(() => {
        open.delete(port)
        line.end()
      })
      port.start()
    },
    stop: async () => {
      for (const port of open) port.close()
      open.clear()
      await serving.ended()
    },
  }
}
