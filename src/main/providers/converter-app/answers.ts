/** What Converter App answers, read tolerantly. Its catalogue is read in `pairings`. Apart, as in every provider. */
import * as z from 'zod'
import { opaqueId } from '../http/answers.ts'
import type { Account } from '../provider.ts'
import { costOfConversion } from './about.ts'

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

/** A word that is not known means that it still runs. `success`, the word of the submit, is none of these. */
export function statusOf(status: string): 'ready' | 'failed' | 'running' {
  const word = status.toLowerCase()
  if (word === 'completed') return 'ready'
  return word === 'failed' ? 'failed' : 'running'
}

const unlimited = -1

/** What is left, as an account states it. */
export function leftOf(remaining: number | null): Account['left'] {
  if (remaining === null) return null
  return remaining === unlimited ? 'unlimited' : { amount: Math.max(0, remaining), unit: costOfConversion.unit }
}
