/** The built window as files, and the headers that every answer of the browser shell carries. */
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

export const strictHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
}

/** What a page may do: its own scripts, its own styles, its own server. Style elements need the nonce of this very answer. */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "media-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Where the page finds its nonce; the build leaves this word in its HTML. */
const nonceMark = 'style-nonce-of-this-answer'

export interface FoundPage {
  readonly headers: Readonly<Record<string, string>>
  /** Text, or a file as it is. */
  readonly body: string | { readonly file: string; readonly bytes: number }
}

/** From the built window alone; null where it has nothing of that name. */
export async function findPage(folder: string, path: string): Promise<FoundPage | null> {
  if (path === '/' || path === '/index.html') {
    const nonce = randomBytes(16).toString('base64')
    const html = await readFile(join(folder, 'index.html'), 'utf8')
    const headers = { ...strictHeaders, 'content-type': 'text/html; charset=utf-8', 'content-security-policy': pagePolicy(nonce) }
    return { headers, body: html.replaceAll(nonceMark, nonce) }
  }
  // The build writes flat names below assets; nothing else can be asked for, so no path can lead out.
  const name = /^\/assets\/([\w-]+(?:\.[\w-]+)*)$/.exec(path)?.[1]
  const type = types[extname(path)]
  if (name === undefined || type === undefined) return null
  const file = join(folder, 'assets', name)
  const stats = await stat(file).catch(() => null)
  if (stats?.isFile() !== true) return null
  // Names hold a hash of what is in them.
  const headers = { ...strictHeaders, 'content-type': type, 'cache-control': 'private, max-age=31536000, immutable' }
  return { headers, body: { file, bytes: stats.size } }
}

export async function sendPage(folder: string, path: string, response: ServerResponse): Promise<boolean> {
  const page = await findPage(folder, path)
  if (page === null) return false
  const { headers, body } = page
  if (typeof body === 'string') {
    response.writeHead(200, headers).end(body)
    return true
  }
  await sendFile(response, headers, body)
  return true
}

/**
 * Sends so many bytes of a file. One that became shorter on the way cuts the connection off: an answer shorter than its length leaves
 * the page waiting, or takes the next answer for its rest.
 */
export async function sendFile(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  { file, bytes }: { readonly file: string; readonly bytes: number },
): Promise<void> {
  response.writeHead(200, { ...headers, 'content-length': bytes })
  if (bytes === 0) return void response.end()
  await pipeline(
    createReadStream(file, { end: bytes - 1 }),
    async function* whole(parts: AsyncIterable<Buffer>) {
      let sent = 0
      for await (const part of parts) {
        sent += part.length
        yield part
      }
      if (sent < bytes) throw new Error(`${file} became shorter while it was sent`)
    },
    response,
  )
}
