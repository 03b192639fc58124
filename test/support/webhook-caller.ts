/** Calls a webhook receiver as anybody on the internet may, over real HTTP, and says what it was answered. */
import { createServer, connect, type AddressInfo } from 'node:net'
import { request, type OutgoingHttpHeaders } from 'node:http'

export interface Post {
  readonly body?: string | Buffer
  readonly headers?: OutgoingHttpHeaders
  readonly method?: string
}

/** The answer's status; 0 where the connection broke. */
export async function post(url: string, { body = '{}', headers = {}, method = 'POST' }: Post = {}): Promise<number> {
  return await new Promise<number>((resolve) => {
    const asked = request(url, { method, headers, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.once('error', () => resolve(0))
    asked.end(body)
  })
}

/** Everything that a receiver says to these bytes until it hangs up. */
export async function raw(port: number, bytes: string): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    let said = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('utf8').on('data', (text: string) => (said += text))
    socket.once('error', reject)
    socket.once('close', () => resolve(said))
  })
}

/** A port that nobody listened at a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
