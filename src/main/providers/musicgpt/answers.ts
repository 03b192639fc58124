/** What MusicGPT answers, read tolerantly: unknown fields are passed over, optional ones may be missing or of another kind. */
import * as z from 'zod'
import { opaqueId, optionalNumber, optionalText } from '../http/answers.ts'
import type { CallsBack } from '../provider.ts'

/** IN_QUEUE, COMPLETED, ERROR and FAILED are documented, the others assumed. Whatever is not named here still runs. */
const statuses: ReadonlyMap<string, 'queued' | 'done' | 'failed'> = new Map([
  ['IN_QUEUE', 'queued'],
  ['QUEUED', 'queued'],
  ['COMPLETED', 'done'],
  ['ERROR', 'failed'],
  ['FAILED', 'failed'],
  ['CANCELLED', 'failed'],
  ['CANCELED', 'failed'],
])

/** Assumed order. The reference names the first, the webhook and the submit's schema the next two, clients met the others. */
const resultNames = [
  'audio_url',
  'output_file_path',
  'output_path',
  'conversion_path',
  'conversion_path_1',
  'conversion_url',
] as const

/** Assumed: `eta` counts seconds. Nothing positive (-1, as documented) is no estimate. */
const etaUnitMs = 1_000

const optionalId = opaqueId.nullish().catch(null)
const acceptedSchema = z.object({
  task_id: optionalId,
  conversion_id: optionalId,
  eta: optionalNumber,
  credit_estimate: optionalNumber,
})

export interface Accepted {
  /** One of the two at least. */
  readonly task: string | null
  readonly conversion: string | null
  readonly etaMs: number | null
  readonly credits: number | null
}

/** The answer to a submit, or null where it names no job. */
export function readAccepted(body: unknown): Accepted | null {
  const read = acceptedSchema.safeParse(body)
  if (!read.success) return null
  const { task_id: task = null, conversion_id: conversion = null, eta, credit_estimate: credits = null } = read.data
  if (task === null && conversion === null) return null
  return { task, conversion, etaMs: typeof eta === 'number' && eta > 0 ? eta * etaUnitMs : null, credits }
}

const conversionSchema = z.object({
  status: optionalText,
  status_msg: optionalText,
  conversion_cost: optionalNumber,
  ...(Object.fromEntries(resultNames.map((name) => [name, optionalText])) as Record<
    (typeof resultNames)[number],
    typeof optionalText
  >),
})

export type MusicgptStatus =
  | { readonly kind: 'queued' | 'running' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** A result without an address is none: the caller decides what that means. */
  | { readonly kind: 'done'; readonly url: string | null; readonly credits: number | null }

/** The status of a conversion, or null where the answer does not say. */
export function readStatus(body: unknown): MusicgptStatus | null {
  const read = z.object({ conversion: conversionSchema }).safeParse(body)
  if (!read.success) return null
  const { conversion } = read.data
  const status = conversion.status?.trim().toUpperCase() ?? ''
  if (status === '') return null
  const kind = statuses.get(status) ?? 'running'
  if (kind === 'failed') return { kind, reason: conversion.status_msg?.trim() ? conversion.status_msg : status }
  if (kind !== 'done') return { kind }
  const url = resultNames.map((name) => conversion[name]).find((found) => found !== null && found !== undefined && found !== '')
  return { kind, url: url ?? null, credits: conversion.conversion_cost ?? null }
}

/** A 200 may still say that it went wrong (assumed: this is what `success: false` means everywhere). */
export function isRefusal(body: unknown): boolean {
  return z.object({ success: z.literal(false) }).safeParse(body).success
}

const id = z.string().min(1).max(200).optional().catch(undefined)
const payload = z.object({ task_id: id, conversion_id: id })

/** Its samples name the job by either of its two ids, or by both; they are not signed. */
export const callsBack: CallsBack = {
  idsIn: (body) => {
    const { task_id: task, conversion_id: conversion } = payload.safeParse(body).data ?? {}
    return { ...(task === undefined ? {} : { task }), ...(conversion === undefined ? {} : { conversion }) }
  },
}
