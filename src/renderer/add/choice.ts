/** What the strip over the queue says: what dropped files become. It remembers itself. */
import * as z from 'zod'
import { families, type Family, type FormatId } from '../../shared/formats.ts'
import { formatSchema, optionsSchema, providerChoices } from '../../shared/job.ts'
import { createStored } from '../app/stored.ts'

const choiceSchema = z.object({
  target: formatSchema,
  /** For kinds of files that cannot become `target`: what was answered when it was asked. */
  others: z.partialRecord(z.enum(families), formatSchema),
  options: optionsSchema,
  preset: z.string().nullable(),
  with: z.enum(providerChoices),
  /** Absolute folder; null: beside the originals. */
  out: z.string().nullable(),
  recentFolders: z.array(z.string()).max(5),
})
export type Choice = z.infer<typeof choiceSchema>
export type Others = Readonly<Partial<Record<Family, FormatId>>>

export const choice = createStored<Choice>('beside.choice', choiceSchema, {
  target: 'mp3',
  others: {},
  options: {},
  preset: null,
  with: 'auto',
  out: null,
  recentFolders: [],
})
