/** The calls about machines that convert for this queue, and about this computer as a machine of another's. Apart, as the contract is long. */
import * as z from 'zod'
import { fleetStatusSchema } from '../fleet.ts'
import { lendingStatusSchema, lendRequestSchema } from '../lending.ts'
import { call } from './call.ts'

const machineName = z.object({ machine: z.string().max(200) })

export const fleetCalls = {
  status: call.output(fleetStatusSchema),
  /**
   * Absolute folders that the machines see as well. `queue`: `postgres://…` with its password, or without to keep that of the
   * same user and server; null: a PostgreSQL of Beside's own, to try it.
   */
  setUp: call
    .input(z.object({ storage: z.array(z.string().max(65_536)).max(50), queue: z.string().max(4096).nullable() }))
    .output(z.object({ joinLine: z.string() })),
  /** The line that a machine joins with. It has a key in it. Refused (`not-possible`) where no fleet is set up. */
  joinLine: call.output(z.object({ joinLine: z.string() })),
  leave: call.output(z.void()),
  drain: call.input(machineName).output(z.object({ isKnown: z.boolean() })),
  resume: call.input(machineName).output(z.object({ isKnown: z.boolean() })),
  forget: call.input(machineName).output(z.object({ isKnown: z.boolean() })),
  lending: call.output(lendingStatusSchema),
  /** Refused where anything of it does not work: a line that is none, storage without a mark, a key that is rejected, a name that is taken. */
  lend: call.input(lendRequestSchema).output(z.void()),
  /** What it has is given back at once. */
  endLending: call.output(z.void()),
}
