/** What helps to find out what went wrong: the end of the log, and everything of use in one file. Neither holds a key. */
import * as z from 'zod'
import { call } from './call.ts'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const

export const logLineSchema = z.object({
  /** ISO 8601. */
  at: z.string(),
  level: z.enum(logLevels),
  text: z.string(),
  /** The rest of the line, as JSON; empty where there is none. */
  facts: z.string(),
})
export type LogLine = z.infer<typeof logLineSchema>

export const logEndSchema = z.object({ path: z.string(), lines: z.array(logLineSchema) })
export type LogEnd = z.infer<typeof logEndSchema>

export const bundleSchema = z.object({
  /** For the file; with the date. */
  name: z.string(),
  /** A ZIP, in Base64. */
  zip: z.base64(),
})
export type Bundle = z.infer<typeof bundleSchema>

export const supportCalls = {
  /** The newest line last. */
  log: call.input(z.object({ lines: z.number().int().min(1).max(1000) })).output(logEndSchema),
  bundle: call.output(bundleSchema),
}
