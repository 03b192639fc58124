/** What can be changed of jobs that have not begun, and what came of it. */
import * as z from 'zod'
import { failureSchema, optionsSchema, providerChoices } from './job.ts'
import { formatSchema } from './media.ts'
import { optionNames, type OptionName } from './options.ts'
import { selectionSchema } from './selection.ts'

/** What is absent stays as each job has it. */
export const jobChangeSchema = z.object({
  target: formatSchema.optional(),
  /** In place of all that each job has. */
  options: optionsSchema.optional(),
  /** Options that are taken back to their default. */
  reset: z.array(z.enum(optionNames as readonly [OptionName, ...OptionName[]])).optional(),
  /** Options that are set, the others staying as they are; after the two above. */
  set: optionsSchema.optional(),
  with: z.enum(providerChoices).optional(),
  priority: z.number().int().min(-1).max(1).optional(),
})
export type JobChange = z.infer<typeof jobChangeSchema>

export const changeRequestSchema = z.object({ selection: selectionSchema, change: jobChangeSchema })

/** Reasons that are told apart, and jobs that are named for each. */
export const maxReasons = 20

export const changeAnswerSchema = z.object({
  changed: z.number().int(),
  /** Were so already. */
  same: z.number().int(),
  /** Stay as they were. */
  refused: z.number().int(),
  /** Why; the most frequent first. */
  reasons: z.array(z.object({ why: failureSchema, jobs: z.number().int(), ids: z.array(z.number().int()) })),
})
export type ChangeAnswer = z.infer<typeof changeAnswerSchema>
