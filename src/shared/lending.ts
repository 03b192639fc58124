/** A computer that is lent: a Beside that somebody works with, as a machine of a fleet, and when it may be that. */
import * as z from 'zod'
import { checkLineSchema, fleetMachineSchema } from './fleet.ts'
import { hoursSchema } from './hours.ts'
import { failureSchema } from './job.ts'

/** The key that it joins with is among the secrets. */
export const lendingSettingsSchema = z.object({
  /** Of the shared queue: `postgres://beside_machine_1a2b3c@nas:5432/beside`. */
  queue: z.string(),
  /** Absolute paths of the shared storage on this computer. */
  storage: z.array(z.string().max(65_536)).max(50),
  /** What the machine is called, as no other one of its fleet. */
  name: z.string().trim().min(1).max(200),
  /** When it takes work; none: at any time. */
  hours: z.array(hoursSchema).max(50),
  /** Not while on battery. */
  onMains: z.boolean(),
  /** Not while somebody is at the computer. */
  whenIdle: z.boolean(),
})
export type LendingSettings = z.infer<typeof lendingSettingsSchema>

/** `joinLine` null: the fleet that it is lent to already. */
export const lendRequestSchema = lendingSettingsSchema.omit({ queue: true }).extend({ joinLine: z.string().max(4096).nullable() })
export type LendRequest = z.infer<typeof lendRequestSchema>

/** Why a machine that could work takes nothing. */
export const restingSchema = z.discriminatedUnion('by', [
  z.object({ by: z.literal('hours'), untilMs: z.number() }),
  z.object({ by: z.literal('battery') }),
  /** Somebody is at the computer. */
  z.object({ by: z.literal('user') }),
  /** Nobody can tell whether somebody is at it. */
  z.object({ by: z.literal('user-unknown') }),
  /** Its own queue converts on this machine. */
  z.object({ by: z.literal('own-work') }),
])
export type Resting = z.infer<typeof restingSchema>

/** How it stands. `dormant`: lent, and this Beside is only here for a command; `unfit` without checks: they are being made. */
export const lendingStateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('off') }),
  z.object({ kind: z.literal('dormant') }),
  z.object({ kind: z.literal('connecting'), why: failureSchema.nullable() }),
  z.object({ kind: z.literal('unfit'), checks: z.array(checkLineSchema) }),
  z.object({ kind: z.literal('working') }),
  z.object({ kind: z.literal('resting'), because: restingSchema }),
  /** Its fleet wants it to take no more. */
  z.object({ kind: z.literal('draining') }),
])
export type LendingState = z.infer<typeof lendingStateSchema>

export const lendingStatusSchema = z.object({
  settings: lendingSettingsSchema.nullable(),
  state: lendingStateSchema,
  doing: fleetMachineSchema.shape.doing,
  /** Orders answered in the last hour. */
  doneLately: z.number().int(),
  /** What the computer calls itself. */
  hostName: z.string(),
  /** Whether it can be told here that nobody is at the computer. */
  canTellIdle: z.boolean(),
})
export type LendingStatus = z.infer<typeof lendingStatusSchema>
