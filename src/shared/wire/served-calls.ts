/**
 * The part of the contract by which a process that answers HTTP asks the one that holds the queue. Apart, as pages may call none of it. A key crosses as
 * its hash; who asks about a job proves by it that the job is theirs.
 */
import * as z from 'zod'
import { apiKeySchema, newApiKeySchema, servedJobSchema, servedPairSchema, servedRefusalSchema } from '../served.ts'
import { call } from './call.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const jobId = z.string().regex(/^[0-9a-f]{32}$/)
/** As they were sent. */
const fileNames = z.array(z.string().min(1).max(1024)).min(1).max(1000)
const owned = z.object({ hash, id: jobId })

export const servedCalls = {
  keys: call.output(z.array(apiKeySchema)),
  /** The key, told this once. Refused (`not-possible`) where one of that name is there. */
  addKey: call.input(newApiKeySchema).output(z.object({ key: z.string() })),
  /** Ends its jobs and removes what was sent and what was made. */
  removeKey: call.input(z.object({ name: z.string() })).output(z.object({ jobs: z.number().int() })),
  /** Null: nobody has it. */
  keyOf: call.input(z.object({ hash })).output(apiKeySchema.nullable()),
  /** What a key may use; null: what this machine makes. */
  pairs: call.input(z.object({ hash: hash.nullable() })).output(z.array(servedPairSchema)),
  /** Why `begin` would refuse these, as far as names and quota tell; null: it would not. */
  check: call.input(z.object({ hash, files: fileNames, target: z.string() })).output(servedRefusalSchema.nullable()),
  begin: call
    .input(
      z.object({
        hash,
        /** The folder of the upload, by its name, and the files that are in it, in order. */
        upload: z.string().regex(/^\d{1,10}\.\d{1,20}-[0-9a-f-]{36}$/),
        files: fileNames,
        target: z.string(),
        keptMs: z.number().int().positive(),
        /** The process whose client waits within one request; null: it comes again. */
        askedBy: z
          .string()
          .regex(/^\d{1,10}\.\d{1,20}$/)
          .nullable(),
      }),
    )
    .output(
      z.discriminatedUnion('kind', [
        z.object({
          kind: z.literal('begun'),
          id: jobId,
          pair: z.string(),
          left: z.number().int().nullable(),
          expiresAtMs: z.number(),
        }),
        z.object({ kind: z.literal('refused'), why: servedRefusalSchema }),
      ]),
    ),
  /** Null: not there, not any more, or another key's. */
  job: call.input(owned).output(servedJobSchema.nullable()),
  /** As `job`, once it has ended. */
  ended: call.input(owned).output(servedJobSchema.nullable()),
  /** Takes a job away with all that belongs to it; ends it where it still runs. */
  release: call.input(owned).output(z.void()),
  /** Removes what nobody can ask for any more, now. */
  sweep: call.output(z.void()),
}
