/** What all calls of the contract have in common. */
import { oc } from '@orpc/contract'
import * as z from 'zod'
import { failureSchema } from '../job.ts'

/** Every call may answer with a failure in Beside's own terms instead of its value. */
export const call = oc.errors({ FAILURE: { data: failureSchema } })

/** Lists are given by the page, at most so much at once. */
export const pageLimit = z.number().int().min(1).max(1000)

/** How a reader of changes wants them: together, with so much rest between two portions at least. */
export const portions = z.object({ restMs: z.number().int().min(0).max(1000) })

export const moved = z.object({ moved: z.number().int() })
