/** The browser shell, and a caller that does what a page's browser would do. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { RPCLink, type RPCLinkOptions } from '@orpc/client/websocket'
import type { ClientContext } from '@orpc/client'
import { WebSocket } from 'ws'
import { clientOver, type Carrier } from '../../src/shared/wire/client.ts'
import type { Session } from '../../src/main/api/session.ts'
import { serveWeb, type Web } from '../../src/main/api/web/web.ts'
import { sessionIn, listeningLog, type Logged } from './sessions.ts'
import { temporaryFolder } from './folder.ts'

export interface WebScene {
  readonly web: Web
  readonly session: Session
  readonly origin: string
  readonly token: string
  readonly home: string
  readonly log: Logged
}

export async function webScene(): Promise<WebScene> {
  const home = await temporaryFolder()
  const log = listeningLog()
  return await webOver(await sessionIn(home, 'work', log), home, log)
}

export async function webOver(session: Session, home: string, log = listeningLog()): Promise<WebScene> {
  const pages = await temporaryFolder()
  await mkdir(join(pages, 'assets'))
  await writeFile(join(pages, 'index.html'), '<!doctype html><meta name="style-nonce" content="style-nonce-of-this-answer">')
  await writeFile(join(pages, 'assets', 'index-abc.js'), 'export {}')
  await writeFile(join(pages, 'secret.txt'), 'not for pages')
  const web = await serveWeb({ session, home, pages, host: '127.0.0.1', port: 0, log })
  onTestFinished(async () => await web.stop())
  const [base = '', token = ''] = web.address.split('#')
  return { web, session, origin: base.replace(/\/$/, ''), token, home, log }
}

/** The cookie that the token is exchanged for. */
export async function enter({ origin, token }: Pick<WebScene, 'origin' | 'token'>): Promise<string> {
  const answer = await fetch(`${origin}/enter`, { method: 'POST', headers: { authorization: `Bearer ${token}`, origin } })
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

export interface Opened {
  readonly socket: WebSocket
  /** Code and reason once it was closed. */
  readonly closed: Promise<string>
}

/** A status of HTTP where the server would not have it. */
export function openSocket({
  origin,
  headers,
  path = '/calls',
}: {
  origin: string
  headers: Record<string, string>
  path?: string
}): Promise<Opened | number> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}${path}`, { headers })
  onTestFinished(() => socket.terminate())
  const closed = new Promise<string>((resolve) =>
    socket.once('close', (code, reason) => resolve(`${code} ${reason.toString()}`.trim())),
  )
  return new Promise((resolve) => {
    socket.once('open', () => resolve({ socket, closed }))
    socket.once('unexpected-response', (_, response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', () => {})
  })
}

export async function carrierOver(scene: Pick<WebScene, 'origin' | 'token'>): Promise<Carrier> {
  const opened = await openSocket({ origin: scene.origin, headers: { cookie: await enter(scene), origin: scene.origin } })
  if (typeof opened === 'number') throw new Error(`refused: ${opened}`)
  const { socket } = opened
  return {
    link: new RPCLink({ websocket: socket as unknown as RPCLinkOptions<ClientContext>['websocket'] }),
    isLost: () => socket.readyState !== WebSocket.OPEN,
  }
}

export async function callerOf(scene: Pick<WebScene, 'origin' | 'token'>) {
  const carrier = await carrierOver(scene)
  return clientOver(() => carrier)
}
