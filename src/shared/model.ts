/** Presets, settings, batches and what they are when nobody has said anything. */
import * as z from 'zod'
import { hoursSchema } from './hours.ts'
import {
  clashPolicies,
  failureSchema,
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

/** What the account at a provider said last, and when. */
export const accountSchema = z.object({
  plan: z.string().nullable(),
  /** Null where it does not tell. */
  left: z.union([costSchema, z.literal('unlimited')]).nullable(),
  askedAtMs: z.number(),
})
export type KeptAccount = z.infer<typeof accountSchema>

const cap = z.number().min(0).nullable()
/** When a provider says what a conversion costs: before it is sent, with the answer to it, or not at all. */
export const pricesTold = ['before', 'at-submit', 'never'] as const
export type PriceTold = (typeof pricesTold)[number]

/**
 * What may be spent, in the provider's own unit; null: no cap of that kind. A cap lets *Automatic* spend up to it without asking. Where a
 * price is never told no cap can be kept: with one, every conversion there waits for the user.
 */
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

/** Kinds of work that this machine does beside each other. */
export const laneKinds = ['audio', 'video', 'image', 'document'] as const
export type LaneKind = (typeof laneKinds)[number]
export const widestLane = 64

/** http:// for what does not leave this machine; a password in it would be told to every provider. */
const webhookAddressSchema = z
  .string()
  .max(1_000)
  .refine(
    (text) =>
      text === '' ||
      (URL.canParse(text) && /^(https:\/\/[^/?#@]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)(\/[^?#]*)?$/.test(text)),
  )

export const settingsSchema = z.object({
  /** Name template of outputs, without the extension. */
  nameTemplate: z.string(),
  ifExists: z.enum(clashPolicies),
  keepDates: z.boolean(),
  /** False: tags, cover art, chapters, EXIF and the like are left out of results where an order says nothing else. */
  keepTags: z.boolean(),
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
  /** How many of a kind are converted at once on this machine; a kind that is missing: as many as suit the machine. */
  lanes: z.partialRecord(z.enum(laneKinds), z.number().int().min(1).max(widestLane)),
  /** When conversions may begin, whoever wants them; none: at any time. */
  hours: z.array(hoursSchema).max(50),
  /** No conversion begins while the machine runs on its battery, where that can be told. */
  holdOnBattery: z.boolean(),
  /** The log also says what is of use only to whoever looks for a fault. */
  detailedLog: z.boolean(),
  /** Port on this machine at which calls back of providers are heard; 0: none. */
  webhookPort: z.number().int().min(0).max(65_535),
  /** Where a tunnel to that port begins, as providers reach it; empty: there is none, and nothing is heard. */
  webhookAddress: webhookAddressSchema,
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
  keepTags: true,
  afterwards: 'keep',
  archiveFolder: 'converted',
  downloadFolder: '',
  providerOrder: ['local', 'xconvert', 'converter-app', 'musicgpt', 'converso'],
  online: {},
  bytesPerSecond: null,
  localOnly: false,
  ffmpegPath: '',
  lanes: {},
  hours: [],
  holdOnBattery: false,
  detailedLog: false,
  webhookPort: 0,
  webhookAddress: '',
  diskReserveBytes: 64 * 1024 * 1024,
  paused: false,
}

/** Why no conversion begins though the queue is not paused. */
export const heldSchema = z.discriminatedUnion('by', [
  z.object({ by: z.literal('hours'), untilMs: z.number() }),
  z.object({ by: z.literal('battery') }),
  /** The data folder cannot be written to. */
  z.object({ by: z.literal('data'), why: failureSchema }),
])
export type Held = z.infer<typeof heldSchema>

/** How many jobs are in each phase; every phase is there. */
export const totalsSchema = z.record(z.enum(phases), z.number().int())
export type Totals = z.infer<typeof totalsSchema>

/** Where the whole queue stands. */
export const queueStateSchema = z.object({ totals: totalsSchema, paused: z.boolean(), held: heldSchema.nullable() })
export type QueueState = z.infer<typeof queueStateSchema>

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

/** By name from A to Z; by size, by what was saved and by duration the largest first. */
export const historyOrders = ['newest', 'oldest', 'name', 'size', 'saved', 'duration'] as const
export type HistoryOrder = (typeof historyOrders)[number]

/** Found rows that are put into an order of their own; more of them come by time alone. */
export const mostSorted = 20_000
