/**
 * What goes, and when: a job that has ended is kept for a stated time; an upload whose process has gone, what a crash left half begun, and what a client
 * waited for within a request that is over are nobody's, and go at once. A job that has not ended is never touched, however long it takes. Rows go
 * last, so that a crash on the way leaves enough to do it again.
 */
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../engine/engine-api.ts'
import type { Clock, Log } from '../engine/ports.ts'
import type { KeptServedJob, ServedStore } from '../store/served.ts'
import { filesOf, type LiveJobs } from './live-jobs.ts'
import { isRunning, markOf, namesIn, type ServedPlaces } from './places.ts'

/** Longer than any upload is silent: whatever has not changed since is nobody's, even where another process has the number by now. */
const forgottenUploadMs = 3_600_000

interface RetentionPorts {
  readonly engine: Pick<Engine, 'batch' | 'cancel' | 'history' | 'list'>
  readonly store: ServedStore
  readonly live: LiveJobs
  readonly places: ServedPlaces
  readonly clock: Clock
  readonly log: Log
  /** Jobs that are just being begun: they are not all in the queue, and no crash has left them. */
  readonly beginning: ReadonlySet<string>
}

export interface Retention {
  /** Ends a job where it runs and removes all that belongs to it. What was never asked of the queue, by `refund`, is not in its history either. */
  discard(job: KeptServedJob, how: 'refund' | 'paid'): Promise<void>
  sweep(): Promise<void>
}

/** Milliseconds since 1970 from which on nobody can ask for it any more; null: it has not ended. */
export function expiryOf({ endedAtMs, keptMs }: Pick<KeptServedJob, 'endedAtMs' | 'keptMs'>): number | null {
  return endedAtMs === null ? null : endedAtMs + keptMs
}

export function createRetention({ engine, store, live, places, clock, log, beginning }: RetentionPorts): Retention {
  const discard = async (job: KeptServedJob, how: 'refund' | 'paid') => {
    const { id, batchId, endedAtMs } = job
    live.forget(id)
    if (endedAtMs === null && engine.batch(batchId) !== null) await engine.cancel({ kind: 'batch', batchId })
    if (how === 'refund') await engine.history.forget(filesOf(engine, batchId).map((file) => file.id))
    await rm(join(places.jobs, id), { recursive: true, force: true })
    store.remove(id, how)
  }

  const isExpired = (job: KeptServedJob): boolean => {
    const expiry = expiryOf(job)
    return expiry !== null && expiry <= clock.nowMs()
  }

  const sweepJob = async (job: KeptServedJob) => {
    if (beginning.has(job.id)) return
    if (!job.accepted) return await discard(job, 'refund')
    const isAbandoned = job.askedBy !== null && !(await isRunning(job.askedBy))
    if (isAbandoned || isExpired(job)) return await discard(job, 'paid')
    if (job.endedAtMs === null) live.follow(job.id, job.batchId)
  }

  const sweepUpload = async (name: string) => {
    const folder = join(places.uploads, name)
    const stats = await stat(folder)
    // The clock of the file system, and not ours, wrote its dates.
    const isForgotten = clock.nowMs() - stats.mtimeMs > forgottenUploadMs
    if (isForgotten || !(await isRunning(markOf(name)))) await rm(folder, { recursive: true, force: true })
  }

  const each = async <T>(things: readonly T[], work: (thing: T) => Promise<void>) => {
    for (const thing of things) {
      await work(thing).catch((error: unknown) => log.warn('what was served could not be swept', { error: String(error) }))
    }
  }

  return {
    discard,
    sweep: async () => {
      const jobs = store.jobs()
      await each(jobs, sweepJob)
      const known = new Set(jobs.map(({ id }) => id))
      const isNobodys = (id: string): boolean => !known.has(id) && !beginning.has(id) && store.job(id) === null
      await each((await namesIn(places.jobs)).filter(isNobodys), async (id) => {
        await rm(join(places.jobs, id), { recursive: true, force: true })
      })
      await each(await namesIn(places.uploads), sweepUpload)
    },
  }
}
