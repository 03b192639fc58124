/**
 * Every call and every event stream that crosses the process boundary. One object in, one value out, plain JSON. A client asks
 * for a snapshot first and then applies events; an event carries a whole new value, so applying it twice is harmless.
 */

import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { speedUnits, stages } from '../providers.ts'
import {
  existingChoices,
  folderChangeSchema,
  folderSchema,
  rehearsalSchema,
  ruleSchema,
  sightingQuerySchema,
  sightingSchema,
  whySchema,
} from '../folders.ts'
import {
  confinementSchema,
  conflictPolicies,
  failureSchema,
  jobSchema,
  optionsSchema,
  phases,
  providerChoices,
  providerIdSchema,
  sourceAftermaths,
} from '../job.ts'
import { changeAnswerSchema, changeRequestSchema } from '../job-change.ts'
import { formatSchema } from '../media.ts'
import {
  batchSchema,
  capsSchema,
  accountSchema,
  costSchema,
  historyOrders,
  historyQuerySchema,
  listedPresetSchema,
  onlineProviderIds,
  presetSchema,
  queueStateSchema,
  pricesTold,
} from '../model.ts'
import { ffmpegStateSchema } from '../ffmpeg.ts'
import { checkSchema, machineSchema } from '../machine.ts'
import { conversionOutputSchema, maxOutputs } from '../outputs.ts'
import { settingsSchema } from '../settings.ts'
import { retrySchema, selectionSchema } from '../selection.ts'
import { call } from './call.ts'
import { fleetCalls } from './fleet-calls.ts'
import { hookCalls } from './hook-calls.ts'
import { mediaCalls } from './media-calls.ts'
import { servedCalls } from './served-calls.ts'
import { pairingSchema } from './pairing.ts'

/** Lists are given by the page, at most so much at once. */
const pageLimit = z.number().int().min(1).max(1000)

/** How a reader of changes wants them: together, with so much rest between two portions at least. */
const portions = z.object({ restMs: z.number().int().min(0).max(1000) })

const moved = z.object({ moved: z.number().int() })

/** Rows passed over behind the key, for a look far down a list; what is passed over is not read. */
const pageSkip = z.number().int().min(0).max(20_000).optional()

/** What is absent is taken from the preset, then from the settings. */
export const convertRequestSchema = z.object({
  /** The batch to add to, from `batches.open`. */
  batchId: z.number().int(),
  /** Absolute paths of files and folders, or http(s) addresses. */
  sources: z.array(z.string().max(65_536)).max(10_000),
  /** All of them become one result, in this order; folders in the order of their names. They stay where they are afterwards. */
  together: z.boolean().optional(),
  /** Null: the preset's. */
  target: formatSchema.nullable(),
  options: optionsSchema,
  preset: z.string().nullable(),
  /** Several results of each source, instead of `target` and `preset`; `options` are for those of them that take them. */
  outputs: z.array(conversionOutputSchema).min(1).max(maxOutputs).optional(),
  /** Of these, once each preset stands for all of its own, only the ones with these numbers, from 0: the others are made already. */
  only: z.array(z.number().int()).max(maxOutputs).optional(),
  with: z.enum(providerChoices).optional(),
  localOnly: z.boolean().optional(),
  /** Absolute; null: beside each source. */
  out: z.string().nullable(),
  /** Absolute; the folder that all sources were met in: under `out` their results keep their place below it, as if it had been named. */
  root: z.string().optional(),
  nameTemplate: z.string().optional(),
  ifExists: z.enum(conflictPolicies).optional(),
  keepDates: z.boolean().optional(),
  afterwards: z.enum(sourceAftermaths).optional(),
  recursive: z.boolean(),
  /** Globs over paths relative to the folder given; a file named outright is not filtered. */
  include: z.array(z.string()),
  exclude: z.array(z.string()),
  priority: z.number().int().min(-1).max(1),
  /** The job that is done once more, perhaps differently: its result can then be compared with this one's. */
  repeats: z.number().int().optional(),
  /** Whoever asks may use these folders alone. */
  confinement: confinementSchema.optional(),
  /** Further sources for this batch follow: it is not over before they are in. */
  more: z.boolean().optional(),
  /** The same sources may have been taken in before, by a holder that went: those that are in the batch join themselves. */
  again: z.boolean().optional(),
})
export type ConvertRequest = z.infer<typeof convertRequestSchema>

export const intakeEventSchema = z.discriminatedUnion('type', [
  /** `output`, here and below: which of several results of the source it is about, from 0; absent: all of them. */
  z.object({ type: z.literal('refused'), source: z.string(), why: failureSchema, output: z.number().int().optional() }),
  z.object({ type: z.literal('joined'), source: z.string(), jobId: z.number().int(), output: z.number().int().optional() }),
  /** Met in a folder and left where it is: not of a kind that can become the target, or nothing that anybody means. */
  z.object({ type: z.literal('passed'), source: z.string(), why: whySchema }),
  /** So many more jobs are in the queue. */
  z.object({ type: z.literal('added'), count: z.number().int() }),
  z.object({
    type: z.literal('end'),
    added: z.number().int(),
    joined: z.number().int(),
    refused: z.number().int(),
    passed: z.number().int(),
  }),
])
export type IntakeEvent = z.infer<typeof intakeEventSchema>

export const progressSchema = z.object({
  id: z.number().int(),
  /** 0 to 1, or null where nothing can be said. */
  progress: z.number().nullable(),
  stage: z.enum(stages),
  leftMs: z.number().nullable(),
  /** Null where it cannot be known, as of pictures. */
  speed: z.object({ of: z.enum(speedUnits), value: z.number() }).nullable(),
  /** What the provider itself says it is doing; null where it says nothing. */
  said: z.string().nullable(),
})
export type Progress = z.infer<typeof progressSchema>

export const changeSchema = z.discriminatedUnion('type', [
  /** Whole new value of a job. */
  z.object({ type: z.literal('job'), job: jobSchema }),
  z.object({ type: z.literal('progress'), progress: progressSchema }),
  /** Jobs came to a batch, their order changed, or it was undone: ask for it again. */
  z.object({ type: z.literal('batch'), batchId: z.number().int() }),
  queueStateSchema.extend({ type: z.literal('totals') }),
])
export type Change = z.infer<typeof changeSchema>

const jobPageSchema = z.object({ jobs: z.array(jobSchema), next: z.string().nullable() })

const daySchema = z.object({
  day: z.string(),
  done: z.number(),
  failed: z.number(),
  sourceBytes: z.number(),
  outputBytes: z.number(),
})
const sumsSchema = daySchema.omit({ day: true }).extend({ jobs: z.number() })

/** A provider as its card shows it. A key is never in it: only whether one is set. */
export const providerStatusSchema = z.object({
  id: providerIdSchema,
  title: z.string(),
  /** Whether bytes leave this machine. */
  cloud: z.boolean(),
  enabled: z.boolean(),
  hasKey: z.boolean(),
  /** Empty: the provider's own. */
  baseUrl: z.string(),
  plan: z.string(),
  caps: capsSchema,
  tellsPrice: z.enum(pricesTold),
  /** Why nothing can be sent to it now; null where it is ready. */
  unready: failureSchema.nullable(),
  /** What the account, or the answer to a job, said last; null where nothing is known. */
  account: accountSchema.nullable(),
  spent: z.object({ day: z.number(), month: z.number() }),
})
export type ProviderStatus = z.infer<typeof providerStatusSchema>

const onlineProvider = z.object({ id: z.enum(onlineProviderIds) })
export const providerChangeSchema = onlineProvider.extend({
  enabled: z.boolean().optional(),
  baseUrl: z.string().max(2048).optional(),
  plan: z.string().max(40).optional(),
  caps: capsSchema.partial().optional(),
})
export type ProviderChange = z.infer<typeof providerChangeSchema>

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

const folderId = z.object({ id: z.number().int() })

export const contract = {
  about: call.output(z.object({ version: z.string(), pid: z.number().int(), home: z.string() })),
  /** Changes from now on, in portions; ask for where things stand once they come in. */
  changes: call.input(portions).output(eventIterator(z.array(changeSchema))),
  jobs: {
    get: call.input(z.object({ id: z.number().int() })).output(jobSchema.nullable()),
    list: call
      .input(
        z.object({
          phases: z.array(z.enum(phases)),
          batchId: z.number().int().nullable(),
          after: z.string().nullable(),
          skip: pageSkip,
          limit: pageLimit,
        }),
      )
      .output(jobPageSchema),
    pause: call.input(selectionSchema).output(moved),
    resume: call.input(selectionSchema).output(moved),
    /** `sent`: so many of them were with a provider already, and may go on and cost there. */
    cancel: call.input(selectionSchema).output(moved.extend({ sent: z.number().int() })),
    retry: call.input(retrySchema).output(moved),
    approve: call.input(selectionSchema).output(moved),
    resolve: call.input(z.object({ id: z.number().int(), as: z.enum(['done', 'again', 'forget']) })).output(jobSchema),
    /** A job that waits because its name is taken: what to do this time. */
    settleClash: call.input(z.object({ selection: selectionSchema, as: z.enum(['number', 'skip', 'overwrite']) })).output(moved),
    setPriority: call
      .input(z.object({ ids: z.array(z.number().int()).max(10_000), priority: z.number().int().min(-1).max(1) }))
      .output(moved),
    /** Of jobs that have not begun; `rehearseChange` answers what it would, and changes nothing. */
    change: call.input(changeRequestSchema).output(changeAnswerSchema),
    rehearseChange: call.input(changeRequestSchema).output(changeAnswerSchema),
    moveBefore: call
      .input(z.object({ ids: z.array(z.number().int()).max(10_000), before: z.number().int().nullable() }))
      .output(moved),
    moveAfter: call.input(z.object({ ids: z.array(z.number().int()).max(10_000), after: z.number().int() })).output(moved),
  },
  batches: {
    open: call.input(z.object({ label: z.string().max(500) })).output(z.object({ batchId: z.number().int() })),
    convert: call.input(convertRequestSchema).output(eventIterator(intakeEventSchema)),
    get: call.input(z.object({ id: z.number().int() })).output(batchSchema.nullable()),
    list: call.input(z.object({ after: z.number().int().nullable(), limit: pageLimit })).output(z.array(batchSchema)),
    undo: call
      .input(z.object({ id: z.number().int() }))
      .output(z.object({ removed: z.array(z.string()), kept: z.array(z.object({ path: z.string(), why: failureSchema })) })),
  },
  queue: {
    totals: call.output(queueStateSchema),
    pause: call.output(z.void()),
    resume: call.output(z.void()),
    /** The computer was asleep, and timers with it: begins what is due. What is paused stays paused. */
    nudge: call.output(z.void()),
  },
  history: {
    page: call
      .input(
        z.object({
          query: historyQuerySchema,
          /** Newest first where nothing is said. Refused (`not-possible`) for more found rows than are sorted. */
          sort: z.enum(historyOrders).optional(),
          after: z.string().nullable(),
          skip: pageSkip,
          limit: pageLimit,
        }),
      )
      .output(jobPageSchema),
    /** All runs of one source that repeat each other, this job among them, oldest first. */
    runs: call.input(z.object({ id: z.number().int() })).output(z.array(jobSchema)),
    /** What each provider was paid a day. Money stays spent when its job is forgotten, so this is no part of any other query. */
    spend: call
      .input(z.object({ fromMs: z.number(), beforeMs: z.number(), zoneOffsetMinutes: z.number().int() }))
      .output(z.array(costSchema.extend({ day: z.string(), provider: providerIdSchema }))),
    sums: call.input(historyQuerySchema).output(sumsSchema),
    days: call.input(z.object({ query: historyQuerySchema, zoneOffsetMinutes: z.number().int() })).output(z.array(daySchema)),
    forget: call
      .input(z.object({ ids: z.union([z.array(z.number().int()).max(10_000), z.literal('all')]) }))
      .output(z.object({ forgotten: z.number().int() })),
  },
  presets: {
    /** The user's own first, then those that come with Beside. */
    list: call.output(z.array(listedPresetSchema)),
    save: call.input(presetSchema).output(z.void()),
    remove: call.input(z.object({ name: z.string() })).output(z.object({ removed: z.boolean() })),
  },
  settings: {
    get: call.output(settingsSchema),
    /** A fleet and a computer that is lent have calls of their own. */
    set: call.input(settingsSchema.omit({ fleet: true, lending: true }).partial()).output(settingsSchema),
  },
  providers: {
    /** In the user's order. */
    list: call.output(z.array(providerStatusSchema)),
    set: call.input(providerChangeSchema).output(providerStatusSchema),
    /** Kept by the system's key store or in a private file; it can be asked for again by nobody. */
    setKey: call.input(onlineProvider.extend({ key: z.string().min(1).max(4096) })).output(providerStatusSchema),
    forgetKey: call.input(onlineProvider).output(providerStatusSchema),
    /** Asks the provider whether the key works and what is left; costs nothing. */
    check: call.input(onlineProvider).output(providerStatusSchema),
    /** Jobs of the account there, whoever made them; refused (`not-possible`) where the provider does not list them. */
    jobs: call
      .input(onlineProvider.extend({ limit: pageLimit.max(100), status: z.string().max(40).optional() }))
      .output(z.array(z.object({ id: z.string(), status: z.string() }))),
    /**
     * Registers an address that the provider calls when jobs end; absent: that of Beside's own receiver. The secret that it signs with
     * is kept with the keys, and told this once.
     */
    addWebhook: call
      .input(
        onlineProvider.extend({
          url: z
            .url({ protocol: /^https$/ })
            .max(2048)
            .optional(),
        }),
      )
      .output(z.object({ secret: z.string() })),
  },
  fleet: fleetCalls,
  folders: {
    list: call.output(z.array(folderSchema)),
    /** Changes from now on, in portions; ask for the list once they come in. */
    changes: call.input(portions).output(eventIterator(z.array(folderChangeSchema))),
    /** Refused (`usage`) where it would be on while the folder holds files and nothing was said about them. */
    add: call
      .input(z.object({ rule: ruleSchema, on: z.boolean(), existing: z.enum(existingChoices).nullable() }))
      .output(folderSchema),
    /** What counts for files that were dealt with before: `again` judges them anew by the new rule, `keep` lets them be. */
    change: call.input(folderId.extend({ rule: ruleSchema, oldFiles: z.enum(['again', 'keep']) })).output(folderSchema),
    /** `existing` where nothing was said before about the files that are there. */
    switch: call.input(folderId.extend({ on: z.boolean(), existing: z.enum(existingChoices).nullable() })).output(folderSchema),
    /** The folder that is offline because it looks like another one is the right one. */
    accept: call.input(folderId).output(folderSchema),
    /** Looks it through now. */
    look: call.input(folderId).output(z.void()),
    /** Files, results and ledger stay apart: only the rule and the ledger go. */
    remove: call.input(folderId).output(z.object({ removed: z.boolean() })),
    /** What a rule would do now, with nothing done. With a folder's id, what its ledger knows counts. */
    rehearse: call
      .input(z.object({ rule: ruleSchema, id: z.number().int().nullable(), limit: pageLimit }))
      .output(rehearsalSchema),
    /** Lines of the ledger, last changed first. */
    sightings: call
      .input(z.object({ query: sightingQuerySchema, after: z.string().nullable(), limit: pageLimit }))
      .output(z.object({ sightings: z.array(sightingSchema), next: z.string().nullable() })),
    /** Everything known about one path: a line for each folder that it lies in. */
    why: call
      .input(z.object({ path: z.string() }))
      .output(z.array(z.object({ folderId: z.number().int(), sighting: sightingSchema.nullable(), why: whySchema }))),
    /** Converts files once more, or after all. */
    again: call.input(z.object({ ids: z.array(z.number().int()).max(10_000) })).output(moved),
  },
  hooks: hookCalls,
  media: mediaCalls,
  served: servedCalls,
  formats: call.output(z.array(pairingSchema)),
  machine: call.output(machineSchema),
  /** Puts a sample where its user finds it, unless it is there, and answers its path. */
  sample: call.output(z.object({ path: z.string() })),
  ffmpeg: {
    state: call.output(ffmpegStateSchema),
    /** The state now, then each further one. */
    watch: call.output(eventIterator(ffmpegStateSchema)),
    /** Begins to fetch the build that is offered; one fetch at a time. Refused (`not-possible`) where none is. */
    fetch: call.output(z.void()),
    cancel: call.output(z.void()),
  },
  /** What helps to find out what went wrong. Neither holds a key. */
  support: {
    /** The newest line last. */
    log: call.input(z.object({ lines: z.number().int().min(1).max(1000) })).output(logEndSchema),
    bundle: call.output(bundleSchema),
  },
  doctor: call.output(z.array(checkSchema)),
}
