/** What dropped files become: the choice in the bar over the queue. It remembers itself. Apart, since the palette and each drop read it, too. */
import * as z from 'zod'
import { families, type Family, type FormatId } from '../../shared/formats.ts'
import { formatSchema } from '../../shared/media.ts'
import { optionsSchema, providerChoices } from '../../shared/job.ts'
import { furtherSchema, type Preset } from '../../shared/model.ts'
import { withoutSecrets } from '../../shared/options.ts'
import { createPersisted } from '../app/persisted.ts'

const conversionSchema = z.object({
  target: formatSchema,
  /** For kinds of files that cannot become `target`: what was answered when it was asked. */
  others: z.partialRecord(z.enum(families), formatSchema),
  /** Several files become one, where the target can hold them. */
  together: z.boolean().default(false),
  options: optionsSchema,
  /** What each file becomes besides, with options of its own. */
  further: furtherSchema.default([]),
  preset: z.string().nullable(),
  with: z.enum(providerChoices),
  /** Absolute folder; null: beside the originals. */
  out: z.string().nullable(),
  recentFolders: z.array(z.string()).max(5),
})
export type Conversion = z.infer<typeof conversionSchema>
export type TargetByFamily = Readonly<Partial<Record<Family, FormatId>>>

const atFirst: Conversion = {
  target: 'mp3',
  others: {},
  together: false,
  options: {},
  further: [],
  preset: null,
  with: 'auto',
  out: null,
  recentFolders: [],
}

export const useConversion = createPersisted('beside.choice', conversionSchema, atFirst, (now) => ({
  ...now,
  options: withoutSecrets(now.options),
  further: now.further.map((output) => ({ ...output, options: withoutSecrets(output.options) })),
}))

/** Files that are added from now on become what the preset says. */
export function followPreset({ name: preset, target, options, further = [], with: provider }: Preset): void {
  useConversion.setState({ preset, target, options, further, ...(provider === undefined ? {} : { with: provider }) })
}
