/**
 * A job: one source to one target. What it is to do (`Order`) never changes once it has begun; where it stands (`JobState`) is a union
 * whose phases hold exactly their own fields, and `move` is the only way from one to the next.
 *
 *   queued ─claim─► running ─finish─► done | skipped
 *     ▲  ▲            │ ├─fail──────► failed ──retry─► queued
 *     │  └──again─────┘ ├─doubt─────► uncertain ─resolve─► done | queued | cancelled
 *     └─resume─ paused ◄┤─hold──────► waiting ──approve─► queued
 *                       └─cancel────► cancelled ─retry─► queued
 *
 * `work` is the step a running job is at, with everything needed to go on from there after a crash; a job that is queued
 * again, paused or in doubt keeps it. Saved before the step acts, so the row never claims less than may have happened.
 */
import * as z from 'zod'
import { matchedSchema, noteSchema, saidSchema } from './notes.ts'
import { failureCodes, type Failure } from './failure.ts'
import { formatSchema, mediaFactsSchema } from './media.ts'
import { parseOptions, type Options } from './options.ts'

export const optionsSchema = z.custom<Options>((value) => parseOptions(value).ok, 'not options that Beside knows')

/** A failure from the wire or the disk. Which facts belong to which code is not checked: older versions wrote fewer, and they only fill texts. */
export const failureSchema: z.ZodType<Failure> = z.object({
  code: z.enum(failureCodes),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  retryAfterMs: z.number().optional(),
  get cause() {
    return failureSchema.optional()
  },
}) as unknown as z.ZodType<Failure>

export const providerIds = ['local', 'fleet', 'xconvert', 'musicgpt', 'converter-app', 'converso'] as const
export const providerIdSchema = z.enum(providerIds)
export type ProviderId = (typeof providerIds)[number]
export const providerChoices = ['auto', ...providerIds] as const
export type ProviderChoice = (typeof providerChoices)[number]

export const conflictPolicies = ['number', 'skip', 'overwrite', 'ask'] as const
export type ConflictPolicy = (typeof conflictPolicies)[number]
export const sourceAftermaths = ['keep', 'archive', 'trash'] as const
export type SourceAftermath = (typeof sourceAftermaths)[number]

const fileSourceSchema = z.object({
  kind: z.literal('file'),
  /** Absolute. */
  path: z.string(),
  bytes: z.number().int(),
  /** As the file system gave it when the job was made; a later difference means that the file has changed. */
  mtimeMs: z.number(),
})
export type FileSource = z.infer<typeof fileSourceSchema>

export const sourceSchema = z.discriminatedUnion('kind', [
  fileSourceSchema,
  z.object({ kind: z.literal('url'), url: z.string() }),
])
export type Source = z.infer<typeof sourceSchema>

/**
 * Which folders a job may use, all as real paths: its sources and results lie in one of `folders` and in none of `except` at each moment in
 * which one is opened or written, or the job fails.
 */
export const confinementSchema = z.object({
  folders: z.array(z.string()).min(1).max(100),
  except: z.array(z.string()).max(100),
})
export type Confinement = Readonly<z.infer<typeof confinementSchema>>

/** As many as one result can be made of. */
export const maxTogether = 5000

/** What a job is to do. Fixed once it has begun; "retry with changes" makes a new job. */
export const orderSchema = z.object({
  source: sourceSchema,
  /** What becomes one result with it, behind it and in this order; absent where that is nothing. */
  others: z
    .array(fileSourceSchema)
    .min(1)
    .max(maxTogether - 1)
    .optional(),
  /** By name at first, by content once it has been looked at. Null: not yet known. */
  from: formatSchema.nullable(),
  target: formatSchema,
  options: optionsSchema,
  preset: z.string().nullable(),
  with: z.enum(providerChoices),
  localOnly: z.boolean(),
  /** Absolute folder that the result goes to. */
  folder: z.string(),
  /** Name template without the extension, e.g. `{name}`. */
  name: z.string(),
  ifExists: z.enum(conflictPolicies),
  keepDates: z.boolean(),
  afterwards: z.enum(sourceAftermaths),
  /** Position in its batch, from 1: the `{counter}` of name templates. */
  counter: z.number().int(),
  /** Absent: whoever asked may use any folder. */
  confinement: confinementSchema.optional(),
})
export type Order = z.infer<typeof orderSchema>

/** A finished file that waits under its temporary name. */
export const partSchema = z.object({
  /** Absolute path of the temporary file. */
  temp: z.string(),
  /** Name that the provider gave it, cleaned; null: named by the order's template alone. */
  name: z.string().nullable(),
  format: formatSchema,
  bytes: z.number().int(),
  /** Milliseconds that whoever wrote it has counted; absent where nobody did. */
  lastsMs: z.number().optional(),
  /** Of a picture, the bits of a colour that are in use, where its header says more. */
  bitDepth: z.number().int().optional(),
  /** The program that wrote it, with its version, where that was no matter of course. */
  by: z.string().optional(),
  /** The machine of the fleet that made it; absent: this one, or somebody online. */
  on: z.string().optional(),
  /** What is to be said of it besides. */
  said: z.array(saidSchema).optional(),
  /** Where it was to look as near to its source as was asked for. */
  matched: matchedSchema.optional(),
  /** Of text that was recognized, how sure that is, 0 to 100. */
  confidence: z.number().optional(),
  /** What whoever wrote it found in it afterwards; absent where nobody looked. */
  facts: mediaFactsSchema.optional(),
})
export type Part = z.infer<typeof partSchema>

/** A result in its place; the path is absolute. */
export const outputSchema = z.object({
  path: z.string(),
  bytes: z.number().int(),
  mtimeMs: z.number(),
  /** The program that wrote it, with its version, where that was no matter of course. */
  by: z.string().optional(),
  /** The machine of the fleet that made it; absent: this one, or somebody online. */
  on: z.string().optional(),
})
export type Output = z.infer<typeof outputSchema>

/** What a provider needs to ask for a submitted job again: its ids, opaque to the engine. Never a key. */
export const ticketSchema = z.object({
  ids: z.record(z.string(), z.string()),
  submittedAtMs: z.number(),
  expiresAtMs: z.number().nullable(),
  /** It costs nothing, and is withdrawn once nobody waits for it. */
  free: z.literal(true).optional(),
})
export type Ticket = z.infer<typeof ticketSchema>

/** Why a job has its provider. */
export const routeReasonSchema = z.discriminatedUnion('code', [
  /** It was named. */
  z.object({ code: z.literal('chosen') }),
  /** The first in the user's order. */
  z.object({ code: z.literal('first') }),
  /** The first in the user's order that can do it. */
  z.object({ code: z.literal('first-able') }),
  /** The one before it could not, for this reason; `from` is absent where an older version kept the row. */
  z.object({ code: z.literal('took-over'), from: providerIdSchema.optional(), why: z.enum(failureCodes) }),
])
export type RouteReason = z.infer<typeof routeReasonSchema>

export const workSchema = z.discriminatedUnion('step', [
  z.object({
    step: z.literal('prepare'),
    /** The user said yes to what it costs. */
    approved: z.literal(true).optional(),
  }),
  z.object({
    step: z.literal('submit'),
    /** Idempotency key, made before the first byte goes out. */
    key: z.string(),
    /** What a provider has to remember between its own calls before there is a ticket, e.g. an upload session. */
    notes: z.record(z.string(), z.string()),
    /** What it is expected to cost, in the provider's unit. As long as nobody knows what became of it, it counts as spent. */
    estimate: z.object({ amount: z.number(), unit: z.string() }).optional(),
    /** It was sent before under this key, and nobody knows what became of it. */
    inDoubt: z.literal(true).optional(),
  }),
  z.object({ step: z.literal('wait'), ticket: ticketSchema }),
  z.object({ step: z.literal('fetch'), ticket: ticketSchema }),
  z.object({
    step: z.literal('verify'),
    parts: z.array(partSchema),
    /** Kept as long as the parts could be fetched again without paying again. */
    ticket: ticketSchema.nullable(),
    /** Why the result is not kept though nothing is wrong with it; its files may be gone. */
    unwanted: failureSchema.optional(),
  }),
  z.object({
    step: z.literal('place'),
    parts: z.array(partSchema),
    /** Name without extension, as the template gave it. */
    base: z.string(),
    /**
     * Final path of every part, in the same order, and what tells the part from any other file; saved before the first is linked. Older
     * rows have disk and number as `inode`. `reserved`: an empty file may stand there for it.
     */
    places: z.array(z.object({ path: z.string(), inode: z.string(), reserved: z.literal(true).optional() })),
    ticket: ticketSchema.nullable(),
    /** What the check of the parts found to say; absent where an older version saved the step. */
    notes: z.array(noteSchema).optional(),
  }),
  z.object({ step: z.literal('afterwards'), outputs: z.array(outputSchema), notes: z.array(noteSchema) }),
])
export type Work = z.infer<typeof workSchema>
export type Step = Work['step']
export const steps = ['prepare', 'submit', 'wait', 'fetch', 'verify', 'place', 'afterwards'] as const satisfies readonly Step[]

/** A provider had it when it ended: it may have cost, work on it may go on there, and another try is paid for anew. */
const sent = z.literal(true).optional()

export const jobStateSchema = z.discriminatedUnion('phase', [
  z.object({
    phase: z.literal('queued'),
    /** Not before this time; 0: as soon as a lane is free. */
    dueAtMs: z.number(),
    work: workSchema,
    /** Why it is queued again. */
    last: failureSchema.nullable(),
  }),
  z.object({ phase: z.literal('running'), startedAtMs: z.number(), work: workSchema }),
  z.object({ phase: z.literal('paused'), work: workSchema }),
  z.object({ phase: z.literal('waiting'), why: failureSchema, work: workSchema }),
  z.object({ phase: z.literal('uncertain'), why: failureSchema, work: workSchema }),
  z.object({
    phase: z.literal('done'),
    finishedAtMs: z.number(),
    outputs: z.array(outputSchema),
    notes: z.array(noteSchema),
    /** Where the source went, if it was archived. */
    archivedTo: z.string().nullable(),
    /** From the last claim to the end. Absent where no run made it, as when the user said that it was done. */
    tookMs: z.number().optional(),
  }),
  z.object({ phase: z.literal('skipped'), finishedAtMs: z.number(), why: failureSchema }),
  z.object({ phase: z.literal('failed'), finishedAtMs: z.number(), why: failureSchema, sent }),
  z.object({ phase: z.literal('cancelled'), finishedAtMs: z.number(), sent }),
])
export type JobState = z.infer<typeof jobStateSchema>
export type Phase = JobState['phase']
export const livePhases = ['queued', 'running', 'paused', 'waiting', 'uncertain'] as const satisfies readonly Phase[]
export const finishedPhases = ['done', 'skipped', 'failed', 'cancelled'] as const satisfies readonly Phase[]
export const phases = [...livePhases, ...finishedPhases] as const satisfies readonly Phase[]

export const jobSchema = z.object({
  id: z.number().int(),
  batchId: z.number().int(),
  order: orderSchema,
  state: jobStateSchema,
  /** -1 low, 0 normal, 1 high. */
  priority: z.number().int(),
  /** Which provider takes it and in which lane it queues; decided at intake, changed by failover. */
  provider: providerIdSchema,
  lane: z.string(),
  reason: routeReasonSchema,
  /** Claims since it was made, was asked for once more, or its provider last told how it stands; those given back not counted. */
  attempt: z.number().int(),
  createdAtMs: z.number(),
  /** The first job for this source that this one does once more, perhaps differently. */
  repeats: z.number().int().optional(),
  /** Of several results of one source that were asked for together: which of them are (`of`), and which of these it is, from 0. */
  sibling: z.object({ of: z.number().int(), output: z.number().int() }).optional(),
})
export type Job = z.infer<typeof jobSchema>

/** A job before the store has given it an id. Its siblings come right before and behind it, with the same number. */
export type Draft = Pick<Job, 'order' | 'priority' | 'provider' | 'lane' | 'reason' | 'repeats' | 'sibling'>

export const atStart: Work = { step: 'prepare' }

type Done = Extract<JobState, { phase: 'done' }>
export type JobEvent =
  | { readonly type: 'claim'; readonly atMs: number }
  | { readonly type: 'step'; readonly work: Work }
  | ({ readonly type: 'finish'; readonly atMs: number } & Readonly<Pick<Done, 'outputs' | 'notes' | 'archivedTo'>>)
  | { readonly type: 'skip'; readonly atMs: number; readonly why: Failure }
  | { readonly type: 'fail'; readonly atMs: number; readonly why: Failure; readonly sent?: true | undefined }
  | { readonly type: 'again'; readonly dueAtMs: number; readonly why: Failure | null; readonly work: Work }
  | { readonly type: 'hold'; readonly why: Failure; readonly work: Work }
  | { readonly type: 'doubt'; readonly why: Failure }
  | { readonly type: 'pause'; readonly work?: Work }
  | { readonly type: 'resume' }
  | { readonly type: 'approve' }
  /** It has another order: whatever was said of the one before is void. */
  | { readonly type: 'change' }
  | { readonly type: 'cancel'; readonly atMs: number; readonly sent?: true | undefined }
  | { readonly type: 'retry' }
  | { readonly type: 'resolve'; readonly as: 'done' | 'forget'; readonly atMs: number }
  | { readonly type: 'resolve'; readonly as: 'again'; readonly work: Work }

/** The next state, or null where the event means nothing in this phase: the caller then says so or lets it be. */
export function move(state: JobState, event: JobEvent): JobState | null {
  switch (state.phase) {
    case 'queued':
      if (event.type === 'claim') return { phase: 'running', startedAtMs: event.atMs, work: state.work }
      if (event.type === 'pause') return { phase: 'paused', work: state.work }
      if (event.type === 'retry') return { ...state, dueAtMs: 0 }
      if (event.type === 'change') return hasBegun(state.work) ? null : queued(atStart)
      return cancelled(event, state.work)
    case 'running':
      return moveRunning(state, event)
    case 'paused':
      if (event.type === 'resume') return queued(state.work)
      if (event.type === 'change') return hasBegun(state.work) ? null : { phase: 'paused', work: atStart }
      return cancelled(event, state.work)
    case 'waiting':
      if (event.type === 'approve')
        return queued(state.work.step === 'prepare' ? { step: 'prepare', approved: true } : state.work)
      if (event.type === 'again') return queued(event.work)
      if (event.type === 'change') return hasBegun(state.work) ? null : queued(atStart)
      if (event.type === 'skip') return { phase: 'skipped', finishedAtMs: event.atMs, why: event.why }
      return cancelled(event, state.work)
    case 'uncertain':
      if (event.type !== 'resolve') return null
      if (event.as === 'again') return queued(event.work)
      if (event.as === 'done') return { phase: 'done', finishedAtMs: event.atMs, outputs: [], notes: [], archivedTo: null }
      return { phase: 'cancelled', finishedAtMs: event.atMs }
    case 'failed':
    case 'cancelled':
    case 'skipped':
      return event.type === 'retry' ? queued(atStart) : null
    case 'done':
      return null
  }
}

function moveRunning(state: Extract<JobState, { phase: 'running' }>, event: JobEvent): JobState | null {
  switch (event.type) {
    case 'step':
      return { ...state, work: event.work }
    case 'finish': {
      const { atMs, outputs, notes, archivedTo } = event
      const tookMs = Math.max(0, atMs - state.startedAtMs)
      return { phase: 'done', finishedAtMs: atMs, outputs, notes, archivedTo, tookMs }
    }
    case 'skip':
      return { phase: 'skipped', finishedAtMs: event.atMs, why: event.why }
    case 'fail':
      return { phase: 'failed', finishedAtMs: event.atMs, why: event.why, ...(event.sent && { sent: true }) }
    case 'again':
      return { phase: 'queued', dueAtMs: event.dueAtMs, work: event.work, last: event.why }
    case 'hold':
      return { phase: 'waiting', why: event.why, work: event.work }
    case 'doubt':
      return { phase: 'uncertain', why: event.why, work: state.work }
    case 'pause':
      return { phase: 'paused', work: event.work ?? state.work }
    default:
      return cancelled(event, state.work)
  }
}

function queued(work: Work): JobState {
  return { phase: 'queued', dueAtMs: 0, work, last: null }
}

function cancelled(event: JobEvent, work: Work): JobState | null {
  if (event.type !== 'cancel') return null
  return { phase: 'cancelled', finishedAtMs: event.atMs, ...((event.sent ?? isTaken(work)) && { sent: true }) }
}

/** Whether a provider has it, or may have it, as far as the step alone tells. */
export function isTaken(work: Work): boolean {
  return (
    ('ticket' in work && work.ticket !== null && work.ticket.free !== true) || (work.step === 'submit' && work.inDoubt === true)
  )
}

/** Whether anything was made of its order. What a provider refused, or was never given, is as if it had not been sent. */
export function hasBegun(work: Work): boolean {
  return work.step !== 'prepare' && (work.step !== 'submit' || work.inDoubt === true)
}

export function isFinished(state: JobState): boolean {
  return (finishedPhases as readonly Phase[]).includes(state.phase)
}

/** The step that a live job stands at, or null for a finished one. */
export function workOf(state: JobState): Work | null {
  return 'work' in state ? state.work : null
}
