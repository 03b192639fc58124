/** A job in hand: what its steps share while it runs, and what they need from outside. */
import type { Job, Work } from '../../shared/job.ts'
import type { Settings } from '../../shared/settings.ts'
import type { Provider, Report, Reporter } from '../providers/provider.ts'
import type { Store } from '../store/store.ts'
import type { Budget } from './money/budget.ts'
import type { Registry } from './providers/registry.ts'
import type { Wakeups } from './wakeups.ts'
import type { Refused } from './intake/route.ts'
import type { RateLimit } from './providers/rate-limit.ts'
import type { Clock, Inspect, Log, Random, Trash } from './ports.ts'
import type { Neighbours, Study } from './prepare.ts'

/** What the steps need from outside, as one object. */
export interface Workshop {
  readonly store: Store
  readonly provider: (id: Job['provider']) => Provider
  readonly inspect: Inspect
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly trash: Trash
  readonly registry: Registry
  readonly budget: Budget
  readonly wakeups: Wakeups
  /** When a provider may be asked; one for all its jobs. */
  readonly rateLimit: (provider: Provider) => RateLimit
  /** Which provider takes a job over that its own one cannot do; null: none. */
  readonly successor: (refused: Refused, signal: AbortSignal) => Promise<Pick<Job, 'provider' | 'lane' | 'reason'> | null>
  readonly settings: () => Settings
  /** How often a job was told to slow down, by its id. */
  readonly slowed: Map<number, number>
  /** A job has a new value, committed. */
  readonly changed: (job: Job) => void
  readonly progress: (id: number, report: Report) => void
}

/** A job in hand: what the steps share while it runs. */
export interface Hand {
  readonly job: Job
  readonly shop: Workshop
  readonly provider: Provider
  readonly signal: AbortSignal
  /** Saves a step durably before it acts. */
  keep(work: Work): void
  /** What is known of the source; looked at once, again only after a restart. */
  studied(): Promise<Study>
  report: Reporter
  /** The provider has told how the job stands: troubles from before say nothing any more. */
  answered(): void
}

export function neighbours({ job, shop }: Hand): Neighbours {
  return {
    batchOf: (path) => {
      const owner = shop.store.jobs.ownerOf(path)
      return owner === null || owner.jobId === job.id ? null : owner.batchId
    },
    isAwaited: (path) => shop.store.jobs.othersOn(path, job.id) > 0,
  }
}
