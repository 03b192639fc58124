/** The part of the contract about hooks. Apart, as it is the part of which pages may not have all: a hook runs programs. */
import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import {
  deliveryQuerySchema,
  deliverySchema,
  hookChangeSchema,
  hookDraftSchema,
  hookStatusSchema,
  hookTestSchema,
} from '../hooks.ts'
import { call } from './call.ts'

const hookId = z.object({ id: z.number().int() })

export const hookCalls = {
  /** By name. */
  list: call.output(z.array(hookStatusSchema)),
  /** Changes from now on, in portions; ask for the list once they come in. */
  changes: call.input(z.object({ restMs: z.number().int().min(0).max(1000) })).output(eventIterator(z.array(hookChangeSchema))),
  /**
   * One of that name is replaced, and keeps its secret and its deliveries. The secret that calls are signed with is kept with the keys, and told
   * when it is made. Refused to pages, as whoever could add a hook could run any program.
   */
  save: call.input(hookDraftSchema).output(z.object({ status: hookStatusSchema, secret: z.string().nullable() })),
  switch: call.input(hookId.extend({ on: z.boolean() })).output(hookStatusSchema),
  remove: call.input(hookId).output(z.object({ removed: z.boolean() })),
  /** A new one in place of the one before; refused to pages. */
  renewSecret: call.input(hookId).output(z.object({ secret: z.string() })),
  /** Sends a sample now, and answers what came of it. */
  test: call.input(hookId).output(hookTestSchema),
  /** Newest first. */
  deliveries: call
    .input(
      z.object({
        query: deliveryQuerySchema,
        after: z.number().int().nullable(),
        limit: z.number().int().min(1).max(1000),
      }),
    )
    .output(z.object({ deliveries: z.array(deliverySchema), next: z.number().int().nullable() })),
  /** Sends those of these that failed or were given up once more, or all of a hook that were. */
  again: call
    .input(z.union([z.object({ ids: z.array(z.number().int()).max(10_000) }), z.object({ hookId: z.number().int() })]))
    .output(z.object({ moved: z.number().int() })),
  /** The end of what its program printed, or its receiver answered; refused to pages. */
  output: call
    .input(hookId.extend({ bytes: z.number().int().min(1).max(1_048_576) }))
    .output(z.object({ path: z.string(), text: z.string() })),
  /** Resolves when nothing is being delivered and nothing is due now. */
  settled: call.output(z.void()),
}
