/**
 * What has become of the jobs that a command waits for. It keeps a phase a job and the values of those that run, nothing else, so
 * that 100,000 files are no burden. A job is ours by its batch, or because a source that was named joined it.
 */
import { dirname } from 'node:path'
import { leftCount } from '../../../shared/content-texts.ts'
import { finishedPhases, type Job, type Phase } from '../../../shared/job.ts'
import { bytesOf } from '../../../shared/job-sources.ts'
import type { Progress } from '../../../shared/wire/contract.ts'
import type { Held, QueueState } from '../../../shared/model.ts'

export interface RunningJob {
  readonly job: Job
  readonly progress: Progress | null
  readonly ours: boolean
}

/** As in the summary line that scripts read. */
export interface Sum {
  readonly done: number
  readonly skipped: number
  /** With those that were cancelled: they came to nothing, either. */
  readonly failed: number
  readonly waiting: number
}

/** `held`: what is left does not go on by itself yet, mostly because it is paused. */
export type TallyState = 'working' | 'held' | 'complete'

const atRest: ReadonlySet<Phase> = new Set([...finishedPhases, 'waiting', 'uncertain'])

/** How many folders of results are told apart. */
const foldersKept = 50

export interface Tally {
  /** Everything that runs, others' jobs too: they are what ours wait behind. */
  readonly running: ReadonlyMap<number, RunningJob>
  /** A job's newest value. `moved`: ours, and in another phase than was known. `same`: ours, and not. */
  note(job: Job): 'moved' | 'same' | 'other'
  /** Null where the job is not known to run. */
  progress(progress: Progress): RunningJob | null
  /** A source joined a job that was there. True where its newest value went by unnoticed and must be asked for. */
  join(id: number): boolean
  refuse(as: 'failed' | 'skipped'): void
  /** So many more jobs are in our batch. */
  add(count: number): void
  /** All sources have been read; so many jobs are in our batch. */
  close(total: number): void
  totals(now: QueueState): void
  /** Joined jobs that are not known to have come to rest. */
  joinedLeft(): Iterable<number>
  state(): TallyState
  /** What holds the whole queue; null: nothing. */
  heldBy(): 'paused' | Held | null
  sum(): Sum
  /** Those among the failed that nobody wanted any more. */
  cancelled(): number
  /** Ours that are not at rest. */
  left(): number
  /** Others' jobs that are queued or run. */
  ahead(): number
  /** Ours that are known so far. */
  known(): number
  size(): Size
  /** Ours whose results lack something that their sources hold. */
  incomplete(): { readonly count: number; readonly last: number }
}

export interface Size {
  readonly sourceBytes: number
  readonly outputBytes: number
  readonly folders: ReadonlySet<string>
}

/** Without a batch, every job is ours. */
export function createTally(batchId: number | null): Tally {
  const running = new Map<number, RunningJob>()
  const phases = new Map<number, Phase>()
  const counts = new Map<Phase, number>()
  const joined = new Set<number>()
  const joinedLeft = new Set<number>()
  /** Others' jobs that came to rest while sources were still being read: one of them may turn out to have been joined. */
  const strangers = new Set<number>()
  const refused = { failed: 0, skipped: 0 }
  const size = { sourceBytes: 0, outputBytes: 0, folders: new Set<string>() }
  const incomplete = { count: 0, last: 0 }
  let batchAtRest = 0
  let added = 0
  let total: number | null = null
  let queue: QueueState | null = null
  const count = (phase: Phase) => counts.get(phase) ?? 0
  const add = (phase: Phase, by: 1 | -1) => counts.set(phase, count(phase) + by)

  const noteOurs = (job: Job) => {
    const { phase } = job.state
    const before = phases.get(job.id)
    if (before === phase) return 'same'
    phases.set(job.id, phase)
    if (before !== undefined) add(before, -1)
    add(phase, 1)
    const rests = Number(atRest.has(phase)) - Number(before !== undefined && atRest.has(before))
    if (job.batchId === batchId) batchAtRest += rests
    else if (atRest.has(phase)) joinedLeft.delete(job.id)
    else if (joined.has(job.id)) joinedLeft.add(job.id)
    if (job.state.phase === 'done') {
      noteSize(job, job.state.outputs)
      if (leftCount(job.state.notes) > 0) {
        incomplete.count += 1
        incomplete.last = job.id
      }
    }
    return 'moved'
  }
  const noteSize = (job: Job, outputs: readonly { readonly path: string; readonly bytes: number }[]) => {
    size.sourceBytes += bytesOf(job.order) ?? 0
    for (const { path, bytes } of outputs) {
      size.outputBytes += bytes
      if (size.folders.size < foldersKept) size.folders.add(dirname(path))
    }
  }
  const left = () => {
    if (batchId === null) return (queue?.totals.queued ?? 0) + (queue?.totals.running ?? 0)
    return Math.max(0, (total ?? 0) - batchAtRest) + joinedLeft.size
  }
  const waiting = () => {
    if (batchId === null && queue !== null) return queue.totals.waiting + queue.totals.uncertain + queue.totals.paused
    return count('waiting') + count('uncertain')
  }
  const heldBy = () => (queue?.paused === true ? 'paused' : (queue?.held ?? null))
  const isHeld = () => {
    if (count('paused') >= left() && batchId !== null) return true
    return heldBy() !== null && count('running') === 0
  }

  return {
    running,
    note: (job) => {
      const ours = batchId === null || job.batchId === batchId || joined.has(job.id)
      if (job.state.phase === 'running') running.set(job.id, { job, progress: running.get(job.id)?.progress ?? null, ours })
      else running.delete(job.id)
      if (ours) {
        // A source that was named twice joined a job of this very batch.
        if (job.batchId === batchId && joined.delete(job.id)) joinedLeft.delete(job.id)
        return noteOurs(job)
      }
      if (total === null && atRest.has(job.state.phase)) strangers.add(job.id)
      return 'other'
    },
    progress: (progress) => {
      const known = running.get(progress.id)
      if (known === undefined) return null
      const now = { ...known, progress }
      running.set(progress.id, now)
      return now
    },
    join: (id) => {
      if (phases.has(id)) return false
      joined.add(id)
      joinedLeft.add(id)
      return strangers.delete(id)
    },
    refuse: (as) => {
      refused[as] += 1
    },
    add: (more) => {
      added += more
    },
    close: (jobs) => {
      total = jobs
      strangers.clear()
    },
    totals: (now) => {
      queue = now
    },
    joinedLeft: () => joinedLeft,
    state: () => {
      if (total === null) return 'working'
      if (left() === 0) return 'complete'
      return isHeld() ? 'held' : 'working'
    },
    heldBy,
    sum: () => ({
      done: count('done'),
      skipped: count('skipped') + refused.skipped,
      failed: count('failed') + count('cancelled') + refused.failed,
      waiting: waiting() + (total !== null && isHeld() ? left() : 0),
    }),
    cancelled: () => count('cancelled'),
    left,
    ahead: () =>
      total === null || batchId === null || queue === null ? 0 : Math.max(0, queue.totals.queued + queue.totals.running - left()),
    known: () =>
      batchId === null
        ? [...atRest].reduce((sum, phase) => sum + count(phase), left())
        : Math.max(total ?? added, phases.size, joinedLeft.size) + refused.failed + refused.skipped,
    size: () => size,
    incomplete: () => incomplete,
  }
}
