/** Served jobs that have not ended: how far they are, and who waits for their end. What is known here is known anew after a restart, from the queue. */
import { finishedPhases, livePhases, phases, type Job } from '../../shared/job.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { Log } from '../engine/ports.ts'

export interface LiveJobs {
  /** All of it is in the queue, or was: its end is noticed from now on. */
  follow(id: string, batchId: number): void
  /** It has ended, where it has: `ended` was called for it. */
  settle(id: string): void
  /** 0 to 1, and never less than before; 0 of what is not followed. */
  progressOf(id: string): number
  /** Resolves when it is followed no more. */
  over(id: string, signal: AbortSignal): Promise<void>
  forget(id: string): void
  stop(): Promise<void>
}

interface LiveJob {
  readonly id: string
  readonly batchId: number
  /** Of each of its files. */
  readonly progress: Map<number, number>
  readonly over: PromiseWithResolvers<void>
}

interface LivePorts {
  readonly engine: Pick<Engine, 'changes' | 'batch' | 'list'>
  readonly log: Log
  /** All files of a job have come to their end. Thrown: it is asked again later. */
  readonly ended: (id: string, files: readonly Job[]) => void
}

const restMs = 50

export function createLiveJobs({ engine, log, ended }: LivePorts): LiveJobs {
  const byId = new Map<string, LiveJob>()
  const byBatch = new Map<number, LiveJob>()
  const byFile = new Map<number, LiveJob>()
  const stopped = new AbortController()
  let reading: Promise<void> | null = null

  const forget = (id: string) => {
    const live = byId.get(id)
    if (live === undefined) return
    byId.delete(id)
    byBatch.delete(live.batchId)
    for (const file of live.progress.keys()) byFile.delete(file)
    live.over.resolve()
  }
  const note = (live: LiveJob, file: number, progress: number) => {
    byFile.set(file, live)
    live.progress.set(file, Math.max(progress, live.progress.get(file) ?? 0))
  }
  const settle = (id: string) => {
    const live = byId.get(id)
    if (live === undefined) return
    const totals = engine.batch(live.batchId)?.totals
    if (totals !== undefined && livePhases.some((phase) => totals[phase] > 0)) return
    try {
      ended(id, filesOf(engine, live.batchId))
      forget(id)
    } catch (error) {
      log.warn('the end of a served job could not be noted', { error: String(error) })
    }
  }
  const read = async () => {
    for await (const portion of engine.changes(stopped.signal, restMs)) {
      for (const change of portion) {
        if (change.type === 'progress') {
          const live = byFile.get(change.progress.id)
          if (live !== undefined) note(live, change.progress.id, change.progress.progress ?? 0)
        } else if (change.type === 'job') {
          const { id, batchId, state } = change.job
          const live = byBatch.get(batchId)
          if (live === undefined) continue
          const hasEnded = (finishedPhases as readonly string[]).includes(state.phase)
          note(live, id, hasEnded ? 1 : 0)
          if (hasEnded) settle(live.id)
        }
      }
    }
  }

  return {
    follow: (id, batchId) => {
      reading ??= read().catch((error: unknown) => log.error('served jobs are followed no more', { error: String(error) }))
      if (!byId.has(id)) {
        const live = { id, batchId, progress: new Map<number, number>(), over: Promise.withResolvers<void>() }
        byId.set(id, live)
        byBatch.set(batchId, live)
        for (const file of filesOf(engine, batchId)) note(live, file.id, 0)
      }
      settle(id)
    },
    settle,
    progressOf: (id) => {
      const each = [...(byId.get(id)?.progress.values() ?? [])]
      return each.length === 0 ? 0 : each.reduce((sum, progress) => sum + progress, 0) / each.length
    },
    over: async (id, signal) => {
      const live = byId.get(id)
      if (live === undefined) return
      const { promise: given, reject } = Promise.withResolvers<never>()
      const giveUp = () => reject(signal.reason as Error)
      signal.addEventListener('abort', giveUp, { once: true })
      if (signal.aborted) giveUp()
      try {
        await Promise.race([live.over.promise, given])
      } finally {
        signal.removeEventListener('abort', giveUp)
      }
    },
    forget,
    stop: async () => {
      stopped.abort()
      await reading
    },
  }
}

/** More than a request may hold. */
const maxFiles = 1000

export function filesOf(engine: Pick<Engine, 'list'>, batchId: number): readonly Job[] {
  return engine.list({ phases, batchId, after: null, limit: maxFiles }).jobs
}
