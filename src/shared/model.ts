/** Presets, providers' accounts and limits, batches, the state of the queue, and queries of the history. */
import { formatSchema } from './media.ts'
import * as z from 'zod'
import { maxOutputs } from './outputs.ts'
import { failureSchema, finishedPhases, optionsSchema, phases, providerChoices, providerIds } from './job.ts'

export const furtherSchema = z
  .array(z.object({ target: formatSchema, options: optionsSchema, nameTemplate: z.string().optional() }))
  .max(maxOutputs - 1)

export const presetSchema = z.object({
  name: z.string().min(1).max(80),
  target: formatSchema,
  options: optionsSchema,
  with: z.enum(providerChoices).optional(),
  nameTemplate: z.string().optional(),
  localOnly: z.boolean().optional(),
  /** What a source becomes besides; absent: nothing. */
  further: furtherSchema.optional(),
})
export type Preset = z.infer<typeof presetSchema>

/** Of what kind of work a preset that comes with Beside is; `own`: the user saved it. */
export const presetGroups = ['own', 'audio', 'video', 'images'] as const
export type PresetGroup = (typeof presetGroups)[number]
export const listedPresetSchema = presetSchema.extend({ group: z.enum(presetGroups) })
export type ListedPreset = z.infer<typeof listedPresetSchema>

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
export const laneKinds = ['audio', 'video', 'image', 'document', 'hardware'] as const
export type LaneKind = (typeof laneKinds)[number]
export const maxLaneConcurrency = 64

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
  /** Only those whose results lack something that their sources hold. */
  left: z.literal(true).optional(),
  /** Finished at this time or later, and before. */
  fromMs: z.number().optional(),
  beforeMs: z.number().optional(),
})
export type HistoryQuery = z.infer<typeof historyQuerySchema>

/** By name from A to Z; by size, by what was saved and by duration the largest first. */
export const historyOrders = ['newest', 'oldest', 'name', 'size', 'saved', 'duration'] as const
export type HistoryOrder = (typeof historyOrders)[number]

/** Found rows that are put into an order of their own; more of them come by time alone. */
export const maxSorted = 20_000
