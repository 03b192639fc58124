/**
 * What the scripted providers are made from: real HTTP on loopback, with a second origin that stands for storage and CDN hosts. A
 * provider states its routes; a test may tell any of them, by name, to misbehave the next time it is asked. Everything that came in is
 * kept, and a key that shows up where it does not belong is counted.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { send, type Reply } from './reply.ts'

/** A request as it came in. */
export interface Seen {
  readonly route: string
  readonly origin: Origin
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  /** What the parentheses of the route's path have caught. */
  readonly caught: readonly string[]
}

export type Origin = 'own' | 'foreign'

export interface Route {
  readonly name: string
  readonly origin: Origin
  readonly method: string
  readonly path: RegExp
  /** Whether a key is expected; where it is not, a key is a leak. */
  readonly keyed: boolean
  readonly handle: (seen: Seen) => Reply | Promise<Reply>
}

export type Misbehaviour =
  /** Says this and does nothing. */
  | { readonly kind: 'instead'; readonly reply: Reply }
  /** Does what it should and says something else. */
  | { readonly kind: 'altered'; readonly alter: (reply: Reply) => Reply }
  /** Takes the request and never answers: `before` or `after` it has done what it should. */
  | { readonly kind: 'silent'; readonly when: 'before' | 'after' }
  /** Breaks the connection: at the first sight of the request, or when all is done and only the answer is missing. */
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  /** Answers so much of the body and then breaks the connection, or falls silent. */
  | { readonly kind: 'cut' | 'stall'; readonly share: number }
  /** Answers byte by byte. */
  | { readonly kind: 'drip' }

export interface ScriptedServer {
  readonly base: string
  readonly foreign: string
  readonly seen: Seen[]
  /** Requests of one route. */
  asked(route: string): readonly Seen[]
  /** The route misbehaves at its next requests. */
  misbehave(route: string, how: Misbehaviour, times?: number): { readonly reached: Promise<void> }
  /** Forgets what was asked for by `misbehave` and has not happened yet. */
  forgive(): void
  /** An address on the foreign origin that gives these bytes. */
  lend(bytes: Buffer): string
  /** Where the key was seen although it did not belong there. */
  readonly leaks: readonly string[]
  /** Connections taken so far. */
  connections(): number
  /** Resolves when no connection is open any more. */
  quiet(): Promise<void>
  stop(): Promise<void>
}

export interface Script {
  readonly key: string
  readonly routes: (addresses: { readonly base: string; readonly foreign: string }) => readonly Route[]
  /** What a keyed route says to a request that does not carry the key as it should; null: it does. */
  readonly guard: (seen: Seen) => Reply | null
}

/** Stops with the test that asked for it. */
export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const seen: Seen[] = []
  const leaks: string[] = []
  const plans = new Map<string, { how: Misbehaviour; reached: () => void }[]>()
  const origins = { own: createServer(), foreign: createServer() }
  const sockets = new Set<Socket>()
  let taken = 0
  const waiting: (() => void)[] = []
  for (const server of Object.values(origins)) {
    server.on('connection', (socket) => {
      sockets.add(socket)
      taken += 1
      socket.once('close', () => {
        sockets.delete(socket)
        if (sockets.size === 0) for (const resolve of waiting.splice(0)) resolve()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  }
  const addresses = { base: addressOf(origins.own), foreign: addressOf(origins.foreign) }
  const routes = script.routes(addresses)
  const lent: Buffer[] = []
  const loan: Route = {
    name: 'lent',
    origin: 'foreign',
    method: 'GET',
    path: /^\/lent\/(\d+)$/,
    keyed: false,
    handle: ({ caught }) => ({ body: lent[Number(caught[0])], headers: { 'content-type': 'application/octet-stream' } }),
  }

  async function serve(origin: Origin, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', addresses.base)
    const route = [...routes, loan].find(
      (one) => one.origin === origin && one.method === request.method && one.path.test(url.pathname),
    )
    const said = JSON.stringify([request.rawHeaders, request.url])
    if (said.includes(script.key) && (origin === 'foreign' || route?.keyed === false))
      leaks.push(`${origin} ${request.method} ${url.pathname}`)
    const plan = route === undefined ? undefined : plans.get(route.name)?.shift()
    const how = plan?.how
    if (how?.kind === 'reset' && how.when === 'before') {
      plan?.reached()
      request.socket.resetAndDestroy()
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { pathname: path, searchParams: query } = url
    const caught = route?.path.exec(path)?.slice(1) ?? []
    const one: Seen = {
      route: route?.name ?? '',
      origin,
      method: request.method ?? '',
      path,
      query,
      headers: request.headers,
      body: Buffer.concat(chunks),
      caught,
    }
    seen.push(one)
    if (how?.kind === 'silent' && how.when === 'before') return plan?.reached()
    const reply = how?.kind === 'instead' ? how.reply : await answer(route, one)
    if (how?.kind === 'silent') return plan?.reached()
    if (how?.kind === 'reset') request.socket.resetAndDestroy()
    else await send(response, request.headers, how?.kind === 'altered' ? how.alter(reply) : reply, how)
    plan?.reached()
  }

  async function answer(route: Route | undefined, one: Seen): Promise<Reply> {
    if (route === undefined) return { status: 404, body: { message: 'no such route' } }
    return (route.keyed ? script.guard(one) : null) ?? (await route.handle(one))
  }

  for (const [origin, server] of Object.entries(origins) as [Origin, Server][]) {
    server.on('request', (request, response) => {
      // A client that goes away in the middle of its request is no trouble of the server's.
      serve(origin, request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500).end(String(error))
      })
    })
  }
  const stop = async (): Promise<void> => {
    for (const server of Object.values(origins)) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
  onTestFinished(stop)
  return {
    ...addresses,
    seen,
    leaks,
    asked: (name) => seen.filter(({ route }) => route === name),
    misbehave: (name, how, times = 1) => {
      const { promise: reached, resolve } = Promise.withResolvers<void>()
      const list = plans.get(name) ?? []
      for (let n = 0; n < times; n += 1) list.push({ how, reached: resolve })
      plans.set(name, list)
      return { reached }
    },
    connections: () => taken,
    forgive: () => plans.clear(),
    lend: (bytes) => `${addresses.foreign}/lent/${lent.push(bytes) - 1}`,
    quiet: async () => {
      if (sockets.size > 0) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    stop,
  }
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
