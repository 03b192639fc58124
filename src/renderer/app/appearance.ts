/** How the window looks to this user; the engine has no part in it. */
import * as z from 'zod'
import { languageTags } from '../../shared/language.ts'
import { createStored } from './stored.ts'

const appearanceSchema = z.object({
  scheme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', ...languageTags]),
})
export type Appearance = z.infer<typeof appearanceSchema>

export const usualAppearance: Appearance = { scheme: 'system', language: 'system' }

export const appearance = createStored<Appearance>('beside.appearance', appearanceSchema, usualAppearance)
