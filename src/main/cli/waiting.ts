/** Waits for the jobs of a tally and reports each change, whoever holds the queue meanwhile. */
import type { Job, Phase } from '../../shared/job.ts'
import { finishedPhases } from '../../shared/job.ts'
import type { Client } from '../api/client.ts'
import type { Session } from '../api/session.ts'
import { follow } from './follow.ts'
import type { Report } from './report/report.ts'
import type { Tally } from './tally.ts'

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
  readonly report: Report
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
    const standing = tally.standing()
    if (standing === 'complete' || (standing === 'held' && isOver())) enough.abort()
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
      // What came to rest while nobody was there to tell.
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
