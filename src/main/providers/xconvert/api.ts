/**
 * What goes over the wire to xconvert. The service publishes two client guides and no reference: everything marked ASSUMED is a
 * convention that no public page states, kept here and nowhere else so that it can be changed in one place.
 */
import * as z from 'zod'
import { extensionOf, type FormatId } from '../../../shared/formats.ts'
import type { Options } from '../../../shared/options.ts'
import { maxErrorBytes, opaqueId, readTolerantly } from '../http/answers.ts'
import { JobError } from '../../../shared/failure.ts'
import type { Http } from '../http/client.ts'
import { fileBody, jsonBody, type Upload } from '../http/bodies.ts'
import type { TroubleTable } from '../http/failures.ts'
import type { ProviderOrder } from '../provider.ts'

export const xconvertBase = 'https://api.xconvert.com'
export const xconvertStagingBase = 'https://api.staging.xconvert.com'

/** ASSUMED: all paths. The operations themselves are documented by name. */
export const paths = {
  uploads: '/v1/uploads',
  complete: (uploadId: string) => `/v1/uploads/${encodeURIComponent(uploadId)}/complete`,
  jobs: '/v1/jobs',
  job: (id: string) => `/v1/jobs/${encodeURIComponent(id)}`,
  me: '/v1/me',
  webhooks: '/v1/webhook-endpoints',
} as const

/** ASSUMED: the documented client class is one that sends this unless it is told otherwise. */
export const auth = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` })

/** ASSUMED: the name of the header. That a submit takes such a key is documented. */
export const idempotencyHeader = 'idempotency-key'

/** ASSUMED: any size will do; small enough that a chunk is soon repeated. */
export const chunkBytes = 8 * 1024 * 1024
export const chunkTries = 3

/** ASSUMED: beside `complete`, which the guides use as a filter, and `completed`, after which an event is named. */
const words: Readonly<Record<string, 'ready' | 'failed' | 'gone'>> = {
  complete: 'ready',
  completed: 'ready',
  failed: 'failed',
  canceled: 'failed',
  cancelled: 'failed',
  expired: 'gone',
}

/** How a job stands. A word that is not known means that it still runs: the engine's own deadline ends it. */
export function statusOf(status: string): 'ready' | 'failed' | 'gone' | 'running' {
  const word = status.toLowerCase()
  return Object.hasOwn(words, word) ? (words[word] ?? 'running') : 'running'
}

/** ASSUMED: formats are called by their usual ending. */
export function wireName(format: FormatId): string {
  return extensionOf(format)
}

/** The three places that name a pair are built from one, so that they cannot disagree. ASSUMED: that the pattern holds for all pairs. */
export function pairOf(from: FormatId, target: FormatId): { featureId: string; fromType: string; toType: string } {
  const [fromType, toType] = [wireName(from), wireName(target)]
  return { featureId: `convert-${fromType}-to-${toType}`, fromType, toType }
}

/** Numbers, as in the guides. Absent where nothing is asked for, so that the server's own defaults hold. */
export function wireOptions({ bitrate, channels }: Options): Readonly<Record<string, number>> | undefined {
  if (bitrate === undefined && channels === undefined) return undefined
  return { ...(bitrate === undefined ? {} : { bitrate }), ...(channels === undefined ? {} : { channels }) }
}

/** ASSUMED (strongly): the wire says `uploadId`. Where it says `upload_id` after all, that is read, too. */
function camelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCase)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(
    ([name, inner]) => [name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()), camelCase(inner)] as const,
  )
  return Object.fromEntries(entries)
}

function read<T extends z.ZodType>(schema: T) {
  return z.preprocess(camelCase, schema)
}

export const createdUpload = read(
  z.object({ uploadId: opaqueId, uploads: z.array(z.object({ chunkEndpoint: z.string().min(1) })).min(1) }),
)
export const completedUpload = read(z.object({ files: z.array(z.object({ fileId: opaqueId })).min(1) }))
export const createdJob = read(z.object({ id: opaqueId }))

const output = z.object({ downloadUrl: z.string().min(1) })
export const job = read(
  z.object({
    id: opaqueId,
    status: z.string().catch(''),
    /** ASSUMED: 0 to 1 or 0 to 100, if it is there at all. */
    progress: z.number().nullable().catch(null),
    outputs: z.array(output).catch([]),
    /** ASSUMED: words, or an object with some. */
    error: z.unknown().optional(),
  }),
)
export type RemoteJob = z.infer<typeof job>

const listed = z.object({ id: opaqueId, status: z.string().catch('') })
/** ASSUMED: a bare list, or an object with one, whatever its name; the cursor to the next page is not documented at all. */
export const jobPage = read(
  z
    .union([z.array(z.unknown()), z.record(z.string(), z.unknown())])
    .transform((page): readonly unknown[] => (Array.isArray(page) ? page : (Object.values(page).find(Array.isArray) ?? [])))
    .pipe(z.array(listed)),
)

export const caller = read(
  z.object({
    apiTier: z.string().nullable().catch(null),
    credits: z
      .object({ paygRemaining: z.number().nullable().catch(null) })
      .nullable()
      .catch(null),
  }),
)

/** The secret is shown this once. */
export const webhookEndpoint = read(z.object({ secret: z.string().min(1) }))

// A file on its way to xconvert: a session, chunks, an end. Where it stands is noted with the job after every chunk, so that a restart
// goes on with the next one. The chunks go to an address that was handed out, without the key.

export interface Uploading {
  readonly http: Http
  readonly baseUrl: string
  readonly upload: Upload
  /** As the server is to see it. */
  readonly name: string
  readonly type: string
  readonly featureId: string
  readonly order: Pick<ProviderOrder, 'notes' | 'note'>
  /** Bytes sent so far, never falling. */
  readonly sent: (bytes: number) => void
  readonly signal: AbortSignal
}

/** What is remembered. It belongs to one file as it stood, one pair and one server, and is of no use for another. */
const sessionSchema = z.object({
  of: z.string(),
  uploadId: z.string(),
  chunkEndpoint: z.string(),
  chunksDone: z.number().int(),
  fileId: z.string().nullable(),
})
type Session = z.infer<typeof sessionSchema>

const noteName = 'upload'

/** The edge sees no key: what it refuses is the session. */
const edgeTrouble: TroubleTable = { status: { 401: 'provider-error', 402: 'provider-error', 403: 'provider-error' } }

/** The id of the uploaded file, and whether an earlier try had brought it up already. @throws JobError */
export async function uploaded(uploading: Uploading): Promise<{ readonly fileId: string; readonly isEarlier: boolean }> {
  const earlier = remembered(uploading)
  if (earlier === null) return { fileId: await uploadedAnew(uploading), isEarlier: false }
  if (earlier.fileId !== null) return { fileId: earlier.fileId, isEarlier: true }
  try {
    return { fileId: await finish(uploading, earlier), isEarlier: false }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { fileId: await uploadedAnew(uploading), isEarlier: false }
  }
}

export async function uploadedAnew(uploading: Uploading): Promise<string> {
  return await finish(uploading, await begin(uploading))
}

/**
 * Whether the server may only have forgotten what was begun earlier: how long a session or a file lives is not documented, nor what is
 * said of one that is over.
 */
export function isRefusal(error: unknown): boolean {
  return error instanceof JobError && ['gone', 'provider-error', 'conversion-failed', 'not-allowed'].includes(error.failure.code)
}

function remembered(uploading: Uploading): Session | null {
  const noted = uploading.order.notes[noteName]
  if (noted === undefined || noted === '') return null
  const session = sessionSchema.safeParse(JSON.parse(noted))
  return session.success && session.data.of === identity(uploading) ? session.data : null
}

function identity({ baseUrl, upload, featureId }: Uploading): string {
  return [baseUrl, featureId, upload.bytes, upload.mtimeMs].join(' ')
}

async function keep({ order }: Uploading, session: Session): Promise<Session> {
  await order.note(noteName, JSON.stringify(session))
  return session
}

async function begin(uploading: Uploading): Promise<Session> {
  const { http, name, type, featureId, upload, signal } = uploading
  const body = jsonBody({ featureId, files: [{ name, sizeBytes: upload.bytes, contentType: type }] })
  const created = await http.ask(
    { method: 'POST', to: paths.uploads, body, repeat: 'harmless', key: 'own' },
    createdUpload,
    signal,
  )
  const chunkEndpoint = created.uploads[0]?.chunkEndpoint ?? ''
  return await keep(uploading, {
    of: identity(uploading),
    uploadId: created.uploadId,
    chunkEndpoint,
    chunksDone: 0,
    fileId: null,
  })
}

async function finish(uploading: Uploading, from: Session): Promise<string> {
  const { http, upload, signal } = uploading
  const chunks = Math.ceil(upload.bytes / chunkBytes)
  let session = from
  for (let n = session.chunksDone; n < chunks; n += 1) {
    await sendChunk(uploading, session, n, chunks)
    session = await keep(uploading, { ...session, chunksDone: n + 1 })
  }
  const { files } = await http.ask(
    { method: 'POST', to: paths.complete(session.uploadId), repeat: 'harmless', key: 'own' },
    completedUpload,
    signal,
  )
  const fileId = files[0]?.fileId ?? ''
  await keep(uploading, { ...session, fileId })
  return fileId
}

async function sendChunk({ http, upload, sent, signal }: Uploading, session: Session, n: number, chunks: number): Promise<void> {
  const first = n * chunkBytes
  const end = Math.min(first + chunkBytes, upload.bytes)
  let bytes = first
  sent(bytes)
  const answer = await http.open(
    {
      method: 'PUT',
      to: session.chunkEndpoint,
      query: { totalChunks: chunks },
      headers: { 'content-range': `bytes ${first}-${end - 1}/${upload.bytes}` },
      body: fileBody(upload, first, end),
      repeat: 'harmless',
      key: 'none',
      tries: chunkTries,
      trouble: edgeTrouble,
      sent: (more) => sent((bytes += more)),
    },
    signal,
  )
  // Read to its end, so that the next chunk goes over the same connection.
  await readTolerantly(answer, maxErrorBytes)
}
