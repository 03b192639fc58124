/** Presets, settings, batches and what they are when nobody has said anything. */
import * as z from 'zod'
import {
  clashPolicies,
  finishedPhases,
  formatSchema,
  optionsSchema,
  phases,
  providerChoices,
  providerIds,
  sourceAftermaths,
} from './job.ts'

export const presetSchema = z.object({
  name: z.string().min(1).max(80),
  target: formatSchema,
  options: optionsSchema,
  with: z.enum(providerChoices).optional(),
  nameTemplate: z.string().optional(),
  localOnly: z.boolean().optional(),
})
export type Preset = z.infer<typeof presetSchema>

export const settingsSchema = z.object({
  /** Name template of outputs, without the extension. */
  nameTemplate: z.string(),
  ifExists: z.enum(clashPolicies),
  keepDates: z.boolean(),
  afterwards: z.enum(sourceAftermaths),
  /** Name of the subfolder that archived sources go to. */
  archiveFolder: z.string(),
  /** Where results of URLs go; empty: the system's Downloads. */
  downloadFolder: z.string(),
  /** The user's order for *Automatic*. */
  providerOrder: z.array(z.enum(providerIds)),
  /** Global privacy rule: nothing leaves this machine. */
  localOnly: z.boolean(),
  /** Path of the FFmpeg program; empty: bundled, then the one on PATH. */
  ffmpegPath: z.string(),
  /** Bytes that stay free on the disk that an output goes to. */
  diskReserveBytes: z.number().int().min(0),
  /** No new job starts while true. */
  paused: z.boolean(),
})
export type Settings = z.infer<typeof settingsSchema>

export const defaultSettings: Settings = {
  nameTemplate: '{name}',
  ifExists: 'number',
  keepDates: true,
  afterwards: 'keep',
  archiveFolder: 'converted',
  downloadFolder: '',
  providerOrder: ['local', 'xconvert', 'converter-app', 'musicgpt', 'converso'],
  localOnly: false,
  ffmpegPath: '',
  diskReserveBytes: 64 * 1024 * 1024,
  paused: false,
}

/** How many jobs are in each phase; every phase is there. */
export const totalsSchema = z.record(z.enum(phases), z.number().int())
export type Totals = z.infer<typeof totalsSchema>

export const batchSchema = z.object({
  id: z.number().int(),
  /** What the user gave, in short: a folder's name, `12 files`. */
  label: z.string(),
  createdAtMs: z.number(),
  totals: totalsSchema,
  /** Set once its outputs were taken back. */
  undoneAtMs: z.number().nullable(),
})
export type Batch = z.infer<typeof batchSchema>

export const historyQuerySchema = z.object({
  /** Words that must all begin some word of the name, folder, format or failure. */
  text: z.string().max(500).optional(),
  outcomes: z.array(z.enum(finishedPhases)).optional(),
  providers: z.array(z.enum(providerIds)).optional(),
  targets: z.array(formatSchema).optional(),
  batchId: z.number().int().optional(),
  /** Finished at this time or later, and before. */
  fromMs: z.number().optional(),
  beforeMs: z.number().optional(),
})
export type HistoryQuery = z.infer<typeof historyQuerySchema>
