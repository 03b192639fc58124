/**
 * Lanes that claim due jobs, each as wide as its provider says. It is nudged when something may have become due; it never polls.
 * Stopping means quiet: running jobs are told to stop and waited for.
 */
import type { Job } from '../../../shared/job.ts'
import type { JobStore } from '../../store/store.ts'
import type { Clock } from '../ports.ts'
import type { Stop } from '../settle.ts'

export interface RunnerPorts {
  readonly jobs: Pick<JobStore, 'claim' | 'dueLanes' | 'nextDueMs'>
  readonly clock: Clock
  /** How many jobs of a lane run at once. */
  width(lane: string): number
  /** From when on jobs may begin; Infinity: not until it is nudged. May throw what the store threw. */
  beginsAtMs(nowMs: number): number
  /** Runs a claimed job until it is settled. */
  run(job: Job, signal: AbortSignal): Promise<void>
  /** The store failed a question, a claim, or a job that ran. Never throws; whoever hears it nudges when it works again. */
  failed(error: unknown): void
  /** A job was claimed. */
  claimed(job: Job): void
}

export interface Runner {
  nudge(): void
  /** Tells a running job to end; resolves when it is settled. False where it does not run. */
  end(id: number, stop: Stop): Promise<boolean>
  running(): readonly number[]
  stop(): Promise<void>
}

interface Running {
  readonly lane: string
  readonly abort: AbortController
  readonly settled: Promise<void>
}

export function createRunner(ports: RunnerPorts): Runner {
  const { jobs, clock } = ports
  const running = new Map<number, Running>()
  const busy = new Map<string, number>()
  let wanted = false
  let stopping = false
  let takeBack: (() => void) | null = null

  const nudge = () => {
    if (wanted || stopping) return
    wanted = true
    setImmediate(pump)
  }
  const begin = (job: Job) => {
    const abort = new AbortController()
    const { lane } = job
    busy.set(lane, (busy.get(lane) ?? 0) + 1)
    const settled = ports
      .run(job, abort.signal)
      .finally(() => {
        running.delete(job.id)
        busy.set(lane, (busy.get(lane) ?? 1) - 1)
        nudge()
      })
      .catch(ports.failed)
    running.set(job.id, { lane, abort, settled })
    ports.claimed(job)
  }
  function pump(): void {
    wanted = false
    if (stopping) return
    const nowMs = clock.nowMs()
    try {
      const beginsAtMs = ports.beginsAtMs(nowMs)
      if (beginsAtMs > nowMs) return wakeAt(beginsAtMs, nowMs)
      claimDue(nowMs)
      wakeAt(jobs.nextDueMs() ?? Infinity, nowMs)
    } catch (error) {
      ports.failed(error)
    }
  }
  function claimDue(nowMs: number): void {
    for (const lane of jobs.dueLanes(nowMs)) {
      while ((busy.get(lane) ?? 0) < ports.width(lane)) {
        const job = jobs.claim(lane, nowMs)
        if (job === null) break
        begin(job)
      }
    }
  }
  function wakeAt(atMs: number, nowMs: number): void {
    takeBack?.()
    takeBack = atMs === Infinity ? null : clock.after(Math.max(1, atMs - nowMs), nudge)
  }
  return {
    nudge,
    end: async (id, stop) => {
      const job = running.get(id)
      if (job === undefined) return false
      job.abort.abort(stop)
      await job.settled
      return true
    },
    running: () => [...running.keys()],
    stop: async () => {
      stopping = true
      takeBack?.()
      for (const job of running.values()) job.abort.abort('shutdown' satisfies Stop)
      await Promise.all([...running.values()].map((job) => job.settled))
    },
  }
}
