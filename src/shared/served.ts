/**
 * What Beside converts for others over HTTP: the keys that they have, and their jobs. A pair is named as the protocol has it: by the endings of
 * files, where an ending means that format alone.
 */
import * as z from 'zod'
import { anyFormatNamed, extensionOf, type FormatId } from './formats.ts'
import { failureSchema, providerChoices } from './job.ts'
import { formatSchema } from './media.ts'

export const formatPairSchema = z.object({ from: formatSchema, to: formatSchema })
export type FormatPair = z.infer<typeof formatPairSchema>

/** As the protocol writes them. */
export const servedPairSchema = z.object({ from: z.string(), to: z.string() })
export type ServedPair = z.infer<typeof servedPairSchema>

export function servedName(id: FormatId): string {
  const ending = extensionOf(id)
  return anyFormatNamed(ending) === id ? ending : id
}

export function servedPairOf({ from, to }: FormatPair): ServedPair {
  return { from: servedName(from), to: servedName(to) }
}

/** `mp42mp3`; it cannot be taken apart, since names may hold a 2 themselves. */
export function pairToken({ from, to }: ServedPair): string {
  return `${from}2${to}`
}

const keyName = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,59}$/u)
const quota = z.number().int().min(0).max(1_000_000_000).nullable()

/** What a key may do. The key itself is told once, when it is made, and kept by its hash alone. */
export const newApiKeySchema = z.object({
  name: keyName,
  /** Conversions, a file each; null: no bound. */
  quota,
  /** Null: all that there are. */
  pairs: z.array(formatPairSchema).min(1).max(1000).nullable(),
  /** Who may convert for it. With `local` nothing leaves this machine and nothing is paid for. */
  with: z.enum(providerChoices),
})
export type NewApiKey = z.infer<typeof newApiKeySchema>

export const apiKeySchema = newApiKeySchema.omit({ quota: true }).extend({
  /** Conversions that are left; null: no bound. */
  left: quota,
  pairs: z.array(formatPairSchema).nullable(),
  createdAtMs: z.number(),
})
export type ApiKey = z.infer<typeof apiKeySchema>

/** What was sent and could not be converted, by the name that it came with. */
export const servedFailureSchema = z.object({ file: z.string(), why: failureSchema })
export type ServedFailure = z.infer<typeof servedFailureSchema>
export const servedFailuresSchema = z.array(servedFailureSchema)

export const servedJobSchema = z.object({
  id: z.string(),
  status: z.enum(['processing', 'completed', 'failed']),
  /** 0 to 1. */
  progress: z.number(),
  failures: servedFailuresSchema,
  /** Until then it is kept at least; of one that has ended, it goes then. */
  expiresAtMs: z.number(),
  /** Absolute paths of the results; none unless completed. */
  results: z.array(z.string()),
})
export type ServedJob = z.infer<typeof servedJobSchema>

/** Why a request is not taken. */
export const servedRefusalSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('no-key') }),
  z.object({ kind: z.literal('target-unknown'), target: z.string() }),
  z.object({ kind: z.literal('source-unnamed'), file: z.string() }),
  z.object({ kind: z.literal('pair-unsupported'), pair: z.string() }),
  z.object({ kind: z.literal('pair-forbidden'), pair: z.string() }),
  z.object({ kind: z.literal('several-pairs'), pair: z.string(), other: z.string() }),
  z.object({ kind: z.literal('quota-used-up'), left: z.number(), files: z.number() }),
  z.object({ kind: z.literal('source-refused'), failure: servedFailureSchema }),
])
export type ServedRefusal = z.infer<typeof servedRefusalSchema>
