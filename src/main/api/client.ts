/**
 * The contract as a caller sees it, whatever carries it: what fails here is a JobError, or the reason of the caller's own
 * signal. A carrier that has gone is `offline`.
 */
import {
  createORPCClient,
  mapEventIterator,
  ORPCError,
  type ClientContext,
  type ClientLink,
  type ClientOptions,
} from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { createRouterClient } from '@orpc/server'
import { failureSchema } from '../../shared/job.ts'
import { JobError } from '../../shared/failure.ts'
import type { contract } from '../../shared/wire/contract.ts'
import { isStream } from './stream.ts'
import type { BesideRouter } from './router.ts'

export type Client = ContractRouterClient<typeof contract>
export type Link = ClientLink<ClientContext>

export interface Carrier {
  readonly link: Link
  /** True once nothing comes over it any more. */
  readonly isLost: () => boolean
}

/** `carrier` is asked before each call, so that a client outlives what carries it. */
export function clientOver(carrier: () => Carrier): Client {
  return createORPCClient<Client>({
    async call(path, input, options) {
      const { link, isLost } = carrier()
      if (isLost()) throw new JobError('offline')
      const explain = (error: unknown) => explained(error, options, isLost)
      try {
        const answer = await link.call(path, input, options)
        return isStream(answer)
          ? mapEventIterator(answer, { value: async (value: unknown) => value, error: async (error) => explain(error) })
          : answer
      } catch (error) {
        throw explain(error)
      }
    },
  })
}

/** Calls a router of this very process. */
export function linkTo(router: BesideRouter): Link {
  const root: unknown = createRouterClient(router)
  return {
    async call(path, input, options) {
      let target = root
      for (const part of path) target = (target as Record<string, unknown>)[part]
      return (target as (input: unknown, options: ClientOptions<ClientContext>) => Promise<unknown>)(input, options)
    },
  }
}

function explained(error: unknown, options: ClientOptions<ClientContext>, isLost: () => boolean): unknown {
  if (error instanceof JobError) return error
  if (options.signal?.aborted === true) return options.signal.reason
  if (error instanceof ORPCError && error.code === 'FAILURE') {
    const data = failureSchema.safeParse(error.data)
    if (data.success) {
      const { code, facts, retryAfterMs } = data.data
      return new JobError(code, facts, { cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
    }
  }
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST')
    return new JobError('usage', { reason: issuesOf(error) }, { cause: error })
  if (error instanceof ORPCError && error.code === 'NOT_FOUND') {
    return new JobError('not-possible', { reason: 'the running Beside is of another version' }, { cause: error })
  }
  if (isLost()) return new JobError('offline', {}, { cause: error })
  return new JobError('internal', { reason: error instanceof Error ? error.message : String(error) }, { cause: error })
}

function issuesOf(error: ORPCError<string, unknown>): string {
  const { issues } = (error.data ?? {}) as { issues?: readonly { message?: string; path?: readonly unknown[] }[] }
  const first = issues?.[0]
  return first === undefined ? error.message : `${(first.path ?? []).map(String).join('.')}: ${first.message ?? 'not valid'}`
}
