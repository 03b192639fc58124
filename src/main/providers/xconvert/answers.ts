/** What xconvert answers and how it calls back, read tolerantly. What is marked ASSUMED is stated nowhere. */
import * as z from 'zod'
import { opaqueId } from '../http/answers.ts'
import { signatureTrouble } from '../kit/callback.ts'
import type { CallsBack, IncomingCall, Polled } from '../provider.ts'

/** ASSUMED: beside `complete`, which the guides use as a filter, and `completed`, after which an event is named. */
const statuses: Readonly<Record<string, 'ready' | 'failed' | 'gone'>> = {
  complete: 'ready',
  completed: 'ready',
  failed: 'failed',
  canceled: 'failed',
  cancelled: 'failed',
  expired: 'gone',
}

/** The status of a job. A word that is not known means that it still runs: the engine's own deadline ends it. */
export function statusOf(status: string): 'ready' | 'failed' | 'gone' | 'running' {
  const word = status.toLowerCase()
  return Object.hasOwn(statuses, word) ? (statuses[word] ?? 'running') : 'running'
}

/** @param status the server's word, which is for a person to see if it is one and says more than the stage. */
export function readRunning(status: string, progress: number | null): Polled {
  const done = share(progress)
  const word = /^[a-z][a-z _-]{0,30}$/i.test(status) ? status.toLowerCase() : ''
  const stage = word === 'queued' ? 'queued' : 'processing'
  return { kind: 'running', stage, done, ...(word !== '' && word !== stage && { serviceStatus: word }) }
}

/** 0 to 1 and 0 to 100 are both read. A 1 is the one or the other, which nobody can know. */
function share(progress: number | null): number | null {
  if (progress === null || progress < 0 || progress === 1) return null
  return Math.min(1, progress > 1 ? progress / 100 : progress)
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

function readAs<T extends z.ZodType>(schema: T) {
  return z.preprocess(camelCase, schema)
}

export const createdUpload = readAs(
  z.object({ uploadId: opaqueId, uploads: z.array(z.object({ chunkEndpoint: z.string().min(1) })).min(1) }),
)
export const completedUpload = readAs(z.object({ files: z.array(z.object({ fileId: opaqueId })).min(1) }))
export const createdJob = readAs(z.object({ id: opaqueId }))

const output = z.object({ downloadUrl: z.string().min(1) })
export const jobAnswer = readAs(
  z.object({
    id: opaqueId,
    status: z.string().catch(''),
    /** ASSUMED: 0 to 1 or 0 to 100, if it is there at all. */
    progress: z.number().nullable().catch(null),
    outputs: z.array(output).catch([]),
    /** ASSUMED: statuses, or an object with some. */
    error: z.unknown().optional(),
  }),
)
export type RemoteJob = z.infer<typeof jobAnswer>

const listed = z.object({ id: opaqueId, status: z.string().catch('') })
/** ASSUMED: a bare list, or an object with one, whatever its name; the cursor to the next page is not documented at all. */
export const jobPage = readAs(
  z
    .union([z.array(z.unknown()), z.record(z.string(), z.unknown())])
    .transform((page): readonly unknown[] => (Array.isArray(page) ? page : (Object.values(page).find(Array.isArray) ?? [])))
    .pipe(z.array(listed)),
)

export const caller = readAs(
  z.object({
    apiTier: z.string().nullable().catch(null),
    credits: z
      .object({ paygRemaining: z.number().nullable().catch(null) })
      .nullable()
      .catch(null),
  }),
)

/** The secret is shown this once. */
export const webhookEndpoint = readAs(z.object({ secret: z.string().min(1) }))

const signatureHeader = 'x-xconvert-signature'
const timestampHeader = 'x-xconvert-timestamp'
const signedContent = (timestamp: string, body: Uint8Array): Uint8Array => Buffer.concat([Buffer.from(`${timestamp}.`), body])

const calledId = z.union([z.string().min(1).max(200), z.number().transform(String)])
const inside = z.object({ id: calledId })
const payload = z.union([
  z.object({ data: z.object({ job: inside }) }).transform(({ data }) => data.job.id),
  z.object({ data: inside }).transform(({ data }) => data.id),
  z.object({ job: inside }).transform(({ job }) => job.id),
  z.object({ jobId: calledId }).transform(({ jobId }) => jobId),
  z.object({ job_id: calledId }).transform(({ job_id: job }) => job),
])

/**
 * That it calls back, and that it gives a secret with a registered address, is documented; the rest is ASSUMED after the custom of
 * such services: headers, what is signed, where the payload names the job.
 */
export const callsBack: Required<CallsBack> = {
  signed: ({ headers, body }, secret, nowMs) => {
    const timestamp = one(headers, timestampHeader)
    const signature = one(headers, signatureHeader)
    const content = signedContent(timestamp, body)
    const trouble = signatureTrouble({ timestamp, signature, content }, secret, nowMs)
    return trouble === null ? { once: signature.toLowerCase() } : { trouble }
  },
  idsIn: (body) => {
    const read = payload.safeParse(body)
    return read.success ? { job: read.data } : {}
  },
}

function one(headers: IncomingCall['headers'], name: string): string {
  const found = headers[name]
  return typeof found === 'string' ? found.trim() : ''
}
