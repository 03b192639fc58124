/**
 * What goes over the wire to xconvert. The service publishes two client guides and no reference: everything marked ASSUMED is a
 * convention that no public page states, kept here and nowhere else so that it can be changed in one place.
 */
import * as z from 'zod'
import { extensionOf, type FormatId } from '../../../shared/formats.ts'
import type { Options } from '../../../shared/options.ts'
import { opaqueId } from '../online/tolerant.ts'

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
export function standing(status: string): 'ready' | 'failed' | 'gone' | 'running' {
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
