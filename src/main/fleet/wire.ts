/**
 * What heads and machines of a fleet tell each other: orders, answers, notices, and what a machine says of itself. The number in the names
 * of queues is that of the protocol: machines of another one never see an order.
 */
import * as z from 'zod'
import { checkLineSchema } from '../../shared/fleet.ts'
import { failureSchema, optionsSchema, partSchema } from '../../shared/job.ts'
import { formatSchema } from '../../shared/media.ts'

export const protocol = 1

/** Kinds of work that a machine has places for, as the lanes of its own queue are called. */
export const workKinds = ['audio', 'short', 'video', 'hardware', 'image', 'document', 'office'] as const
export type WorkKind = (typeof workKinds)[number]

/** What an order needs of a machine: a place of a kind, and a program besides what comes with Beside; null: none. */
export interface Requirement {
  readonly kind: WorkKind
  readonly program: string | null
}

/** As text for a lane, and behind the protocol's number for a queue: `video`, `document.soffice`. */
export function requirementText({ kind, program }: Requirement): string {
  return program === null ? kind : `${kind}.${program.replaceAll(/[^\w-]/g, '_')}`
}

const queuePrefix = `beside.v${protocol}.`

/** Orders for one storage that need the same of a machine: whoever does not see the one, or has no place for the other, never gets them. */
export function queueOf(root: string, need: string): string {
  return `${queuePrefix}${root}.${need}`
}

/** What orders of a queue need, and of which storage; null where it is none of ours. */
export function queueParts(queue: string): { readonly root: string; readonly need: string } | null {
  if (!queue.startsWith(queuePrefix)) return null
  const [root = '', need] = queue.slice(queuePrefix.length).split(/\.(.*)/s)
  return need === undefined ? null : { root, need }
}

/** A file on shared storage: the storage by the id in its mark, and the path below it with `/` between names, as they are written there. */
export const sharedPathSchema = z.object({ root: z.string().min(1).max(64), path: z.string().min(1).max(8192) })
export type SharedPath = z.infer<typeof sharedPathSchema>

export const orderSchema = z.object({
  /** Tag of the head's data folder: whom the answer is for. */
  tag: z.string().regex(/^[0-9a-f]{6}$/),
  /** The job that it is for, there. */
  job: z.number().int(),
  sources: z
    .array(sharedPathSchema.extend({ bytes: z.number().int(), mtimeMs: z.number() }))
    .min(1)
    .max(5000),
  from: formatSchema,
  target: formatSchema,
  options: optionsSchema,
  /** What the names of the parts of every attempt begin with. */
  parts: sharedPathSchema,
  /** That have taken it so far, one after the other: the queue's to say. */
  machines: z.array(z.string()).optional(),
})
export type FleetOrder = z.infer<typeof orderSchema>

const answeredPartSchema = partSchema.omit({ temp: true }).extend({
  /** Number of the part in its attempt. */
  n: z.number().int().min(0),
})

export const answerSchema = z.object({
  /** As in the names of its parts. */
  machine: z.string(),
  attempt: z.number().int(),
  /** `on`: the machine as people call it. */
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('rendered'), on: z.string(), parts: z.array(answeredPartSchema).min(1) }),
    z.object({ kind: z.literal('failed'), why: failureSchema }),
  ]),
})
export type FleetAnswer = z.infer<typeof answerSchema>

export const machineSchema = z.object({
  /** As people call it, and unique in its fleet. */
  name: z.string(),
  protocol: z.number().int(),
  version: z.string(),
  /** Places by need: `{ video: 2, 'document.soffice': 1 }`. */
  places: z.record(z.string(), z.number().int().min(0)),
  /** Ids of the storage that it reaches. */
  roots: z.array(z.string()),
  checks: z.array(checkLineSchema),
  state: z.enum(['working', 'draining', 'resting', 'unfit']),
  /** What it does now. */
  doing: z.array(
    z.object({ order: z.string(), need: z.string(), name: z.string(), done: z.number().nullable(), sinceMs: z.number() }),
  ),
  /** Orders that it has answered in the last hour, well or not. */
  doneLately: z.number().int(),
  /** Share of its processors in use, 0 to 1. */
  load: z.number().nullable(),
  startedAtMs: z.number(),
})
export type MachineReport = z.infer<typeof machineSchema>

/** What the fleet's owner wants of a machine. */
export const machineModes = ['work', 'drain'] as const
export type MachineMode = (typeof machineModes)[number]

/** Small news that nobody keeps: whoever misses one finds out by asking. */
export const noticeSchema = z.discriminatedUnion('what', [
  /** To a head. */
  z.object({ what: z.literal('answered'), orders: z.array(z.string()) }),
  z.object({
    what: z.literal('progress'),
    machine: z.string(),
    orders: z.array(z.object({ order: z.string(), attempt: z.number().int(), stage: z.string(), done: z.number().nullable() })),
  }),
  z.object({ what: z.literal('probe'), machine: z.string(), at: sharedPathSchema, token: z.string() }),
  /** To machines. */
  z.object({ what: z.literal('sent') }),
  z.object({ what: z.literal('withdrawn'), order: z.string() }),
  z.object({ what: z.literal('seen'), machine: z.string(), token: z.string() }),
  z.object({ what: z.literal('mode'), machine: z.string() }),
])
export type Notice = z.infer<typeof noticeSchema>

export const toMachines = 'beside_machines'

export function toHead(tag: string): string {
  return `beside_head_${tag}`
}
