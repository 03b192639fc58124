/**
 * Hooks: what runs, or is called, after a job, a batch, or a watched folder that has come to rest; and deliveries, one for each hook and event.
 * Where a delivery stands is a union, and `moveDelivery` is the only way from one phase to the next:
 *
 *   due ─claim─► running ─deliver─► delivered
 *    ▲            │ ├─fail──► failed ─claim─► running
 *    ├─putBack────┘ └─giveUp► given-up
 *    └─again─ failed | given-up
 */
import * as z from 'zod'
import { failureSchema, finishedPhases } from './job.ts'
import { hookEventSchema, type HookEvent } from './hook-events.ts'

export const hookMoments = ['job', 'batch', 'folder'] as const
export type HookMoment = (typeof hookMoments)[number]

/** How what it is about has ended; of a batch or a folder the worst of its jobs counts. */
export const hookOutcomes = finishedPhases

export const hookLimits = { timeoutMs: { min: 1_000, max: 24 * 3_600_000, usual: 60_000 }, maxArgs: 100 } as const

/** What the system takes for the end of a text cannot be in an argument. */
const noNul = (text: string): boolean => !text.includes('\0')

/** Started as it is, with these arguments, and never through a shell. */
const programActionSchema = z.object({
  kind: z.literal('program'),
  /** A full path, or a name that is looked for on PATH. */
  program: z.string().min(1).max(4096).refine(noNul),
  args: z.array(z.string().max(8192).refine(noNul)).max(hookLimits.maxArgs),
})
const urlActionSchema = z.object({ kind: z.literal('url'), url: z.string().min(1).max(2048) })
export const hookActionSchema = z.discriminatedUnion('kind', [programActionSchema, urlActionSchema])
export type HookAction = z.infer<typeof hookActionSchema>

export const hookDraftSchema = z.object({
  name: z.string().trim().min(1).max(80),
  after: z.enum(hookMoments),
  outcomes: z.array(z.enum(hookOutcomes)).min(1).max(hookOutcomes.length),
  /** Only what is of this watched folder; null: everything. */
  folderId: z.number().int().nullable(),
  /** Only jobs by this preset; null: everything. */
  preset: z.string().min(1).max(80).nullable(),
  action: hookActionSchema,
  timeoutMs: z.number().int().min(hookLimits.timeoutMs.min).max(hookLimits.timeoutMs.max),
})
export type HookDraft = z.infer<typeof hookDraftSchema>

export const hookSchema = hookDraftSchema.extend({
  id: z.number().int(),
  /** Off: events pass it by, and what is due waits. */
  on: z.boolean(),
  createdAtMs: z.number(),
})
export type Hook = z.infer<typeof hookSchema>

/** What a program exited with, or a server answered. */
export const hookAnswerSchema = z.object({ status: z.number().int(), tookMs: z.number() })
export type HookAnswer = z.infer<typeof hookAnswerSchema>

export const deliveryStateSchema = z.discriminatedUnion('phase', [
  /** 0: as soon as its hook is free. */
  z.object({ phase: z.literal('due'), dueAtMs: z.number() }),
  z.object({ phase: z.literal('running'), startedAtMs: z.number() }),
  z.object({ phase: z.literal('delivered'), atMs: z.number(), answer: hookAnswerSchema }),
  z.object({ phase: z.literal('failed'), atMs: z.number(), why: failureSchema, dueAtMs: z.number() }),
  z.object({ phase: z.literal('given-up'), atMs: z.number(), why: failureSchema }),
])
export type DeliveryState = z.infer<typeof deliveryStateSchema>
export type DeliveryPhase = DeliveryState['phase']
export const deliveryPhases = ['due', 'running', 'delivered', 'failed', 'given-up'] as const satisfies readonly DeliveryPhase[]

export const deliverySchema = z.object({
  id: z.number().int(),
  hookId: z.number().int(),
  /** The same with each try: whoever receives it knows by it what has come before. */
  key: z.string(),
  event: hookEventSchema,
  state: deliveryStateSchema,
  /** Claims so far; those that a stop has put back are not counted. */
  attempt: z.number().int(),
  createdAtMs: z.number(),
})
export type Delivery = z.infer<typeof deliverySchema>

export type DeliveryMove =
  | { readonly type: 'claim'; readonly atMs: number }
  | { readonly type: 'deliver'; readonly atMs: number; readonly answer: HookAnswer }
  | Readonly<Omit<Extract<DeliveryState, { phase: 'failed' }>, 'phase'> & { type: 'fail' }>
  | Readonly<Omit<Extract<DeliveryState, { phase: 'given-up' }>, 'phase'> & { type: 'giveUp' }>
  /** It was cut short, by a stop or a crash. */
  | { readonly type: 'putBack' }
  /** Somebody wants it sent once more. */
  | { readonly type: 'again' }

/** The next state, or null where the move means nothing in this phase. */
export function moveDelivery(state: DeliveryState, move: DeliveryMove): DeliveryState | null {
  switch (state.phase) {
    case 'due':
      return move.type === 'claim' ? { phase: 'running', startedAtMs: move.atMs } : null
    case 'failed':
      if (move.type === 'claim') return { phase: 'running', startedAtMs: move.atMs }
      return move.type === 'again' ? { phase: 'due', dueAtMs: 0 } : null
    case 'given-up':
      return move.type === 'again' ? { phase: 'due', dueAtMs: 0 } : null
    case 'delivered':
      return null
    case 'running':
      return moveRunning(move)
  }
}

function moveRunning(move: DeliveryMove): DeliveryState | null {
  switch (move.type) {
    case 'deliver':
      return { phase: 'delivered', atMs: move.atMs, answer: move.answer }
    case 'fail':
      return { phase: 'failed', atMs: move.atMs, why: move.why, dueAtMs: move.dueAtMs }
    case 'giveUp':
      return { phase: 'given-up', atMs: move.atMs, why: move.why }
    case 'putBack':
      return { phase: 'due', dueAtMs: 0 }
    case 'claim':
    case 'again':
      return null
  }
}

/** Whether a hook is for an event. */
export function isFor({ on, after, outcomes, folderId, preset }: Hook, event: HookEvent): boolean {
  if (!on || after !== event.about || !outcomes.includes(event.outcome)) return false
  if (folderId !== null && folderId !== watchedFolderOf(event)) return false
  return preset === null || (event.about === 'job' && event.job.preset === preset)
}

function watchedFolderOf(event: HookEvent): number | null {
  return event.about === 'folder'
    ? event.folder.id
    : event.about === 'batch'
      ? event.batch.watchedFolder
      : event.job.watchedFolder
}

/** Tries of a delivery before it is given up: the last one comes some eight hours after the first. */
export const maxDeliveryTries = 8
const firstWaitMs = 5_000
const maxWaitMs = 6 * 3_600_000

/**
 * When a delivery is tried again (milliseconds since 1970), or null for never.
 *
 * @param attempt tries so far, this one counted.
 * @param askedMs how long the receiver asked to be left alone; null where it said nothing.
 * @param random 0 to 1: waits are spread over the upper half of the interval.
 */
export function deliveredAgainAtMs(attempt: number, askedMs: number | null, nowMs: number, random: number): number | null {
  if (attempt >= maxDeliveryTries) return null
  const waitMs = Math.min(maxWaitMs, firstWaitMs * 4 ** (attempt - 1)) * (0.5 + random / 2)
  return nowMs + Math.round(Math.max(waitMs, Math.min(askedMs ?? 0, maxWaitMs)))
}

/** How many deliveries of a hook stand in which phase. */
export const deliveryCountsSchema = z.record(z.enum(deliveryPhases), z.number().int())
export type DeliveryCounts = Readonly<Record<DeliveryPhase, number>>

/** A hook as it is shown. */
export const hookStatusSchema = z.object({
  hook: hookSchema,
  counts: deliveryCountsSchema,
  /** The newest one that was tried; null: none was. */
  last: deliverySchema.nullable(),
})
export type HookStatus = z.infer<typeof hookStatusSchema>

/** What came of a sample that was sent at once. */
export const hookTestSchema = z.object({
  /** Null where it failed. */
  answer: hookAnswerSchema.nullable(),
  why: failureSchema.nullable(),
  /** What the program printed, or the server answered, as much of it as is kept. */
  output: z.string(),
})
export type HookTest = z.infer<typeof hookTestSchema>

export const hookChangeSchema = z.discriminatedUnion('type', [
  /** Whole new value of a hook. */
  z.object({ type: z.literal('hook'), status: hookStatusSchema }),
  z.object({ type: z.literal('removed'), id: z.number().int() }),
])
export type HookChange = z.infer<typeof hookChangeSchema>

/** Of all hooks, or of one; none of the phases: all. */
export const deliveryQuerySchema = z.object({
  hookId: z.number().int().nullable(),
  phases: z.array(z.enum(deliveryPhases)),
})
export type DeliveryQuery = z.infer<typeof deliveryQuerySchema>
