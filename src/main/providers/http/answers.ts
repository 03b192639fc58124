/** The body of an answer, read whole: bounded, tolerantly, and checked against a schema. */
import { JobError } from '../../../shared/failure.ts'
import * as z from 'zod'

/** An answer whose body is still to be read. Its bytes may be read once; whoever does not want them calls `close`. */
export interface HttpAnswer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Throws the JobError that fits where the transfer breaks, stalls or is aborted. Ending early closes the connection. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** How long the other side was waited for so far: no slow disk, no bandwidth limit and no sleep of this machine is in it. */
  readonly waitedMs: () => number
  readonly close: () => void
}

/** Of an error page nobody reads more. */
export const maxErrorBytes = 64 * 1024
/** No JSON answer that makes sense is larger. */
const maxJsonBytes = 8 * 1024 * 1024

/** JSON where it is JSON, else text; at most so many bytes of it, the rest is not waited for. */
export async function readTolerantly(answer: HttpAnswer, maxBytes: number): Promise<unknown> {
  const kept: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer.chunks) {
    kept.push(chunk)
    bytes += chunk.length
    if (bytes >= maxBytes) break
  }
  const text = Buffer.concat(kept)
    .subarray(0, maxBytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** @throws JobError `answer-bad` where it is not JSON, or not of the shape that is needed. */
export async function readJson<T>(answer: HttpAnswer, schema: z.ZodType<T>, provider: string): Promise<T> {
  const body = await readTolerantly(answer, maxJsonBytes)
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  if (typeof body === 'string') throw new JobError('answer-bad', { provider, because: 'answer-not-json' })
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') ?? ''
  throw new JobError('answer-bad', { provider, because: 'unexpected-form', where, reason: issue?.message ?? '' })
}

/** Ids are opaque, and some services number theirs. */
export const opaqueId = z.union([z.string().min(1), z.number().transform(String)])
/** Read tolerantly, as `optionalNumber` is: what is missing or of another kind is null instead of an answer that cannot be read. */
export const optionalText = z.string().nullish().catch(null)
export const optionalNumber = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .transform(Number),
  ])
  .nullish()
  .catch(null)
