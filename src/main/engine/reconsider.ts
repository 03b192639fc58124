/**
 * Jobs that wait for the user because of money are looked at again when there may be some without a word: a cap was changed, or a day
 * has begun. Those that still may not be paid for are left alone.
 */
import type { FailureCode } from '../../shared/failure.ts'
import { atStart, type Job, type JobEvent, type ProviderId } from '../../shared/job.ts'
import type { JobStore } from '../store/store.ts'
import type { Clock, Log } from './ports.ts'

export interface Reconsider {
  /** Looks at the jobs of one provider. */
  provider(id: ProviderId): Promise<void>
  /** Looks at all, now and whenever a day begins. */
  start(): Promise<void>
  stop(): void
}

export interface ReconsiderPorts {
  readonly jobs: Pick<JobStore, 'list'>
  readonly clock: Clock
  readonly log: Log
  readonly mayBePaid: (job: Job) => boolean
  /** Puts waiting jobs back into the queue. */
  readonly again: (ids: readonly number[]) => Promise<unknown>
}

/** What becomes of them: their price is asked for anew. */
export const fromTheStart: JobEvent = { type: 'again', dueAtMs: 0, why: null, work: atStart }

const jobsAtOnce = 500
/** Clocks differ a little from timers. */
const afterMidnightMs = 1_000

export function createReconsider({ jobs, clock, log, mayBePaid, again }: ReconsiderPorts): Reconsider {
  let takeBack = () => {}
  let isStopped = false

  const look = async (isMeant: (job: Job) => boolean): Promise<void> => {
    let after: string | null = null
    do {
      const page = jobs.list({ phases: ['waiting'], batchId: null, after, limit: jobsAtOnce })
      const ids = page.jobs.filter((job) => isAboutMoney(job) && isMeant(job) && mayBePaid(job)).map(({ id }) => id)
      if (ids.length > 0) await again(ids)
      after = page.next
    } while (after !== null)
  }
  const daily = async (): Promise<void> => {
    await look(() => true).catch((error: unknown) => log.error('waiting jobs could not be looked at', { error: String(error) }))
    if (!isStopped) takeBack = clock.after(untilMidnightMs(clock.nowMs()) + afterMidnightMs, () => void daily())
  }
  return {
    provider: async (id) => await look((job) => job.provider === id),
    start: daily,
    stop: () => {
      isStopped = true
      takeBack()
    },
  }
}

const aboutMoney: ReadonlySet<FailureCode> = new Set(['cap-reached', 'approval-needed', 'price-untold'])

function isAboutMoney({ state }: Job): boolean {
  return state.phase === 'waiting' && aboutMoney.has(state.why.code)
}

function untilMidnightMs(nowMs: number): number {
  const now = new Date(nowMs)
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime() - nowMs
}
