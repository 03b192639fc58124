/** The machines of a fleet, as everybody looks at them, and what is set about it. */
import * as z from 'zod'
import { failureSchema } from './job.ts'

/** Where the shared queue is. Its password is among the secrets. */
export const fleetSettingsSchema = z.object({
  /** `postgres://user@host:port/database`. */
  queue: z.string(),
  /** Absolute paths of folders that the machines see as well. */
  storage: z.array(z.string()),
  /** PostgreSQL is started by this Beside, in its data folder. */
  isTrial: z.boolean(),
})
export type FleetSettings = z.infer<typeof fleetSettingsSchema>

/** Whether the same user enters at the same server, so that the password of the one is that of the other. */
export function isSameEntry(one: string, other: string): boolean {
  if (!URL.canParse(one) || !URL.canParse(other)) return false
  const [here, there] = [new URL(one), new URL(other)]
  return here.host !== '' && here.host === there.host && here.username === there.username
}

/** `gone`: nothing was heard of it for a while; `other-version`: it speaks another protocol, and sees no orders. */
export const machineStates = ['working', 'draining', 'resting', 'unfit', 'gone', 'other-version'] as const
export type MachineState = (typeof machineStates)[number]

/** One of the lines of the proof that a machine may work. */
export const checkLineSchema = z.object({
  check: z.enum(['storage', 'canary', 'write', 'names', 'clock', 'ffmpeg', 'space']),
  state: z.enum(['fine', 'remark', 'trouble']),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type CheckLine = z.infer<typeof checkLineSchema>

export const fleetMachineSchema = z.object({
  name: z.string(),
  state: z.enum(machineStates),
  /** Somebody wants it to take no more: it can be told to resume. One that drains without that is being stopped. */
  isDrained: z.boolean(),
  version: z.string(),
  /** Places by what they are for. */
  places: z.record(z.string(), z.number().int()),
  doing: z.array(z.object({ need: z.string(), name: z.string(), done: z.number().nullable(), sinceMs: z.number() })),
  /** Orders answered in the last hour. */
  doneLately: z.number().int(),
  /** Of its processors, 0 to 1. */
  load: z.number().nullable(),
  startedAtMs: z.number(),
  silentMs: z.number(),
  checks: z.array(checkLineSchema),
})
export type FleetMachine = z.infer<typeof fleetMachineSchema>

export const fleetStatusSchema = z.object({
  state: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('off') }),
    z.object({ kind: z.literal('connecting'), why: failureSchema.nullable() }),
    z.object({ kind: z.literal('connected') }),
  ]),
  /** As the settings have it; null: no fleet is set up. */
  settings: fleetSettingsSchema.nullable(),
  /** Beside that share the queue, this one counted. */
  heads: z.number().int(),
  machines: z.array(fleetMachineSchema),
  /** Jobs of this queue by what they wait for, where no machine that is there has a place for it. */
  unmet: z.array(z.object({ need: z.string(), jobs: z.number().int() })),
})
export type FleetStatus = z.infer<typeof fleetStatusSchema>
