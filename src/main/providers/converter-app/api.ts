/**
 * What goes over the wire to Converter App. What is marked ASSUMED is stated nowhere, and is kept here so that it can be changed in one
 * place.
 */
import * as z from 'zod'
import { opaqueId } from '../http/answers.ts'
import type { TroubleTable } from '../http/failures.ts'

export const converterAppBase = 'https://api.converter.app'

export const paths = {
  /** The whole platform, for everybody. */
  publicPairs: '/public/pairs',
  /** What this key may use. */
  pairs: '/pairs',
  convert: '/convert',
  convertSync: '/convert/sync',
  progress: (id: string) => `/progress/${encodeURIComponent(id)}`,
  download: (id: string) => `/download/${encodeURIComponent(id)}`,
} as const

export const auth = (key: string): Readonly<Record<string, string>> => ({ 'x-api-key': key })

/** 429 says that the quota is used up: it is no rate limit, and waiting would cure nothing. */
export const trouble: TroubleTable = { status: { 429: 'out-of-credit' } }

/** A download that is asked for while the conversion still runs. */
export const downloadTrouble: TroubleTable = { status: { 409: 'provider-down' } }

/**
 * Up to this size a file is converted within one request: a lost connection then loses the result and the unit it cost, so that only
 * files that are soon done go this way.
 */
export const maxSyncBytes = 64 * 1024
/** The service keeps such a request open for 30 minutes. */
export const syncAnswerMs = 35 * 60_000

export const formFields = { target: 'target_format', file: 'files' } as const

/** ASSUMED: whether a unit is a request or a file is not stated; a request holds one file here. */
export const costOfConversion = { amount: 1, unit: 'conversions' } as const

const unlimited = -1

/** What is left, as an account states it. */
export function leftOf(remaining: number | null) {
  if (remaining === null) return null
  return remaining === unlimited ? ('unlimited' as const) : { amount: Math.max(0, remaining), unit: costOfConversion.unit }
}

/** A word that is not known means that it still runs. `success`, the word of the submit, is none of these. */
export function statusOf(status: string): 'ready' | 'failed' | 'running' {
  const word = status.toLowerCase()
  if (word === 'completed') return 'ready'
  return word === 'failed' ? 'failed' : 'running'
}

export const accepted = z.object({
  jobid: opaqueId,
  pair: z.string().nullable().catch(null),
  remaining_quota: z.number().nullable().catch(null),
})

export const progress = z.object({
  status: z.string().catch(''),
  /** 0 to 1; 1 does not mean that it is done. */
  progress: z.number().nullable().catch(null),
  error: z.unknown().optional(),
})
