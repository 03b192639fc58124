/**
 * A provider on loopback, as small as one can be: it takes a job, counts what it took, and gives a prepared result back. It can
 * fall silent at the worst moments: after taking a job and before saying so, and in the middle of a result.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface RemoteServer {
  readonly base: string
  /** Idempotency keys of the jobs that it began to work on (and would charge for), in order. */
  readonly charged: string[]
  /** Falls silent once at this point; the promise is resolved when it has been reached. */
  hangAt(point: 'submit' | 'result'): Promise<void>
}

/** @param honoursKeys whether the same key gives the first job again instead of a second one. */
export async function remoteServer(result: Buffer, honoursKeys: boolean): Promise<RemoteServer> {
  const charged: string[] = []
  const hangs = new Map<string, () => void>()
  const hang = (point: string): boolean => {
    const reached = hangs.get(point)
    hangs.delete(point)
    reached?.()
    return reached !== undefined
  }
  const answer = (response: ServerResponse, body: unknown) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(body))
  }
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      if (request.method === 'POST') {
        const key = String(request.headers['idempotency-key'])
        if (!honoursKeys || !charged.includes(key)) charged.push(key)
        if (hang('submit')) return
        return answer(response, { id: String(charged.lastIndexOf(key)) })
      }
      if (request.url?.startsWith('/job/') === true) return answer(response, { status: 'complete' })
      response.setHeader('content-length', result.length)
      if (!hang('result')) return response.end(result)
      response.write(result.subarray(0, result.length / 2))
      return undefined
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    charged,
    hangAt: async (point) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      hangs.set(point, resolve)
      await promise
    },
  }
}
