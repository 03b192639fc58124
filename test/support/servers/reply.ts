/** What a scripted server says, and how it gets it out of the door. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import type { Misbehaviour } from './server.ts'

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes and text as they are, all else as JSON. */
  readonly body?: unknown
  /** Whether a part may be asked for, under this tag. */
  readonly etag?: string
  /** Sent without Content-Length. */
  readonly chunked?: true
}

export async function send(
  response: ServerResponse,
  asked: IncomingHttpHeaders,
  reply: Reply,
  how: Misbehaviour | undefined,
): Promise<void> {
  const isRaw = typeof reply.body === 'string' || Buffer.isBuffer(reply.body)
  const whole = isRaw
    ? Buffer.from(reply.body as string)
    : Buffer.from(reply.body === undefined ? '' : JSON.stringify(reply.body))
  const first = firstByteAsked(asked, reply, whole.length)
  const body = whole.subarray(first ?? 0)
  response.statusCode = first === null ? (reply.status ?? 200) : 206
  if (!isRaw && reply.body !== undefined) response.setHeader('content-type', 'application/json')
  if (reply.chunked !== true) response.setHeader('content-length', body.length)
  if (reply.etag !== undefined) response.setHeader('etag', reply.etag)
  if (first !== null) response.setHeader('content-range', `bytes ${first}-${whole.length - 1}/${whole.length}`)
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value)
  switch (how?.kind) {
    case 'cut':
    case 'stall':
      response.flushHeaders()
      response.write(body.subarray(0, Math.floor(body.length * how.share)))
      // What was written must be on its way before the connection breaks.
      for (let n = 0; n < 20; n += 1) await turn()
      if (how.kind === 'cut') response.socket?.destroy()
      return
    case 'drip':
      response.socket?.setNoDelay(true)
      for (const byte of body) {
        response.write(Buffer.of(byte))
        await turn()
      }
      response.end()
      return
    default:
      response.end(body)
  }
}

function firstByteAsked(asked: IncomingHttpHeaders, { etag }: Reply, length: number): number | null {
  const first = /^bytes=(\d+)-$/.exec(asked.range ?? '')?.[1]
  if (etag === undefined || first === undefined || asked['if-range'] !== etag) return null
  return Number(first) < length ? Number(first) : null
}
