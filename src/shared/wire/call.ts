/** What all calls have in common. Apart, so that the contract can be written in several files. */
import { oc } from '@orpc/contract'
import { failureSchema } from '../job.ts'

/** Every call may answer with a failure in Beside's own terms instead of its value. */
export const call = oc.errors({ FAILURE: { data: failureSchema } })
