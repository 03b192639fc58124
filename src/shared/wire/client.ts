/**
 * The contract as a caller sees it, whatever carries it: what fails is a JobError, or the reason of the caller's own signal. A carrier
 * that has gone is `offline`.
 */
import { createORPCClient, type ClientContext, type ClientLink } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { JobError } from '../failure.ts'
import type { contract } from './contract.ts'
import { fromWire, withErrors } from './errors.ts'

export type Client = ContractRouterClient<typeof contract>
export type Link = ClientLink<ClientContext>

export interface Carrier {
  readonly link: Link
  /** True once nothing comes over it any more. */
  readonly isLost: () => boolean
}

/** `carrier` is asked before each call, so that a client outlives what carries it. Null: there is none now. */
export function clientOver(carrier: () => Carrier | null): Client {
  return createORPCClient<Client>({
    async call(path, input, options) {
      const now = carrier()
      if (now === null || now.isLost()) throw new JobError('offline')
      const explained = (error: unknown): unknown => {
        if (error instanceof JobError) return error
        if (options.signal?.aborted === true) return options.signal.reason
        const failed = fromWire(error)
        // A carrier that goes fails what is under way with errors of its own.
        return failed.failure.code === 'internal' && now.isLost() ? new JobError('offline', {}, { cause: error }) : failed
      }
      try {
        return withErrors(await now.link.call(path, input, options), explained)
      } catch (error) {
        throw explained(error)
      }
    },
  })
}
