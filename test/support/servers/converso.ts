/**
 * A scripted Converso: takes addresses, fetches them itself, extracts the sound with the FFmpeg of this machine and gives it out by
 * job id. Its errors come in its envelope, some of them in answers that are successes by their status.
 */
import { callingBack } from './calling-back.ts'
import { convertHere } from './convert.ts'
import type { Reply } from './reply.ts'
import { scriptedServer, type Route, type ScriptedServer, type Seen } from './server.ts'
import { sourced } from './sourced.ts'

export const conversoKey = 'converso-canary-77ab02'

/** A job that it took. */
export interface ConversoJob {
  readonly id: string
  /** The create call's body. */
  readonly asked: CreateBody
}

export interface CreateBody {
  readonly source: { readonly type: string; readonly url: string }
  readonly output: {
    readonly format: string
    readonly quality?: string
    readonly bitrate?: string
    readonly normalize?: boolean
    readonly preserveMetadata?: boolean
  }
  readonly options?: { readonly filename?: string; readonly webhook?: string; readonly priority?: string }
}

export interface ConversoServer extends ScriptedServer {
  readonly jobs: readonly ConversoJob[]
  /** What it was answered when it called back. */
  readonly answered: readonly number[]
  /** What the last conversion gave. */
  made(): Buffer
  /** A day passes: no result is kept any more. */
  expireAll(): void
}

const formats = new Set(['mp3', 'aac', 'flac', 'wav', 'ogg', 'opus'])
const qualities = new Set(['low', 'medium', 'high', 'extreme'])
const priorities = new Set(['low', 'normal', 'high'])
const longestUrl = 2048
const mostInBatch = 10

/** What it says while it works, question after question. */
const course = [
  { status: 'queued', progress: 0, currentStep: null, estimatedTimeRemaining: 12 },
  { status: 'processing', progress: 20, currentStep: 'downloading_video', estimatedTimeRemaining: 8 },
  { status: 'processing', progress: 75, currentStep: 'extracting_audio', estimatedTimeRemaining: 2 },
] as const

interface Working extends ConversoJob {
  told: number
  expired: boolean
  readonly result: Promise<Buffer | null>
}

const no = (status: number, code: string, message: string): Reply => ({
  status,
  body: { success: false, error: { code, message } },
})

export async function conversoServer(): Promise<ConversoServer> {
  const jobs: Working[] = []
  const { call, statuses: answered } = callingBack()
  let last: Buffer = Buffer.alloc(0)

  async function create({ headers, body }: Seen): Promise<Reply> {
    if (headers['content-type'] !== 'application/json') return no(400, 'INVALID_REQUEST', 'the body is not JSON')
    const asked = JSON.parse(body.toString()) as CreateBody
    const trouble = troubleIn(asked)
    if (trouble !== null) return trouble
    const id = begin(asked)
    const data = { jobId: id, status: 'queued', estimatedTime: 12, statusUrl: `/v1/status/${id}` }
    return { status: 202, body: { success: true, message: 'Job created', data } }
  }

  function begin(asked: CreateBody): string {
    const result = extract(asked).catch(() => null)
    // Called hexadecimal by its reference, whose own sample is not; a slash shows who does not encode.
    const id = `a1b2c3d4e5f6g7h${jobs.length + 1}/?`
    const job = { id, asked, told: 0, expired: false, result }
    jobs.push(job)
    if (asked.options?.webhook !== undefined) void callBack(job, asked.options.webhook)
    return id
  }

  /** Each is a job of its own; what is wrong with one is said in its place. */
  function createSeveral({ body }: Seen): Reply {
    const { jobs: several = [], webhook } = JSON.parse(body.toString()) as { jobs?: readonly CreateBody[]; webhook?: string }
    if (several.length === 0) return no(400, 'INVALID_REQUEST', 'no jobs')
    if (several.length > mostInBatch) return no(400, 'TOO_MANY_JOBS', `at most ${mostInBatch}`)
    if (several.some(({ options }) => options?.webhook !== undefined))
      return no(400, 'INVALID_REQUEST', 'the webhook of a batch stands above its jobs')
    const made = several.map((asked) => {
      const trouble = troubleIn(asked)
      if (trouble !== null) return { jobId: null, status: 'failed', ...(trouble.body as object) }
      const options = { ...asked.options, ...(webhook === undefined ? {} : { webhook }) }
      return { jobId: begin({ ...asked, options }), status: 'queued' }
    })
    const data = { batchId: `batch-${jobs.length}`, totalJobs: made.length, jobs: made }
    return { status: 202, body: { success: true, message: 'Batch created', data } }
  }

  /** From then on it says that the job is done. */
  async function callBack(job: Working, url: string): Promise<void> {
    await job.result
    job.told = course.length
    const downloadUrl = `/audio-extract/v1/download/${encodeURIComponent(job.id)}`
    await call(url, {
      event: 'job.completed',
      jobId: job.id,
      status: 'completed',
      timestamp: '2026-01-01T00:00:00Z',
      downloadUrl,
    })
  }

  async function status({ caught }: Seen): Promise<Reply> {
    const job = jobNamed(caught)
    if (job === undefined) return no(404, 'JOB_NOT_FOUND', 'no such job')
    const step = course[job.told]
    job.told += 1
    const common = { jobId: job.id, inputFile: null, outputFile: null, options: job.asked.options }
    if (step !== undefined) return { body: { success: true, data: { ...common, ...step } } }
    const result = await job.result
    if (result === null) {
      const error = { code: 'EXTRACTION_FAILED', message: 'there is no sound in it', details: null }
      return { body: { success: true, data: { ...common, status: 'failed', progress: 75, error } } }
    }
    last = result
    const { format } = job.asked.output
    const outputFile = {
      filename: fileName(job),
      url: `${foreign}/cdn/${encodeURIComponent(job.id)}`,
      size: result.length,
      format,
    }
    return { body: { success: true, data: { ...common, status: 'completed', progress: 100, outputFile } } }
  }

  async function download({ caught }: Seen): Promise<Reply> {
    const job = jobNamed(caught)
    if (job === undefined) return no(404, 'JOB_NOT_FOUND', 'no such job')
    if (job.expired) return no(410, 'FILE_EXPIRED', 'kept for 24 hours')
    // Ready is what it has said to be ready.
    const result = job.told > course.length ? await job.result : null
    if (result === null) return no(202, 'JOB_NOT_COMPLETED', 'still at work')
    const headers = {
      'content-type': `audio/${job.asked.output.format === 'mp3' ? 'mpeg' : job.asked.output.format}`,
      'content-disposition': `attachment; filename="${fileName(job)}"`,
    }
    return { headers, body: result, etag: `"${job.id.length}-${result.length}"` }
  }

  const jobNamed = (caught: readonly string[]) => jobs.find(({ id }) => id === decodeURIComponent(caught[0] ?? ''))

  const routes: readonly Route[] = [
    { name: 'submit', origin: 'own', method: 'POST', path: /^\/audio-extract\/v1\/extract$/, keyed: true, handle: create },
    { name: 'batch', origin: 'own', method: 'POST', path: /^\/audio-extract\/v1\/batch$/, keyed: true, handle: createSeveral },
    { name: 'poll', origin: 'own', method: 'GET', path: /^\/audio-extract\/v1\/status\/([^/]+)$/, keyed: true, handle: status },
    {
      name: 'result',
      origin: 'own',
      method: 'GET',
      path: /^\/audio-extract\/v1\/download\/([^/]+)$/,
      keyed: true,
      handle: download,
    },
  ]
  const server = await scriptedServer({
    key: conversoKey,
    routes: () => routes,
    guard: ({ headers }) => (headers['x-api-key'] === conversoKey ? null : no(401, 'UNAUTHORIZED', 'a valid API key is needed')),
  })
  const { foreign } = server
  return {
    ...server,
    base: `${server.base}/audio-extract`,
    jobs,
    answered,
    made: () => last,
    expireAll: () => jobs.forEach((job) => (job.expired = true)),
  }
}

/** The first thing that is wrong with a create call. */
function troubleIn({ source, output, options }: CreateBody): Reply | null {
  if (source.type !== 'url') return no(400, 'INVALID_SOURCE', `source.type ${source.type} is not available`)
  if (!/^https?:\/\//.test(source.url) || source.url.length > longestUrl) return no(400, 'INVALID_SOURCE', 'source.url')
  if (!formats.has(output.format)) return no(400, 'INVALID_REQUEST', `no such output.format: ${output.format}`)
  if (output.quality !== undefined && !qualities.has(output.quality)) return no(400, 'INVALID_OUTPUT', 'output.quality')
  if (output.bitrate !== undefined && !/^\d+k$/.test(output.bitrate)) return no(400, 'INVALID_OUTPUT', 'output.bitrate')
  // The real one lets the bitrate win without a word; here nobody may rely on that.
  if (output.bitrate !== undefined && output.quality !== undefined) return no(400, 'INVALID_OUTPUT', 'bitrate with quality')
  if (options?.priority !== undefined && !priorities.has(options.priority)) return no(400, 'INVALID_REQUEST', 'options.priority')
  const misplaced = Object.keys(output).filter((name) => ['webhook', 'priority', 'filename'].includes(name))
  return misplaced.length > 0 ? no(400, 'INVALID_REQUEST', `output.${misplaced.join()}`) : null
}

async function extract({ source, output }: CreateBody): Promise<Buffer> {
  const fetched = await sourced(source.url)
  const args = [
    '-vn',
    ...(output.bitrate === undefined ? [] : ['-b:a', output.bitrate]),
    ...(output.normalize === true ? ['-af', 'loudnorm'] : []),
    ...(output.preserveMetadata === false ? ['-map_metadata', '-1'] : []),
    ...(output.format === 'ogg' ? ['-c:a', 'libvorbis'] : []),
  ]
  return await convertHere(fetched, 'media', output.format, args)
}

function fileName({ id, asked }: ConversoJob): string {
  return `${asked.options?.filename ?? id}.${asked.output.format}`
}
