/**
 * Converter App on loopback: a public catalogue, keys with pairs of their own, a quota, jobs that are asked about and downloaded, and
 * the one request that stays open until the result comes back in it.
 */
import { formatNamed, factsOf } from '../../../src/shared/formats.ts'
import { zipOf } from '../zip-writer.ts'
import { madeOf, publicPairs } from './converter-app-catalogue.ts'
import type { Reply } from './reply.ts'
import { scriptedServer, type Route, type ScriptedServer, type Seen } from './server.ts'

interface Job {
  readonly id: string
  /** Name of the uploaded file. */
  readonly name: string
  readonly pair: string
  readonly made: Buffer
  readonly to: string
}

export interface ConverterAppServer extends ScriptedServer {
  readonly jobs: readonly Job[]
  /** -1: no bound. */
  quota: number
  /** What the key may use, as this server writes it. */
  ownPairs: unknown
  /** Results a job has; more than one come as an archive. */
  results: number
  /** Polls and downloads that still find a job at work. */
  busy: number
  made(): Buffer
}

export const converterAppKey = 'canary-converter-app-0123456789'

export async function converterAppServer(): Promise<ConverterAppServer> {
  const jobs: Job[] = []

  /** Takes a form as the service does, or says why not. */
  const take = async ({ body, headers }: Seen): Promise<Job | Reply> => {
    const type = headers['content-type'] ?? ''
    if (!type.startsWith('multipart/form-data')) return refuse(400, 'a form is needed')
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
    const to = form.get('target_format')
    const file = form.getAll('files').find((one) => typeof one !== 'string')
    if (file === undefined || typeof to !== 'string') {
      return { status: 422, body: { detail: [{ loc: ['body', 'files'], msg: 'field required', type: 'missing' }] } }
    }
    const from = /\.([a-z0-9]+)$/.exec(file.name)?.[1] ?? ''
    const pair = `${from}2${to}`
    if (!tokens(server.ownPairs).has(pair)) return refuse(403, `This key may not use ${pair}`)
    if (server.quota === 0) return refuse(429, 'Quota exceeded')
    const made = await madeOf(Buffer.from(await file.arrayBuffer()), from, to).catch(() => null)
    if (made === null) return refuse(400, 'bad input')
    if (server.quota > 0) server.quota -= 1
    const job: Job = { id: `${jobs.length}`.padStart(32, 'f'), name: file.name, pair, made, to }
    jobs.push(job)
    return job
  }

  const submit = async (seen: Seen): Promise<Reply> => {
    const job = await take(seen)
    if (!('id' in job)) return job
    return { status: 201, body: { status: 'success', jobid: job.id, pair: job.pair, remaining_quota: server.quota, more: {} } }
  }

  const progress = ({ caught }: Seen): Reply => {
    if (!jobs.some(({ id }) => id === caught[0])) return refuse(404, 'Job not found')
    const isBusy = server.busy > 0
    if (isBusy) server.busy -= 1
    return { body: { jobid: caught[0], progress: isBusy ? 0.4 : 1, status: isBusy ? 'processing' : 'completed', error: null } }
  }

  const download = ({ caught }: Seen): Reply => {
    const job = jobs.find(({ id }) => id === caught[0])
    if (job === undefined) return refuse(404, 'Result not found')
    if (server.busy === 0) return give(job)
    server.busy -= 1
    return refuse(409, 'Still processing')
  }

  const give = ({ made, to }: Job): Reply => {
    if (server.results === 1) {
      const format = formatNamed(to)
      const type = format === null ? 'application/octet-stream' : factsOf(format).mime
      return { body: made, headers: { 'content-type': type, 'content-disposition': `attachment; filename="converted.${to}"` } }
    }
    const entries = Array.from({ length: server.results }, (_, n) => ({ name: `pages/page ${n + 1}.${to}`, content: made }))
    // Made on the fly: nobody knows how long it will be, and it cannot be had in parts.
    return { body: zipOf(entries), chunked: true, headers: { 'content-type': 'application/zip' } }
  }

  const route = (name: string, method: string, path: RegExp, handle: Route['handle']): Route => ({
    name,
    origin: 'own',
    method,
    path,
    keyed: name !== 'public',
    handle,
  })
  const scripted = await scriptedServer({
    key: converterAppKey,
    guard: ({ headers }) =>
      headers['x-api-key'] === converterAppKey ? null : refuse(401, `Invalid key ${String(headers['x-api-key'])}`),
    routes: () => [
      route('public', 'GET', /^\/public\/pairs$/, () => ({ body: { supported_pairs: publicPairs } })),
      route('pairs', 'GET', /^\/pairs$/, () => ({ body: server.ownPairs })),
      route('submit', 'POST', /^\/convert$/, submit),
      route('sync', 'POST', /^\/convert\/sync$/, async (seen) => {
        const job = await take(seen)
        return 'id' in job ? give(job) : job
      }),
      route('poll', 'GET', /^\/progress\/([^/]+)$/, progress),
      route('result', 'GET', /^\/download\/([^/]+)$/, download),
    ],
  })
  const made = (): Buffer => jobs.at(-1)?.made ?? Buffer.alloc(0)
  const ownPairs: unknown = { supported_pairs: publicPairs }
  const server: ConverterAppServer = Object.assign(scripted, {
    jobs,
    made,
    quota: 10,
    ownPairs,
    results: 1,
    busy: 0,
  })
  return server
}

function refuse(status: number, detail: string): Reply {
  return { status, body: { detail } }
}

function tokens(pairs: unknown): ReadonlySet<string> {
  const list = Array.isArray(pairs) ? (pairs as unknown[]) : ((pairs as { supported_pairs?: unknown[] }).supported_pairs ?? [])
  return new Set(
    list.map((pair) => (typeof pair === 'string' ? pair : `${(pair as { from: string }).from}2${(pair as { to: string }).to}`)),
  )
}
