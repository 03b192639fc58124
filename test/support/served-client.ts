/** A client of the served protocol that does what is in no library: whole answers, and bytes as they go over the wire. */
import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ApiAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  /** Of an answer in JSON. */
  json(): Readonly<Record<string, unknown>>
}

interface Asked {
  readonly method?: string
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

/** No connection outlives its answer. */
export async function ask(url: string, { method = 'GET', key, headers = {}, body }: Asked = {}): Promise<ApiAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>()
  const all = { ...headers, ...(key !== undefined && { 'x-api-key': key }) }
  const asked = request(url, { method, headers: all, agent: false }, (answer) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject)
    answer.once('end', () => {
      const bytes = Buffer.concat(chunks)
      const json = () => JSON.parse(bytes.toString()) as Readonly<Record<string, unknown>>
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes, json })
    })
  })
  asked.once('error', reject)
  asked.end(body)
  return await promise
}

export interface FormPart {
  readonly field: string
  /** Absent: it is no file. */
  readonly name?: string
  readonly content: Buffer | string
}

const boundary = 'beside-test-boundary'
export const formType = `multipart/form-data; boundary=${boundary}`

/** Names go over as they are: quotes and line breaks in them are the test's own. */
export function formOf(parts: readonly FormPart[]): Buffer {
  const pieces = parts.flatMap(({ field, name, content }) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${field}"`),
    Buffer.from(name === undefined ? '\r\n\r\n' : `; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)])
}

export function conversionOf(target: string, ...files: readonly (readonly [name: string, content: Buffer | string])[]): Buffer {
  return formOf([
    { field: 'target_format', content: target },
    ...files.map(([name, content]) => ({ field: 'files', name, content })),
  ])
}

export async function post(address: string, path: string, key: string, body: Buffer): Promise<ApiAnswer> {
  return await ask(`${address}${path}`, { method: 'POST', key, body, headers: { 'content-type': formType } })
}

/** Asks until the job has ended; answers the last answer. */
export async function ended(address: string, id: unknown, key: string): Promise<ApiAnswer> {
  for (;;) {
    const answer = await ask(`${address}/progress/${String(id)}`, { key })
    if (answer.status !== 200 || answer.json()['status'] !== 'processing') return answer
    await sleep(20)
  }
}

/** Everything that is said to these bytes until the other side hangs up. The connection stays open for more. */
export async function raw(address: string, bytes: string, end: 'half open' | 'cut' = 'half open'): Promise<string> {
  const { hostname, port } = new URL(address)
  const { promise, resolve } = Promise.withResolvers<string>()
  let said = ''
  const socket = connect({ host: hostname, port: Number(port) }, () => {
    socket.write(bytes, 'latin1', () => {
      if (end === 'cut') socket.resetAndDestroy()
    })
  })
  socket.setEncoding('utf8').on('data', (text: string) => (said += text))
  socket.on('error', () => {})
  socket.once('close', () => resolve(said))
  return await promise
}
