/** What a provider converts, as it crosses a process boundary: formats, options, and what those are where nobody sets them. */
import * as z from 'zod'
import { providerIdSchema } from '../job.ts'
import { formatSchema } from '../media.ts'
import type { OptionDefault } from '../option-defaults.ts'
import { optionNames, type OptionName } from '../options.ts'

const optionNameSchema = z.enum(optionNames as [OptionName, ...OptionName[]])
const optionValueSchema = z.union([z.string(), z.number(), z.boolean()])
const optionDefaultSchema: z.ZodType<OptionDefault> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('value'), value: optionValueSchema, unlessCopied: z.boolean().optional() }),
    z.object({ kind: z.literal('varies'), about: z.number().nullable() }),
    z.object({ kind: z.literal('source'), upTo: z.number().optional() }),
    z.object({ kind: z.literal('none') }),
    z.object({
      kind: z.literal('by'),
      option: optionNameSchema,
      of: z.record(z.string(), optionDefaultSchema),
      otherwise: optionDefaultSchema.optional(),
    }),
  ]),
)

export const pairingSchema = z.object({
  provider: providerIdSchema,
  from: z.array(formatSchema),
  to: z.array(formatSchema),
  options: z.array(optionNameSchema),
  /** Where they are fewer than the vocabulary's. */
  values: z.partialRecord(optionNameSchema, z.array(optionValueSchema)),
  /** What an option is where nobody sets it; what is not known is left out. */
  defaults: z.partialRecord(optionNameSchema, optionDefaultSchema),
  /** Which of several programs and libraries of the provider makes it, as people call it. */
  by: z.string().optional(),
  /** It would be made, were this program there; with what to type to install it, where that is known. */
  missing: z.object({ program: z.string(), install: z.string().optional() }).optional(),
  /** The provider said so then, and cannot be asked now. */
  staleSinceMs: z.number().optional(),
  /** Several of these, also of different formats, can become one. */
  joins: z.literal(true).optional(),
  /** They go into the result as they are, whether anybody reads them or not. */
  packs: z.literal(true).optional(),
})
