/**
 * Follows the queue, or the watched folders, over changes of who holds them: first subscribed, then a snapshot, so that nothing passes by
 * in between; and waits that way for the jobs of a tally.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { finishedPhases, type Job, type Phase } from '../../../shared/job.ts'
import type { Client } from '../../../shared/wire/client.ts'
import { isOffline } from '../../../shared/wire/errors.ts'
import type { Session } from '../../api/session.ts'
import type { JobReporter } from './report.ts'
import type { Tally } from './tally.ts'

export interface Following<Change> {
  changes(client: Client, signal: AbortSignal): Promise<AsyncIterable<readonly Change[]>>
  /** Where things are now: at the beginning, and again whenever another process has taken the queue over. */
  snapshot(client: Client): Promise<void>
  change(change: Change): Promise<void> | void
}

/** Resolves when the signal is aborted. `begun` is called once changes are coming and the first snapshot is in. */
export async function follow<Change>(
  session: Session,
  following: Following<Change>,
  signal: AbortSignal,
  begun: () => void = () => undefined,
): Promise<void> {
  const isOver = () => signal.aborted
  while (!isOver()) {
    try {
      const changes = await following.changes(session.client, signal)
      await following.snapshot(session.client)
      begun()
      for await (const portion of changes) for (const change of portion) await following.change(change)
    } catch (error) {
      if (isOver()) return
      if (!isOffline(error)) throw error
    }
    if (isOver()) return
    await session.rejoin()
    // A holder ends its streams a moment before it hangs up.
    await sleep(20)
  }
}

export interface Waiting {
  /** Resolves once changes are coming in. */
  readonly begun: Promise<void>
  /** Resolves when nothing more is to be waited for, or with the signal. */
  readonly over: Promise<void>
  /** All sources have been read; so many jobs are in the batch. */
  close(total: number): Promise<void>
}

export interface WaitingOptions {
  readonly session: Session
  readonly tally: Tally
  readonly report: JobReporter
  /** Null: all jobs. */
  readonly batchId: number | null
  /** What to do when nothing that is left goes on by itself now. What is held by hours or the battery does so later. */
  readonly whenHeld: 'wait' | 'end' | 'end where it is paused'
  readonly signal: AbortSignal
}

const restPhases: Phase[] = [...finishedPhases, 'waiting', 'uncertain', 'paused']

export function waitFor({ session, tally, report, batchId, whenHeld, signal }: WaitingOptions): Waiting {
  const enough = new AbortController()
  const begun = Promise.withResolvers<void>()
  let snapshots = 0

  const note = (job: Job) => {
    const news = tally.note(job)
    if (news === 'moved' || (news === 'same' && job.state.phase === 'running'))
      report.job(job, tally.running.get(job.id)?.progress ?? null)
    else report.changed()
  }
  const isOver = () => {
    const held = tally.heldBy()
    return whenHeld === 'end' || (whenHeld === 'end where it is paused' && (held === null || held === 'paused'))
  }
  const check = () => {
    const state = tally.state()
    if (state === 'complete' || (state === 'held' && isOver())) enough.abort()
  }
  const noteJoined = async (client: Client) => {
    for (const id of tally.joinedLeft()) {
      const job = await client.jobs.get({ id })
      if (job !== null) note(job)
    }
  }
  const snapshot = async (client: Client) => {
    snapshots += 1
    tally.totals(await client.queue.totals())
    const running = await client.jobs.list({ phases: ['running'], batchId: null, after: null, limit: 100 })
    for (const job of running.jobs) note(job)
    if (snapshots > 1) {
      // What came to rest while nobody reported it.
      if (batchId !== null) for await (const job of pagesOf(client, batchId)) note(job)
      await noteJoined(client)
    }
    check()
  }

  const over = follow(
    session,
    {
      changes: async (client, aborted) => await client.changes({ restMs: 0 }, { signal: aborted }),
      snapshot,
      change: (change) => {
        if (change.type === 'job') note(change.job)
        else if (change.type === 'totals') tally.totals(change)
        else if (change.type === 'progress') {
          const running = tally.progress(change.progress)
          if (running?.ours === true) report.progress(running)
        }
        report.changed()
        check()
      },
    },
    AbortSignal.any([signal, enough.signal]),
    () => begun.resolve(),
  )
  over.catch((error: unknown) => begun.reject(error))
  // An interrupted command has nothing to begin any more.
  void over.then(() => begun.resolve())

  return {
    begun: begun.promise,
    over,
    close: async (total) => {
      const { totals } = await session.ask((client) => client.queue.totals())
      // A job that was paused or in doubt before ours joined it says nothing by itself.
      if (totals.paused + totals.waiting + totals.uncertain > 0) await session.ask(noteJoined)
      tally.close(total)
      check()
    },
  }
}

async function* pagesOf(client: Client, batchId: number): AsyncGenerator<Job> {
  let after: string | null = null
  do {
    const page: { jobs: Job[]; next: string | null } = await client.jobs.list({ phases: restPhases, batchId, after, limit: 500 })
    yield* page.jobs
    after = page.next
  } while (after !== null)
}
