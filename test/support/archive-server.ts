/** A server on this machine that programs are downloaded from, and an address where nothing answers. */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface ArchiveServer {
  /** With a slash at its end. */
  readonly address: string
  /** The paths that were asked for. */
  readonly asked: readonly string[]
}

export async function archiveServer(answer: RequestListener): Promise<ArchiveServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked }
}

/** Sends half of what it has promised. */
export function cut(content: Buffer): RequestListener {
  return (_, response) => {
    response.writeHead(200, { 'content-length': content.length })
    response.write(content.subarray(0, content.length / 2), () => response.destroy())
  }
}

export async function deadAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}/`
}
