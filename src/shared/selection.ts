/** Which jobs a verb is for. */
import * as z from 'zod'
import type { Phase } from './job.ts'

export const selectionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ids'), ids: z.array(z.number().int()).max(10_000) }),
  z.object({ kind: z.literal('batch'), batchId: z.number().int() }),
  z.object({ kind: z.literal('all') }),
])
export type SelectionRequest = z.infer<typeof selectionSchema>

/** How jobs end that can be done once more. */
export const retryable = ['failed', 'cancelled', 'skipped'] as const satisfies readonly Phase[]
export type Retryable = (typeof retryable)[number]

/** Without outcomes: however they ended, unless it was well. */
export const retrySchema = selectionSchema.and(z.object({ outcomes: z.array(z.enum(retryable)).optional() }))
