/** What a connection goes over, and how it is cut: nothing passes any more, and nobody is told. */
import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Cable {
  readonly port: number
  pull(): void
  /** What was lost in between is lost: both sides find out. */
  plug(): void
}

/** @param host where it begins; it ends on this machine. */
export async function cableTo(port: number, host = '127.0.0.1'): Promise<Cable> {
  const sockets = new Set<Socket>()
  let isPulled = false
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => isPulled || to.write(bytes))
      from.on('error', () => undefined)
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    pull: () => (isPulled = true),
    plug: () => {
      isPulled = false
      for (const socket of sockets) socket.destroy()
    },
  }
}
