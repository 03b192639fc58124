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

export const onlineProviderIds = ['xconvert', 'musicgpt', 'converter-app', 'converso'] as const
export type OnlineProviderId = (typeof onlineProviderIds)[number]

/** In the provider's own unit: credits, conversions, money. */
export const costSchema = z.object({ amount: z.number(), unit: z.string() })

const cap = z.number().min(0).nullable()
/** What may be spent, in the provider's own unit; null: no cap of that kind. A cap lets *Automatic* spend up to it without asking. */
export const capsSchema = z.object({ job: cap, batch: cap, day: cap, month: cap })
export type Caps = z.infer<typeof capsSchema>

export const onlineProviderSchema = z.object({
  enabled: z.boolean(),
  /** Another address than the provider's own, e.g. for staging; empty: its own. */
  baseUrl: z.string(),
  /** Name of the plan, where limits follow from it; empty: the smallest. */
  plan: z.string(),
  caps: capsSchema,
})
export type OnlineProviderSettings = z.infer<typeof onlineProviderSchema>

export const defaultOnlineProvider: OnlineProviderSettings = {
  enabled: true,
  baseUrl: '',
  plan: '',
  caps: { job: null, batch: null, day: null, month: null },
}

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
  /** What differs from `defaultOnlineProvider`. */
  online: z.partialRecord(z.enum(onlineProviderIds), onlineProviderSchema),
  /** Bytes a second for each provider's uploads and downloads together; null: as fast as it goes. */
  bytesPerSecond: z.number().int().min(1024).nullable(),
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
  online: {},
  bytesPerSecond: null,
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
