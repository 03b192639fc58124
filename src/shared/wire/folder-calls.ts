/** The calls of the contract that are about watched folders. */
import { eventIterator } from '@orpc/contract'
import * as z from 'zod'
import { call, moved, pageLimit, portions } from './call.ts'
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

const folderId = z.object({ id: z.number().int() })

export const folderCalls = {
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
  rehearse: call.input(z.object({ rule: ruleSchema, id: z.number().int().nullable(), limit: pageLimit })).output(rehearsalSchema),
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
}
