/** Both ends of a MessagePort: the engine's as the app takes it, and a caller as the window makes it. */
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import type { Carrier } from '../../src/shared/wire/client.ts'
import { createPorts, type Port } from '../../src/main/api/carriers/port.ts'
import type { Session } from '../../src/main/api/session.ts'
import type { Log } from '../../src/main/engine/ports.ts'
import { lineOver } from '../../src/renderer/wire/port-line.ts'

export interface PortScene {
  readonly carrier: Carrier
  /** The window's end. */
  readonly port: MessagePort
  readonly closed: Promise<void>
}

export function portOver(session: Session, log: Log): PortScene {
  const ports = createPorts(session.answer, log)
  onTestFinished(async () => await ports.stop())
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port2.close())
  ports.take(engineEnd(port1))
  const { link, closed } = lineOver(port2)
  let isLost = false
  void closed.then(() => (isLost = true))
  return { carrier: { link, isLost: () => isLost }, port: port2, closed }
}

export function engineEnd(port: MessagePort): Port {
  return {
    postMessage: (frame) => port.postMessage(frame),
    onMessage: (listener) => void port.on('message', listener),
    onClose: (listener) => void port.on('close', listener),
    start: () => port.start(),
    close: () => port.close(),
  }
}
