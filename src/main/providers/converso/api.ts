/** What goes over the wire to Converso: an order as the JSON of its create call, and jobs made by a call each or up to ten by one. */
import { type FailureCode, JobError } from '../../../shared/failure.ts'
import { extensionOf } from '../../../shared/formats.ts'
import { decoded, legalName } from '../../../shared/naming.ts'
import type { Clock } from '../../engine/ports.ts'
import { jsonBody } from '../http/bodies.ts'
import type { Protocol } from '../http/client.ts'
import type { TroubleTable } from '../http/failures.ts'
import { type BatchOutcome, createBatchedSubmit, type BatchedSubmit } from '../kit/batching.ts'
import { reportUpload } from '../kit/service.ts'
import type { ServiceCall } from '../kit/service-calls.ts'
import type { ProviderOrder, Reporter } from '../provider.ts'
import { about } from './about.ts'
import { notCompleted, readAccepted, readComplaint, readSeveral } from './answers.ts'
import { lossless } from './pairings.ts'

/** Built from the id: the path that the service names is relative to another place than its webhooks' are. */
export const paths = {
  extract: '/v1/extract',
  /** Assumed: the path. That a batch can be had is documented. */
  batch: '/v1/batch',
  status: (job: string) => `/v1/status/${encodeURIComponent(job)}`,
  download: (job: string) => `/v1/download/${encodeURIComponent(job)}`,
} as const

/** The service's own codes say more than the status of the answer: the same code comes with several. */
export const meanings: Readonly<Record<string, FailureCode>> = {
  UNAUTHORIZED: 'key-rejected',
  FORBIDDEN: 'not-allowed',
  JOB_NOT_FOUND: 'gone',
  FILE_EXPIRED: 'gone',
  // Both come instead of a job, so that the submit may be made again.
  QUEUE_FULL: 'queue-full',
  SERVICE_UNAVAILABLE: 'provider-down',
  [notCompleted]: 'rate-limited',
}

export const protocol: Omit<Protocol, 'provider'> = { auth: (key) => ({ 'x-api-key': key }), trouble: { named: meanings } }

/** Assumed: with a key that works the answer is that there is no such job, with one that does not it is 401. */
export const noSuchJob = '0000000000000000'

/** The body of the create call. What is undefined does not travel. */
export function createRequest(url: string, { target, options }: Pick<ProviderOrder, 'target' | 'options'>): CreateRequest {
  const { quality, bitrate, normalize, webhook, priority } = options
  // A bitrate beats the quality there silently, so only one of them is ever sent.
  const fidelity = bitrate === undefined ? { quality } : { bitrate: `${Math.round(bitrate)}k` }
  return {
    source: { type: 'url', url },
    output: {
      format: target,
      ...(lossless.includes(target) ? {} : fidelity),
      normalize,
      // Beside keeps tags unless asked otherwise; the default of the service is not documented.
      preserveMetadata: options.preserveMetadata ?? true,
    },
    options: { filename: nameOf(options.filename ?? nameIn(url), extensionOf(target)), webhook, priority },
  }
}

export interface CreateRequest {
  readonly source: { readonly type: 'url'; readonly url: string }
  readonly output: Readonly<Record<string, unknown>>
  readonly options: { readonly filename: string | undefined; readonly webhook: string | undefined; readonly priority: unknown }
}

/** Several in one call, all with the same webhook, which is then stated once for all. */
export function batchRequest(requests: readonly CreateRequest[], webhook: string | undefined) {
  return { jobs: requests.map(({ options, ...rest }) => ({ ...rest, options: { ...options, webhook: undefined } })), webhook }
}

/** The service adds the extension itself. */
function nameOf(name: string, extension: string): string | undefined {
  const bare = name.toLowerCase().endsWith(`.${extension}`) ? name.slice(0, -extension.length - 1) : name
  return bare === '' ? undefined : legalName(bare)
}

function nameIn(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? ''
  const name = decoded(last)
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(0, dot) : name
}

/** What the create calls go through. */
export interface CreatePorts {
  /** Where the service is now. */
  baseUrl(): string
  readonly clock: Clock
  /** Resolves to the body of a good answer; throws what any other complains of. */
  ask(call: ServiceCall, signal: AbortSignal): Promise<unknown>
  /** The same, with what a success complains of left in the body. */
  askUnread(call: ServiceCall, signal: AbortSignal): Promise<unknown>
  /** A complaint in the service's envelope, as a failure. */
  complaintOf(body: unknown): Promise<JobError>
}

const noBatch: TroubleTable = { status: { 404: 'not-possible', 405: 'not-possible' } }

/** Refusals of a batch as a whole, by status: none of its jobs was taken, and each gets its own answer. */
const takesNone: ReadonlySet<FailureCode> = new Set(['not-possible', 'gone', 'conversion-failed'])
/** In a success that names no job they mean that nothing was begun. Any other complaint leaves open what was. */
const beginsNone: ReadonlySet<FailureCode> = new Set(['key-rejected', 'not-allowed', 'queue-full', 'provider-down'])

/** One job to be made, and where its progress is reported. */
export interface Creation {
  readonly request: CreateRequest
  readonly report: Reporter
}

export function createJobs({ baseUrl, clock, ask, askUnread, complaintOf }: CreatePorts): BatchedSubmit<Creation> {
  /** The address at which there is none. */
  let withoutBatch: string | null = null
  const lost = (because: 'no-job' | 'not-every-job'): JobError => new JobError('answer-lost', { provider: about.title, because })

  async function submitOne({ request, report }: Creation, signal: AbortSignal): Promise<string> {
    const body = jsonBody(request)
    const sent = reportUpload(report, body.bytes, clock)
    const answer = await ask({ method: 'POST', to: paths.extract, body, repeat: 'never', sent }, signal)
    const job = readAccepted(answer)
    if (job === null) throw lost('no-job')
    return job
  }

  async function submitBatch(orders: readonly Creation[], webhook: string | undefined, signal: AbortSignal) {
    const address = baseUrl()
    if (withoutBatch === address) return null
    const requests = orders.map(({ request }) => request)
    const body = jsonBody(batchRequest(requests, webhook))
    const reports = orders.map(({ report }) => reportUpload(report, body.bytes, clock))
    const sent = (bytes: number): void => {
      for (const each of reports) each(bytes)
    }
    try {
      const call = { method: 'POST', to: paths.batch, body, repeat: 'never', sent, trouble: noBatch } as const
      return await outcomesIn(await askUnread(call, signal), orders.length)
    } catch (error) {
      if (!(error instanceof JobError) || !takesNone.has(error.failure.code)) throw error
      if (error.failure.code === 'not-possible') withoutBatch = address
      return null
    }
  }

  /** In the order of the call. Where the answer leaves open which job is whose, nobody knows what became of them. */
  async function outcomesIn(answer: unknown, count: number): Promise<readonly BatchOutcome[]> {
    const several = readSeveral(answer)
    if (several?.length !== count) {
      const complaint = several === null && readComplaint(answer) !== null ? await complaintOf(answer) : null
      const isPlain = complaint !== null && beginsNone.has(complaint.failure.code)
      return Array.from({ length: count }, () => (isPlain ? complaint : lost('not-every-job')))
    }
    const outcomes = several.map(async ({ job, complaint }): Promise<BatchOutcome> => {
      if (complaint !== null) return await complaintOf(complaint)
      const isOwn = job !== null && several.filter((other) => other.job === job).length === 1
      return isOwn ? job : lost('not-every-job')
    })
    return await Promise.all(outcomes)
  }

  return createBatchedSubmit({ clock, submitOne, submitBatch })
}
