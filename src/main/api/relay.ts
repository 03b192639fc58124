/**
 * The contract passed on to whoever holds the queue, which may be this very process. Each call goes over as it came; when the
 * holder has gone, the caller is told `offline` and asks again once the session has found the next one.
 */
import { mapEventIterator, ORPCError } from '@orpc/client'
import { isContractProcedure } from '@orpc/contract'
import { implement, type AnyRouter } from '@orpc/server'
import { contract } from '../../shared/wire/contract.ts'
import { toFailure } from '../../shared/failure.ts'
import type { Log } from '../engine/ports.ts'
import { isStream } from './stream.ts'
import { isOffline, type Session } from './session.ts'

type Call = (input: unknown, options: { readonly signal?: AbortSignal }) => Promise<unknown>

export function relayOver(session: Session, log: Log): AnyRouter {
  const crossing = (error: unknown): unknown => {
    if (error instanceof ORPCError) return error
    if (isOffline(error)) void session.rejoin().catch((reason: unknown) => log.warn('cannot rejoin', { error: String(reason) }))
    return new ORPCError('FAILURE', { defined: true, data: toFailure(error), cause: error })
  }
  const relayed = (path: readonly string[], signal: AbortSignal | undefined) => async (input: unknown) => {
    try {
      const answer = await callAt(session.client, path)(input, signal === undefined ? {} : { signal })
      if (!isStream(answer)) return answer
      return mapEventIterator(answer, { value: async (value: unknown) => value, error: async (error) => crossing(error) })
    } catch (error) {
      throw crossing(error)
    }
  }
  const build = (node: unknown, path: readonly string[]): unknown => {
    if (!isContractProcedure(node)) {
      return Object.fromEntries(Object.entries(node as object).map(([name, below]) => [name, build(below, [...path, name])]))
    }
    return implement(node).handler(
      async ({ input, signal }: { input: unknown; signal?: AbortSignal }) => await relayed(path, signal)(input),
    )
  }
  return build(contract, []) as AnyRouter
}

function callAt(client: unknown, path: readonly string[]): Call {
  let target = client
  for (const part of path) target = (target as Record<string, unknown>)[part]
  return target as Call
}
