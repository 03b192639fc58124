/** Answers the calls of those whom a carrier lets in. What the contract does not have, or not so, is refused, and that is logged. */
import type { ServerPeerHandleRequestFn } from '@orpc/standard-server-peer'
import type { AnyRouter } from '@orpc/server'
import { StandardRPCHandler } from '@orpc/server/standard'
import { createServerPeerHandleRequestFn } from '@orpc/server/standard-peer'
import type { Log } from '../engine/ports.ts'

/** As HTTP has it: an input outside the contract, and no such call. */
const refusals: ReadonlySet<number> = new Set([400, 404])

export function answersOf(router: AnyRouter, log: Log): ServerPeerHandleRequestFn {
  const answer = createServerPeerHandleRequestFn(new StandardRPCHandler(router), { context: {} })
  return async (request) => {
    const response = await answer(request)
    if (refusals.has(response.status)) log.warn('a call was refused', { path: request.url.pathname.slice(0, 200) })
    return response
  }
}
