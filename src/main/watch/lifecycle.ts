/**
 * The way of a file from waiting to done: read until it is complete, checked, held for its time, enqueued, followed, tried again.
 *
 * | state of its line | what happens                                        | leads to                                                        |
 * | ----------------- | --------------------------------------------------- | --------------------------------------------------------------- |
 * | waiting           | read until it is stable, then checked               | left; waiting for its time; queued                              |
 * | queued            | its jobs are followed                               | done; left; failed; quarantined; waiting where it is elsewhere  |
 * | failed            | its jobs are tried again when its time comes        | queued                                                          |
 * | quarantined       | nothing, until its contents or the user say so      | waiting                                                         |
 * | done, left        | nothing, until its contents or the rule are others  | waiting                                                         |
 *
 * All of this runs within the turns of the folder's watcher, one after the other.
 */
import pMap from 'p-map'
import type { Failure } from '../../shared/failure.ts'
import type { Why } from '../../shared/folders.ts'
import { opensAtMs, startOfDay } from '../../shared/hours.ts'
import type { Job } from '../../shared/job.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { LedgerLine, LineChange } from '../store/ledger.ts'
import { checkComplete, type CompletenessPorts } from './completeness.ts'
import {
  cancelAll,
  cancelIdle,
  enqueue,
  fileOutcomeOf,
  missingOutputs,
  passing,
  resumeEnqueue,
  retryAtMs,
  type EnqueuePorts,
  type Rejected,
} from './enqueue.ts'
import type { ChangedPath } from './fs-events.ts'
import { statFile } from './listing.ts'
import type { DueFile, PendingFiles } from './stability.ts'
import { createTroubles } from './troubles.ts'
import { dirPath, ownFile, pathOf, type WatchContext, type WatchTimings } from './watch-context.ts'

export interface LifecyclePorts extends EnqueuePorts {
  readonly engine: Pick<Engine, 'openBatch' | 'convert' | 'batch' | 'list' | 'retry' | 'cancel'>
  readonly completeness: CompletenessPorts
  readonly timings: WatchTimings
  readonly context: () => WatchContext
  readonly pending: PendingFiles
  /** How many files are read at once. */
  readonly concurrency: () => number
  /** Whether the folder is the right one, now. */
  readonly isThere: () => Promise<boolean>
  /** The line is out of date: scan the file. */
  readonly rescan: (changed: ChangedPath) => void
  readonly publish: (lines: readonly LedgerLine[]) => void
  readonly signal: AbortSignal
}

export interface Lifecycle {
  /** What a crash, a turn that failed, or a time without watching has left. */
  recover(): Promise<void>
  /** True where more could be done at once. */
  turn(): Promise<boolean>
  /** A job of this line has ended, or waits for the user. */
  jobEnded(lineId: number): Promise<void>
  /** The jobs of these lines are for contents that are no more. */
  cancelAll(ids: readonly number[]): Promise<void>
  /** The files of these lines are elsewhere, or nowhere: what has not begun is enqueued anew once they are found. */
  cancelIdle(ids: readonly number[]): Promise<void>
  nextMs(): number
}

const readsPerTurn = 256
const checkConcurrency = 16
const linesPerPage = 500
/** After something went wrong: whatever it is, it is not tried again at once. */
const afterTroubleMs = 5_000

export function createLifecycle(ports: LifecyclePorts): Lifecycle {
  const { sightings, clock, pending, timings, signal } = ports
  /** Lines that are taken up again at a time: failed ones, and those that cannot be enqueued now. */
  const later = new Map<number, number>()
  const troubles = createTroubles(ports.log, signal)
  /** Something went wrong: what it left half done is taken up at this time, before anything else is done with lines in the queue. */
  let resumeAtMs: number | null = null
  /** What goes wrong with one line is tried again later, and the others are led on. */
  const alone = async (id: number, work: (line: LedgerLine) => Promise<void> | void) => {
    const led = await troubles.within(`line ${id}`, async () => {
      const line = sightings.get(id)
      if (line !== null) await work(line)
      return 'led' as const
    })
    if (led !== undefined) return
    resumeAtMs ??= clock.nowMs() + afterTroubleMs
    later.set(id, resumeAtMs)
  }

  const write = (id: number, change: LineChange): LedgerLine | null => {
    const [line] = sightings.write([{ id, change }], clock.nowMs())
    if (line === undefined) return null
    ports.publish([line])
    return line
  }
  const explain = (line: LedgerLine, why: Why) => {
    if (line.why.code !== why.code) write(line.id, { why })
  }
  const postpone = (line: LedgerLine, change: LineChange & { readonly dueAtMs: number }) => {
    write(line.id, change)
    later.set(line.id, change.dueAtMs)
  }
  const finish = (line: LedgerLine, change: LineChange) => {
    pending.remove(line.id)
    write(line.id, { dueAtMs: null, ...change })
  }
  const jobsOf = (line: LedgerLine): readonly (Job | null)[] =>
    sightings.assignmentsOf(line.id).map(({ jobId }) => (jobId === null ? null : ports.jobOf(jobId)))

  /** It waits again, as if it had just been found. */
  const startAnew = (line: LedgerLine) => {
    finish(line, { state: 'waiting', why: { code: 'settling', facts: {} } })
    ports.rescan({ dir: line.dir, name: line.name })
  }
  const cancelAllOf = async (ids: readonly number[]) => {
    for (const id of ids) {
      later.delete(id)
      await alone(id, async () => await cancelAll(id, ports))
    }
  }
  const cancelIdleOf = async (ids: readonly number[]) => {
    for (const id of new Set(ids)) {
      await alone(id, async (line) => {
        if (line.state !== 'queued' && line.state !== 'failed') return
        if (!(await cancelIdle(id, ports))) return await follow(line)
        later.delete(id)
        startAnew(line)
      })
    }
  }
  const rejected = ({ line, why }: Rejected) => {
    if (sightings.assignmentsOf(line.id).some(({ batchId }) => batchId > 0)) return
    sightings.dropAssignments(line.id)
    if (why.code === 'source-missing') {
      startAnew(line)
    } else if (passing.has(why.code)) {
      const notNow: Why = { code: 'not-now', facts: {}, cause: why }
      postpone(line, { state: 'waiting', why: notNow, dueAtMs: clock.nowMs() + timings.laterMs })
    } else {
      finish(line, { state: 'left', why })
    }
  }
  const nextOf = (line: LedgerLine): readonly number[] => {
    const enqueued = sightings.assignmentsOf(line.id).map(({ output }) => output)
    return missingOutputs(line, enqueued, ports.context())
  }
  const enqueueAll = async (lines: readonly LedgerLine[]) => {
    for (const alike of Map.groupBy(lines, (line) => nextOf(line).join()).values()) await enqueueAlike(alike)
  }
  const enqueueAlike = async (lines: readonly LedgerLine[]) => {
    for (let start = 0; start < lines.length; start += linesPerPage) {
      const some = lines.slice(start, start + linesPerPage)
      for (const { id } of some) pending.remove(id)
      const outputs = some[0] === undefined ? [] : nextOf(some[0])
      for (const each of await enqueue(some, outputs, ports.context(), ports, signal)) rejected(each)
      ports.publish(some.map(({ id }) => sightings.get(id)).filter((line) => line !== null))
      // Quick ones may be through before it was noted which they are.
      for (const { id } of some) await alone(id, follow)
    }
  }
  const giveUp = (line: LedgerLine, code: 'given-up' | 'paid-for', attempts: number, cause: Failure) =>
    finish(line, { state: 'quarantined', attempts, why: { code, facts: { attempts }, cause } })

  /** What became of the jobs of a queued line. */
  const follow = async (line: LedgerLine) => {
    if (line.state !== 'queued') return
    const outcome = fileOutcomeOf(jobsOf(line), ports.context().folder.rule.spend === null ? 'never' : 'with permission')
    switch (outcome.kind) {
      case 'working':
        return explain(line, outcome.why)
      case 'done':
        if (outcome.why.code === 'converted' && nextOf(line).length > 0) return await enqueueAll([line])
        return finish(line, { state: 'done', why: outcome.why })
      case 'left':
        return finish(line, { state: 'left', why: outcome.why })
      case 'missed':
        return await cancelIdleOf([line.id])
      case 'not-enqueued':
        return startAnew(line)
      case 'unpaid':
        return void write(line.id, { why: outcome.why, dueAtMs: startOfDay(clock.nowMs(), 1).getTime() })
      case 'hindered':
        return postpone(line, { state: 'failed', why: outcome.why, dueAtMs: clock.nowMs() + timings.laterMs })
      case 'failed-after-payment':
        return giveUp(line, 'paid-for', line.attempts + 1, outcome.why)
      case 'failed': {
        // What fails while the folder is away says nothing about the file.
        const attempts = line.attempts + ((await ports.isThere()) ? 1 : 0)
        const dueAtMs = retryAtMs(Math.max(1, attempts), clock.nowMs(), timings.retryMs)
        if (dueAtMs === null) return giveUp(line, 'given-up', attempts, outcome.why)
        return postpone(line, { state: 'failed', attempts, why: outcome.why, dueAtMs })
      }
    }
  }
  /** A line whose time has come again. */
  const takeUpAgain = async (line: LedgerLine) => {
    switch (line.state) {
      case 'failed': {
        const failed = jobsOf(line).flatMap((job) => (job?.state.phase === 'failed' ? [job.id] : []))
        const queued = write(line.id, { state: 'queued', why: { code: 'queued', facts: {} }, dueAtMs: null })
        if (failed.length > 0 && (await ports.engine.retry({ kind: 'ids', ids: failed })) > 0) return
        // The history was cleared, or somebody has done it meanwhile.
        if (queued !== null) await follow(queued)
        return
      }
      case 'queued':
        return await follow(line)
      case 'waiting':
        return startAnew(line)
      case 'done':
      case 'left':
      case 'quarantined':
        // Somebody has dealt with it meanwhile.
        return
    }
  }
  const resume = async () => {
    for (const each of await resumeEnqueue(ports.context(), ports, signal)) rejected(each)
  }

  /** Answers the line once the file is complete and its time has come. */
  const check = async (file: DueFile): Promise<LedgerLine | null> => {
    const line = sightings.get(file.id)
    if (line === null || line.state !== 'waiting' || line.goneAtMs !== null) {
      pending.remove(file.id)
      return null
    }
    if (file.isComplete) return hold(line)
    const context = ports.context()
    const path = pathOf(context, line)
    const own = ownFile(path, line, ports)
    if (own === 'output') finish(line, { state: 'left', why: { code: 'own-output', facts: {} } })
    if (own === 'work') {
      explain(line, { code: 'own-work', facts: {} })
      pending.retryLater(line.id, clock.nowMs())
    }
    if (own !== null) return null
    // Since it was first seen, its date, or what it was taken for, may have become another.
    const isOpen = line.why.code === 'own-work' || line.why.code === 'too-young'
    const place = line.dir === '' ? line.name : `${line.dir}/${line.name}`
    const verdict = isOpen ? context.filter.check({ ...line, path: place }, clock.nowMs()) : ({ kind: 'take' } as const)
    if (verdict.kind === 'leave') finish(line, { state: 'left', why: verdict.why })
    if (verdict.kind === 'later') {
      pending.remove(line.id)
      write(line.id, { why: verdict.why, dueAtMs: verdict.dueAtMs })
      ports.rescan({ dir: line.dir, name: line.name })
    }
    if (verdict.kind !== 'take') return null
    const completeness = await checkComplete(path, file.stability, context.filter, ports.completeness, signal)
    switch (completeness.kind) {
      case 'leave':
        finish(line, { state: 'left', why: completeness.why })
        return null
      case 'wait':
        explain(line, completeness.why)
        pending.retryLater(line.id, clock.nowMs())
        return null
      case 'changed':
        pending.remove(line.id)
        ports.rescan({ dir: line.dir, name: line.name })
        return null
      case 'complete':
        return hold({ ...line, print: completeness.fingerprint })
    }
  }
  const hold = (line: LedgerLine): LedgerLine | null => {
    const nowMs = clock.nowMs()
    const { rule } = ports.context().folder
    const isRested = line.why.code === 'outside-hours' || line.why.code === 'not-now'
    const restedAtMs = line.why.code === 'on-hold' ? (line.dueAtMs ?? nowMs) : isRested ? nowMs : nowMs + rule.holdMs
    const dueAtMs = restedAtMs > nowMs ? restedAtMs : opensAtMs(rule.schedule, nowMs)
    if (dueAtMs <= nowMs) return line
    const code = restedAtMs > nowMs ? ('on-hold' as const) : ('outside-hours' as const)
    write(line.id, { print: line.print, why: { code, facts: {} }, dueAtMs })
    pending.hold(line.id, dueAtMs)
    return null
  }
  /** Those of the pending files that are due, and have stopped changing. */
  const readDue = async (): Promise<readonly DueFile[]> => {
    const context = ports.context()
    const due = pending.due(clock.nowMs(), readsPerTurn)
    const entries = await pMap(due, async ({ dir, name }) => await statFile(dirPath(context, dir), name), {
      concurrency: ports.concurrency(),
    })
    return due.filter(({ id, dir, name }, index) => {
      const entry = entries[index] ?? null
      const now = entry === null ? 'changed' : pending.read(id, entry, clock.nowMs())
      if (now === 'changed') {
        pending.remove(id)
        ports.rescan({ dir, name })
      }
      return now === 'stable'
    })
  }
  const checkOrRetry = async (file: DueFile): Promise<LedgerLine | null> => {
    // The end waits for what is under way, and begins nothing more.
    if (signal.aborted) return null
    const checked = await troubles.within(file.name, async () => await check(file)).catch(() => null)
    if (checked === undefined) pending.retryLater(file.id, clock.nowMs())
    return checked ?? null
  }

  return {
    jobEnded: async (lineId) => {
      if (resumeAtMs === null) await alone(lineId, follow)
      else later.set(lineId, resumeAtMs)
      troubles.report()
    },
    cancelAll: cancelAllOf,
    cancelIdle: cancelIdleOf,
    recover: async () => {
      await resume()
      const { id } = ports.context().folder
      for (const state of ['queued', 'failed', 'waiting'] as const) {
        for (let after = 0; ;) {
          const lines = sightings.inState(id, state, after, linesPerPage)
          for (const line of lines) {
            if (state === 'queued') await alone(line.id, follow)
            else if (line.dueAtMs !== null && (state === 'failed' || line.why.code === 'not-now'))
              later.set(line.id, line.dueAtMs)
          }
          const last = lines.at(-1)
          if (last === undefined || lines.length < linesPerPage) break
          after = last.id
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
    },
    turn: async () => {
      const nowMs = clock.nowMs()
      if (resumeAtMs !== null && resumeAtMs <= nowMs) {
        resumeAtMs = null
        await resume()
      }
      for (const [id, dueAtMs] of later) {
        if (dueAtMs > nowMs) continue
        later.delete(id)
        await alone(id, async (line) => {
          if (line.goneAtMs === null) await takeUpAgain(line)
        })
      }
      const stable = await readDue()
      const concurrency = Math.min(checkConcurrency, ports.concurrency())
      const complete = (await pMap(stable, checkOrRetry, { concurrency })).filter((line) => line !== null)
      signal.throwIfAborted()
      troubles.report()
      const fingerprints = complete.map(({ id, print }) => ({ id, change: { print } }))
      if (complete.length > 0) await enqueueAll(sightings.write(fingerprints, clock.nowMs()))
      return pending.nextMs() <= clock.nowMs()
    },
    nextMs: () => Math.min(pending.nextMs(), resumeAtMs ?? Infinity, ...later.values()),
  }
}
