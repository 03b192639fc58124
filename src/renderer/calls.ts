/** The contract as the window calls it. The line may come and go: a call without one is `offline`, and failures are JobErrors. */
import { createORPCClient, ORPCError, type ClientContext, type ClientLink } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { contract } from '../shared/wire/contract.ts'
import { JobError } from '../shared/failure.ts'
import { failureSchema } from '../shared/job.ts'

export type Calls = ContractRouterClient<typeof contract>

export interface Wire {
  readonly calls: Calls
  use(link: ClientLink<ClientContext> | null): void
}

export function createWire(): Wire {
  let current: ClientLink<ClientContext> | null = null
  const calls = createORPCClient<Calls>({
    async call(path, input, options) {
      const link = current
      if (link === null) throw new JobError('offline')
      try {
        return await link.call(path, input, options)
      } catch (error) {
        throw explained(error, link !== current)
      }
    },
  })
  return {
    calls,
    use: (link) => {
      current = link
    },
  }
}

function explained(error: unknown, isGone: boolean): unknown {
  if (error instanceof JobError) return error
  if (error instanceof ORPCError && error.code === 'FAILURE') {
    const data = failureSchema.safeParse(error.data)
    if (data.success) return new JobError(data.data.code, data.data.facts, { cause: error })
  }
  if (isGone) return new JobError('offline', {}, { cause: error })
  return new JobError('internal', { reason: error instanceof Error ? error.message : String(error) }, { cause: error })
}
