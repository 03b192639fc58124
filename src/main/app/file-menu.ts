/**
 * Conversions that the menu of a file manager asks for. They go to whoever holds the queue, this process or another one. Windows starts the
 * app once for every selected file: what comes within a moment and wants the same is one batch.
 */
import { formatOfName, type Family, type FormatId, factsOf } from '../../shared/formats.ts'
import type { Job } from '../../shared/job.ts'
import { isOffline } from '../../shared/wire/errors.ts'
import type { Session } from '../api/session.ts'
import type { Log } from '../engine/ports.ts'
import type { MenuChoice } from './start.ts'

export interface FileMenuOptions {
  readonly session: Session
  /** Files that nobody knows a format for: the window asks. */
  readonly ask: (files: readonly string[]) => void
  readonly onRefused: (count: number) => void
  readonly log: Log
}

export interface FileMenu {
  convert(files: readonly string[], wanted: Exclude<MenuChoice, { kind: 'choice' }>): void
  /** Resolves when all that was asked for is in the queue. */
  settled(): Promise<void>
}

/** A hundred starts of the app, one after the other, take their time; each one begins it anew. */
const gatherMs = 700
/** Of finished jobs, to find what was used last; a family that is not among them is asked for. */
const lookedBack = 500

export function createFileMenu({ session, ask, onRefused, log }: FileMenuOptions): FileMenu {
  const gathered = new Map<string, { readonly files: string[]; readonly take: () => void; timer: NodeJS.Timeout }>()
  let work: Promise<void> = Promise.resolve()

  const send = async (sources: readonly string[], target: FormatId): Promise<number> => {
    const label = `${sources.length === 1 ? sources[0] : `${sources.length} files`} → ${factsOf(target).title}`.slice(0, 500)
    const { batchId } = await session.ask((client) => client.batches.open({ label }))
    const nothing = { options: {}, preset: null, out: null, recursive: true, include: [], exclude: [], priority: 0 }
    for (let again = false; ; again = true) {
      let refused = 0
      try {
        const events = await session.client.batches.convert({ batchId, target, sources: [...sources], ...nothing, again })
        for await (const { type } of events) if (type === 'refused') refused += 1
        return refused
      } catch (error) {
        if (!isOffline(error)) throw error
        await session.rejoin()
      }
    }
  }

  const take = async (files: readonly string[], wanted: Exclude<MenuChoice, { kind: 'choice' }>) => {
    const byTarget =
      wanted.kind === 'format'
        ? new Map([[wanted.target, files]])
        : Map.groupBy(files, lastUsed(await session.ask(jobsOf(lookedBack))))
    let refused = 0
    for (const [target, sources] of byTarget) {
      if (target === null) ask(sources)
      else refused += await send(sources, target)
    }
    if (refused > 0) onRefused(refused)
  }

  return {
    convert: (files, wanted) => {
      const key = JSON.stringify(wanted)
      const waiting = gathered.get(key)
      clearTimeout(waiting?.timer)
      const all = [...(waiting?.files ?? []), ...files]
      const begin = () => {
        gathered.delete(key)
        work = work
          .then(async () => await take(all, wanted))
          .catch((error: unknown) => {
            log.error('what the file manager asked for could not be queued', { error: String(error) })
            onRefused(all.length)
          })
      }
      gathered.set(key, { files: all, take: begin, timer: setTimeout(begin, gatherMs) })
    },
    settled: async () => {
      for (const { timer, take: begin } of gathered.values()) {
        clearTimeout(timer)
        begin()
      }
      await work
    },
  }
}

/** The newest jobs, whatever became of them. */
function jobsOf(limit: number) {
  return async (client: Session['client']): Promise<readonly Job[]> => {
    const [{ jobs: done }, { jobs: live }] = await Promise.all([
      client.history.page({ query: {}, after: null, limit }),
      client.jobs.list({ phases: ['queued', 'running', 'paused', 'waiting'], batchId: null, after: null, limit }),
    ])
    return [...done, ...live].toSorted((one, other) => other.id - one.id)
  }
}

/** For each file the format that the newest job of its family went to; null where there is none. */
export function lastUsed(jobs: readonly Pick<Job, 'order'>[]): (file: string) => FormatId | null {
  const targets = new Map<Family, FormatId>()
  for (const { order } of jobs) {
    const family = order.from === null ? null : factsOf(order.from).family
    if (family !== null && !targets.has(family)) targets.set(family, order.target)
  }
  return (file) => {
    const format = formatOfName(file)
    return format === null ? null : (targets.get(factsOf(format).family) ?? null)
  }
}
