/** A conversion tried out on ten seconds, or on one picture, before its job begins: what is asked, and what came of it. */
import * as z from 'zod'
import { noteSchema } from './notes.ts'
import { jobChangeSchema } from './job-change.ts'

export const trialRequestSchema = z.object({
  jobId: z.number().int(),
  /** As the job would be after it; absent: as it is. */
  change: jobChangeSchema.optional(),
  /** Where in the source the stretch begins, ms; absent: in its middle. */
  atMs: z.number().min(0).optional(),
})
export type TrialRequest = Readonly<z.infer<typeof trialRequestSchema>>

/** Of the whole conversion, as far as the stretch tells. */
const wholeSchema = z.object({
  bytes: z.number(),
  /** What it will be between, most likely. */
  minBytes: z.number(),
  maxBytes: z.number(),
  tookMs: z.number(),
})

export const trialSchema = z.object({
  /** Files that it made; the window looks into them as into other files of the job, as long as it listens. */
  files: z.number().int(),
  bytes: z.number().int(),
  tookMs: z.number(),
  /** The stretch of the source, ms; null: all of it. */
  stretch: z.object({ fromMs: z.number(), lastsMs: z.number() }).nullable(),
  /** Null where nobody knows how long the source is. Where nothing was left out, it is what was found. */
  whole: wholeSchema.nullable(),
  /** Whether it is an estimate. */
  isEstimate: z.boolean(),
  /** What will not be in the result. */
  notes: z.array(noteSchema),
})
export type Trial = Readonly<z.infer<typeof trialSchema>>

export const trialEventSchema = z.discriminatedUnion('type', [
  /** 0 to 1; null where nothing can be said. */
  z.object({ type: z.literal('progress'), done: z.number().nullable() }),
  z.object({ type: z.literal('made'), trial: trialSchema }),
])
export type TrialEvent = z.infer<typeof trialEventSchema>
