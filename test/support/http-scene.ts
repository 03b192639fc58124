/** The way to the network between a test and a scripted server that echoes. */
import { expect, onTestFinished } from 'vitest'
import * as z from 'zod'
import { type HttpCall, createHttp } from '../../src/main/providers/http/client.ts'
import { eagerClock } from './clock.ts'
import { memoryOf } from './stage.ts'
import { type Route, scriptedServer } from './servers/server.ts'

export const key = 'key-canary-123'

export async function httpScene(more: { readonly base?: string; readonly bytesPerSecond?: number } = {}) {
  const echo: Route['handle'] = ({ headers, body, path }) => ({
    body: { path, auth: headers['x-api-key'] ?? null, body: body.toString() },
  })
  const route = (origin: Route['origin'], method: string): Route => ({
    name: `${origin} ${method}`,
    origin,
    method,
    path: /./,
    keyed: origin === 'own',
    handle: echo,
  })
  const server = await scriptedServer({
    key,
    guard: () => null,
    routes: () => [route('own', 'GET'), route('own', 'POST'), route('foreign', 'GET'), route('foreign', 'PUT')],
  })
  const clock = eagerClock()
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const http = createHttp(
    {
      baseUrl: more.base ?? `${server.base}/api/`,
      key: async () => key,
      clock,
      random: { next: () => 1, key: () => '' },
      log,
      bytesPerSecond: more.bytesPerSecond ?? null,
      memory: memoryOf(),
    },
    { provider: 'Test', auth: (found) => ({ 'x-api-key': found }), headers: { 'x-request-id': '7' } },
  )
  const { signal } = new AbortController()
  onTestFinished(async () => {
    await http.stop()
    await server.quiet()
    expect({ leaks: server.leaks, timers: clock.waiting() }).toEqual({ leaks: [], timers: 0 })
  })
  const ask = async (call: Partial<HttpCall>) =>
    await http.ask({ method: 'GET', to: '/x', repeat: 'harmless', key: 'own', ...call }, z.unknown(), signal)
  return { server, clock, http, signal, ask }
}
