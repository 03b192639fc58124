/**
 * A real Beside that converts for others, behind a relay that can be told to misbehave: what comes back is what that one has said, unless a test
 * wants it broken on the way.
 */
import { ask } from '../served-client.ts'
import type { Reply } from './reply.ts'
import { scriptedServer, type Route, type ScriptedServer, type Seen } from './server.ts'

export interface ServedRelay extends ScriptedServer {
  /** Ids of what was begun. */
  readonly jobs: readonly string[]
  /** The last result. */
  made(): Buffer
}

const passedOn = ['x-api-key', 'content-type'] as const
const passedBack = ['content-type', 'content-disposition', 'retry-after'] as const

export async function servedRelay(address: string, key: string): Promise<ServedRelay> {
  const jobs: string[] = []
  let made = Buffer.alloc(0)

  const pass = async ({ method, path, headers, body }: Pick<Seen, 'method' | 'path' | 'headers' | 'body'>): Promise<Reply> => {
    const own = Object.fromEntries(
      passedOn.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
    )
    const answer = await ask(`${address}${path}`, { method, headers: own, ...(body.length > 0 && { body }) })
    const back = Object.fromEntries(
      passedBack.flatMap((name) => (answer.headers[name] === undefined ? [] : [[name, answer.headers[name]]])),
    )
    const isJson = answer.headers['content-type'] === 'application/json' && answer.headers['content-disposition'] === undefined
    return { status: answer.status, headers: back, body: isJson ? answer.json() : answer.bytes }
  }
  const submit = async (seen: Seen): Promise<Reply> => {
    const reply = await pass(seen)
    if (reply.status === 200) jobs.push(String((reply.body as { jobid: unknown }).jobid))
    return reply
  }
  const submitSync = async (seen: Seen): Promise<Reply> => {
    const reply = await pass(seen)
    if (reply.status !== 200) return reply
    jobs.push('')
    made = reply.body as typeof made
    return reply
  }
  const poll = async (seen: Seen): Promise<Reply> => {
    const reply = await pass(seen)
    const { status } = reply.body as { status?: unknown }
    if (status === 'completed') {
      const { bytes } = await ask(`${address}/download/${seen.caught[0] ?? ''}`, { key })
      made = Buffer.from(bytes)
    }
    return reply
  }

  const route = (name: string, method: string, path: RegExp, handle: Route['handle'] = pass): Route => ({
    name,
    origin: 'own',
    method,
    path,
    keyed: name !== 'public',
    handle,
  })
  const scripted = await scriptedServer({
    key,
    // The real one judges.
    guard: () => null,
    routes: () => [
      route('public', 'GET', /^\/public\/pairs$/),
      route('pairs', 'GET', /^\/pairs$/),
      route('submit', 'POST', /^\/convert$/, submit),
      route('sync', 'POST', /^\/convert\/sync$/, submitSync),
      route('poll', 'GET', /^\/progress\/([^/]+)$/, poll),
      route('result', 'GET', /^\/download\/([^/]+)$/),
    ],
  })
  return Object.assign(scripted, { jobs, made: () => made })
}
