/**
 * xconvert on loopback: upload sessions whose chunks go to an edge on another origin, jobs that convert with FFmpeg, idempotency keys
 * that give the first job again. It refuses what the real one is known or taken to refuse.
 */
import { createHmac } from 'node:crypto'
import { formatNamed, factsOf } from '../../../src/shared/formats.ts'
import { callingBack } from './calling-back.ts'
import { convertHere } from './convert.ts'
import type { Reply } from './reply.ts'
import { scriptedServer, type Route, type ScriptedServer, type Seen } from './server.ts'

interface Upload {
  readonly featureId: string
  readonly sizeBytes: number
  /** As they came in, in order. */
  readonly chunks: { first: number; bytes: Buffer }[]
  fileId: string | null
}

interface Job {
  readonly id: string
  readonly body: string
  readonly outputs: readonly Buffer[]
}

export interface XconvertServer extends ScriptedServer {
  /** Jobs begun, and to be paid for. */
  readonly jobs: readonly Job[]
  readonly uploads: ReadonlyMap<string, Upload>
  /** The word for a job that is done. */
  doneWord: string
  /** Results each job has. */
  results: number
  /** Whether names on the wire are written with underscores. */
  spelling: 'camelCase' | 'snake_case'
  /** What is left beside the plan. */
  credits: number
  /** What it was answered when it called back. */
  readonly answered: readonly number[]
  made(): Buffer
}

const key = 'xck_live_canary_0123456789abcdef'
export const xconvertKey = key
/** Told once, when an address is registered. */
export const xconvertSecret = 'whsec_once'

/** @param atMs by the clock of whoever signs. */
export function signedByXconvert(body: string, secret = xconvertSecret, atMs = Date.now()): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(atMs / 1000))
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
  return { 'x-xconvert-timestamp': timestamp, 'x-xconvert-signature': signature }
}

export async function xconvertServer(): Promise<XconvertServer> {
  const uploads = new Map<string, Upload>()
  const jobs: Job[] = []
  const byKey = new Map<string, Job>()
  const endpoints: string[] = []
  const { call, statuses: answered } = callingBack()

  const create = ({ body }: Seen, foreign: string): Reply => {
    const { featureId, files } = JSON.parse(body.toString()) as {
      featureId: string
      files: { name: string; sizeBytes: number; contentType: string }[]
    }
    const [file] = files
    if (file === undefined || file.sizeBytes <= 0 || file.contentType === '') return refuse(400, 'no files')
    const uploadId = `up-${uploads.size + 1}`
    uploads.set(uploadId, { featureId, sizeBytes: file.sizeBytes, chunks: [], fileId: null })
    return {
      status: 201,
      body: { uploadId, uploads: [{ chunkEndpoint: `${foreign}/edge/${uploadId}/0`, method: 'PUT' }], expiresIn: 3600 },
    }
  }

  const chunk = ({ caught, headers, query, body }: Seen): Reply => {
    const upload = uploads.get(caught[0] ?? '')
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '')
    if (upload === undefined) return refuse(404, 'no such upload')
    if (range === null || headers['content-type'] !== 'application/octet-stream') return refuse(400, 'bad chunk')
    const [first = 0, last = 0, total = 0] = range.slice(1).map(Number)
    if (total !== upload.sizeBytes || last - first + 1 !== body.length || last >= total) return refuse(416, 'wrong range')
    if (first > received(upload).length) return refuse(409, 'a chunk is missing')
    if (Number(query.get('totalChunks')) !== Math.ceil(total / (8 * 1024 * 1024))) return refuse(400, 'wrong totalChunks')
    upload.chunks.push({ first, bytes: body })
    return { status: 204 }
  }

  const complete = ({ caught }: Seen): Reply => {
    const upload = uploads.get(caught[0] ?? '')
    if (upload === undefined) return refuse(404, 'no such upload')
    if (received(upload).length !== upload.sizeBytes) return refuse(409, 'chunks are missing')
    upload.fileId = `file-${caught[0]}`
    return { body: { files: [{ fileId: upload.fileId, name: 'source' }] } }
  }

  const begin = async ({ body, headers }: Seen): Promise<Reply> => {
    const text = body.toString()
    const idempotencyKey = String(headers['idempotency-key'] ?? '')
    const first = byKey.get(idempotencyKey)
    if (first !== undefined)
      return first.body === text
        ? { status: 200, body: { id: first.id, status: 'queued' } }
        : refuse(409, 'other body under the same key')
    const wanted = JSON.parse(text) as {
      featureId: string
      fileIds: string[]
      fromType: string
      toType: string
      processType: string
      options?: Record<string, unknown>
    }
    const upload = [...uploads.values()].find(({ fileId }) => fileId === wanted.fileIds[0])
    if (upload === undefined) return refuse(404, 'no such file')
    if (upload.featureId !== wanted.featureId || wanted.featureId !== `convert-${wanted.fromType}-to-${wanted.toType}`)
      return refuse(422, 'the pair disagrees')
    if (wanted.processType !== 'convert') return refuse(400, 'processType')
    const { bitrate, channels, ...others } = wanted.options ?? {}
    if (Object.keys(others).length > 0 || [bitrate, channels].some((value) => value !== undefined && typeof value !== 'number'))
      return refuse(422, 'options')
    const args = [
      ...(bitrate === undefined ? [] : ['-b:a', `${bitrate as number}k`]),
      ...(channels === undefined ? [] : ['-ac', `${channels as number}`]),
    ]
    const made = await convertHere(received(upload), wanted.fromType, wanted.toType, args).catch(() => null)
    if (made === null) return refuse(415, 'this is not what its name says')
    const job: Job = { id: `job-${jobs.length + 1}`, body: text, outputs: Array.from({ length: server.results }, () => made) }
    jobs.push(job)
    byKey.set(idempotencyKey, job)
    for (const url of endpoints)
      void call(url, { event: 'job.completed', data: { id: job.id, status: 'complete' } }, signedByXconvert)
    return { status: 201, body: { id: job.id, status: 'queued' } }
  }

  const stand = ({ caught }: Seen, foreign: string): Reply => {
    const job = jobs.find(({ id }) => id === caught[0])
    if (job === undefined) return refuse(404, 'no such job')
    const toType = (JSON.parse(job.body) as { toType: string }).toType
    const outputs = job.outputs.map((_, n) => ({
      downloadUrl: `${foreign}/storage/${job.id}/${n}.${toType}?signature=abc`,
      sizeBytes: 1,
    }))
    return { body: { id: job.id, status: server.doneWord, outputs, unknownField: { deep: [1] } } }
  }

  const result = ({ caught }: Seen): Reply => {
    const [id, n, toType = ''] = caught
    const body = jobs.find((job) => job.id === id)?.outputs[Number(n)]
    if (body === undefined) return refuse(404, 'gone')
    const format = formatNamed(toType)
    return {
      body,
      etag: `"${id}-${n}"`,
      headers: { 'content-type': format === null ? 'application/octet-stream' : factsOf(format).mime },
    }
  }

  const spelled = (reply: Reply): Reply =>
    server.spelling === 'camelCase' || Buffer.isBuffer(reply.body) ? reply : { ...reply, body: snakeCase(reply.body) }

  const own = (name: string, method: string, path: RegExp, handle: Route['handle']): Route => ({
    name,
    origin: 'own',
    method,
    path,
    keyed: true,
    handle: async (seen) => spelled(await handle(seen)),
  })
  const scripted = await scriptedServer({
    key,
    guard: ({ headers }) =>
      headers.authorization === `Bearer ${key}` ? null : refuse(401, `bad key ${headers.authorization ?? ''}`),
    routes: ({ foreign }) => [
      own('create', 'POST', /^\/v1\/uploads$/, (seen) => create(seen, foreign)),
      { name: 'chunk', origin: 'foreign', method: 'PUT', path: /^\/edge\/([^/]+)\/0$/, keyed: false, handle: chunk },
      own('complete', 'POST', /^\/v1\/uploads\/([^/]+)\/complete$/, complete),
      own('submit', 'POST', /^\/v1\/jobs$/, begin),
      own('list', 'GET', /^\/v1\/jobs$/, ({ query }) => ({
        body: {
          items: jobs.slice(0, Number(query.get('limit') ?? 20)).map(({ id }) => ({ id, status: server.doneWord })),
          next: null,
        },
      })),
      own('poll', 'GET', /^\/v1\/jobs\/([^/]+)$/, (seen) => stand(seen, foreign)),
      own('account', 'GET', /^\/v1\/me$/, () => ({
        body: { apiTier: 'pro', credits: { paygRemaining: server.credits, planRemaining: 3 } },
      })),
      own('webhook', 'POST', /^\/v1\/webhook-endpoints$/, ({ body }) => {
        const asked = JSON.parse(body.toString()) as { readonly url: string }
        endpoints.push(asked.url)
        return { status: 201, body: { ...asked, id: 7, secret: xconvertSecret } }
      }),
      {
        name: 'result',
        origin: 'foreign',
        method: 'GET',
        path: /^\/storage\/([^/]+)\/(\d+)\.(\w+)$/,
        keyed: false,
        handle: result,
      },
    ],
  })
  const made = (): Buffer => jobs.at(-1)?.outputs[0] ?? Buffer.alloc(0)
  const server: XconvertServer = Object.assign(scripted, {
    jobs,
    uploads,
    answered,
    made,
    doneWord: 'complete',
    results: 1,
    spelling: 'camelCase' as const,
    credits: 41.5,
  })
  return server
}

export function xconvertError(message: string): unknown {
  return { error: { code: 'some_code', message } }
}

function refuse(status: number, message: string): Reply {
  return { status, body: xconvertError(message) }
}

/** Whole from the start as far as the chunks reach; a repeated one replaces the earlier. */
function received({ chunks, sizeBytes }: Upload): Buffer {
  const whole = Buffer.alloc(sizeBytes)
  let reached = 0
  for (const { first, bytes } of chunks) {
    bytes.copy(whole, first)
    reached = Math.max(reached, first + bytes.length)
  }
  return whole.subarray(0, reached)
}

function snakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCase)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCase(inner),
    ]),
  )
}
