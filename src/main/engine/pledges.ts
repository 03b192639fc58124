/**
 * What jobs on their way to a provider will cost, before it is in the ledger: caps count it, or several jobs at once would pass one
 * that each of them alone keeps. A price that nobody knows yet is waited for: the first job of a provider finds it out.
 */
import type { Job, ProviderId } from '../../shared/job.ts'

export interface Pledges {
  /** By all other jobs of the provider, and by those of the same batch. */
  others(job: Job): { readonly all: number; readonly batch: number }
  /** By other jobs of the provider that are in one of these batches. */
  among(job: Job, isAmong: (batchId: number) => boolean): number
  /** Null: nobody knows. */
  pledge(job: Job, amount: number | null): void
  /** It is paid, or it will not be. */
  end(jobId: number): void
  /** Resolves when no other job of the provider is on its way at a price that nobody knows. */
  known(job: Job, signal: AbortSignal): Promise<void>
}

interface Pledge {
  readonly jobId: number
  readonly batchId: number
  readonly provider: ProviderId
  readonly amount: number | null
  readonly over: PromiseWithResolvers<void>
}

export function createPledges(): Pledges {
  const pledges = new Map<number, Pledge>()
  const othersOf = ({ id, provider }: Job) =>
    [...pledges.values()].filter((pledge) => pledge.provider === provider && pledge.jobId !== id)
  const sum = (some: readonly Pledge[]) => some.reduce((total, { amount }) => total + (amount ?? 0), 0)
  const end = (jobId: number) => {
    pledges.get(jobId)?.over.resolve()
    pledges.delete(jobId)
  }
  return {
    others: (job) => {
      const all = othersOf(job)
      return { all: sum(all), batch: sum(all.filter(({ batchId }) => batchId === job.batchId)) }
    },
    among: (job, isAmong) => sum(othersOf(job).filter(({ batchId }) => isAmong(batchId))),
    pledge: (job, amount) => {
      end(job.id)
      const { id: jobId, batchId, provider } = job
      pledges.set(jobId, { jobId, batchId, provider, amount, over: Promise.withResolvers() })
    },
    end,
    known: async (job, signal) => {
      const ended = Promise.withResolvers<never>()
      ended.promise.catch(() => undefined)
      const onAbort = () => ended.reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        for (;;) {
          signal.throwIfAborted()
          const unknown = othersOf(job).find(({ amount }) => amount === null)
          if (unknown === undefined) return
          await Promise.race([unknown.over.promise, ended.promise])
        }
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
  }
}
