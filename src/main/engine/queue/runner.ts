/**
 * Lanes that claim due jobs, each with a concurrency of its own, and what holds them all. It is nudged when something may have become
 * due; it never polls. Stopping means quiet: running jobs are stopped and waited for.
 */
import { opensAtMs } from '../../../shared/hours.ts'
import type { Job } from '../../../shared/job.ts'
import type { Held } from '../../../shared/model.ts'
import type { Settings } from '../../../shared/settings.ts'
import type { Machine } from '../../../shared/machine.ts'
import type { JobStore } from '../../store/store.ts'
import type { Clock } from '../ports.ts'
import type { Stop } from '../job/outcome.ts'
import { createCompany, type Companion } from './company.ts'

export interface RunnerPorts {
  readonly jobs: Pick<JobStore, 'claim' | 'dueLanes' | 'nextDueMs'>
  readonly clock: Clock
  /** How many jobs of a lane run at once; it may change. */
  concurrency(lane: string): number
  /** From when on jobs may begin; Infinity: not until it is nudged. May throw what the store threw. */
  beginsAtMs(nowMs: number): number
  /** Runs a claimed job until its state is saved. */
  run(job: Job, signal: AbortSignal, companion: Companion | null): Promise<void>
  /** Claims what is begun together with a job, in the one place that it has. */
  claimCompanions(job: Job, nowMs: number): readonly Job[]
  /** The store failed a question, a claim, or a job that ran. Never throws; its caller nudges when it works again. */
  failed(error: unknown): void
  /** A job was claimed. */
  claimed(job: Job): void
}

export interface Runner {
  nudge(): void
  /** Ends a running job; resolves when its state is saved. False where it does not run. */
  end(id: number, stop: Stop): Promise<boolean>
  running(): readonly number[]
  /** Takes a place in a lane for what is no job, even where none is free; the answer gives it back. */
  occupy(lane: string): () => void
  stop(): Promise<void>
}

interface Running {
  readonly abort: AbortController
  readonly over: Promise<void>
}

export function createRunner(ports: RunnerPorts): Runner {
  const { jobs, clock } = ports
  const running = new Map<number, Running>()
  const busy = new Map<string, number>()
  let wanted = false
  let stopping = false
  let cancelTimer: (() => void) | null = null

  const nudge = () => {
    if (wanted || stopping) return
    wanted = true
    setImmediate(pump)
  }
  /** All of them in one place of their lane, which is free again when the last of them is over. */
  const begin = (jobsOfPlace: readonly Job[]) => {
    const members = jobsOfPlace.length > 1 ? createCompany(jobsOfPlace.length) : []
    const giveBack = occupy(jobsOfPlace[0]?.lane ?? '')
    let left = jobsOfPlace.length
    for (const [n, job] of jobsOfPlace.entries()) {
      const abort = new AbortController()
      const member = members[n] ?? null
      const over = ports
        .run(job, abort.signal, member)
        .finally(() => {
          member?.leave()
          running.delete(job.id)
          left -= 1
          if (left === 0) giveBack()
          else nudge()
        })
        .catch(ports.failed)
      running.set(job.id, { abort, over })
      ports.claimed(job)
    }
  }
  const occupy = (lane: string) => {
    busy.set(lane, (busy.get(lane) ?? 0) + 1)
    return () => {
      busy.set(lane, (busy.get(lane) ?? 1) - 1)
      nudge()
    }
  }
  function pump(): void {
    wanted = false
    if (stopping) return
    const nowMs = clock.nowMs()
    try {
      const atMs = ports.beginsAtMs(nowMs)
      if (atMs > nowMs) return wakeAt(atMs, nowMs)
      claimDue(nowMs)
      wakeAt(jobs.nextDueMs() ?? Infinity, nowMs)
    } catch (error) {
      ports.failed(error)
    }
  }
  function claimDue(nowMs: number): void {
    for (const lane of jobs.dueLanes(nowMs)) {
      while ((busy.get(lane) ?? 0) < ports.concurrency(lane)) {
        const job = jobs.claim(lane, nowMs)
        if (job === null) break
        begin([job, ...ports.claimCompanions(job, nowMs)])
      }
    }
  }
  function wakeAt(atMs: number, nowMs: number): void {
    cancelTimer?.()
    cancelTimer = atMs === Infinity ? null : clock.after(Math.max(1, atMs - nowMs), nudge)
  }
  return {
    nudge,
    end: async (id, stop) => {
      const job = running.get(id)
      if (job === undefined) return false
      job.abort.abort(stop)
      await job.over
      return true
    },
    running: () => [...running.keys()],
    occupy,
    stop: async () => {
      stopping = true
      cancelTimer?.()
      for (const job of running.values()) job.abort.abort('shutdown' satisfies Stop)
      await Promise.all([...running.values()].map((job) => job.over))
    },
  }
}

/** Not every system says when it is plugged in. */
const batteryCheckMs = 30_000

/**
 * Why nothing may begin now, besides the pause that the user asks for.
 *
 * @param machine asked only where the answer counts: the system may have to be asked for it.
 */
export function heldBy(
  { hours, holdOnBattery }: Pick<Settings, 'hours' | 'holdOnBattery'>,
  machine: () => Machine,
  nowMs: number,
): Held | null {
  const untilMs = opensAtMs(hours, nowMs)
  if (untilMs > nowMs) return { by: 'hours', untilMs }
  return holdOnBattery && machine().power === 'battery' ? { by: 'battery' } : null
}

/** When jobs may begin, or it is worth asking again; Infinity where somebody says when that is. */
export function beginsAtMs(held: Held | null, nowMs: number): number {
  if (held === null) return nowMs
  if (held.by === 'data') return Infinity
  return held.by === 'hours' ? held.untilMs : nowMs + batteryCheckMs
}
