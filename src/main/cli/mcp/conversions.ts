/**
 * Conversions that assistants ask for: queued, followed to their end, cancelled with the call that waits for them. What is still under way when the
 * server ends is handed to a worker in the background; so is what nobody was to wait for.
 */
import { describeWhy, isFailure } from '../../../shared/describe-why.ts'
import { JobError } from '../../../shared/failure.ts'
import type { ConvertRequest, IntakeEvent } from '../../../shared/wire/contract.ts'
import type { Session } from '../../api/session.ts'
import { version } from '../context.ts'
import { jobsIn, sendRequest } from '../convert/sending.ts'
import { heldText } from '../labels.ts'
import { waitFor } from '../report/follow.ts'
import type { JobReporter } from '../report/report.ts'
import { createTally, type Tally } from '../report/tally.ts'
import type { QueueAccess } from './queue-access.ts'
import { refusalOf } from './refusal.ts'
import type { RefusedSource } from './sources.ts'

export interface WantedConversion {
  readonly request: Omit<ConvertRequest, 'batchId' | 'sources'>
  /** Real paths. */
  readonly sources: readonly string[]
  /** What the batch is called in lists. */
  readonly label: string
  /** Throws where the request makes no sense to whoever holds the queue. */
  readonly check: (session: Session) => Promise<void>
}

/** What has been queued. */
export interface Queued {
  readonly batchId: number
  /** In the batch. */
  readonly jobs: number
  /** Jobs of other batches that do the very same. */
  readonly joined: readonly number[]
  readonly refused: readonly RefusedSource[]
  /** Files of folders that were left where they are, by the reason. */
  readonly passed: Readonly<Record<string, number>>
}

export interface FollowedConversion<Report> {
  /** Rejects where nothing could be queued. */
  readonly queued: Promise<Queued>
  /** Resolves when nothing more comes of it by itself. */
  readonly over: Promise<Over<Report>>
}

export interface Over<Report> {
  readonly report: Report
  /** Why it does not go on by itself, where that is not because all is done. */
  readonly held: string | null
}

export interface ConversionPorts {
  readonly queue: QueueAccess
  /** The server ends. */
  readonly ending: AbortSignal
  /** Has somebody else go on with what is left. */
  readonly goOn: () => Promise<void>
  /** Resolves when somebody holds the queue, or when that takes too long. */
  readonly held: () => Promise<void>
}

/** A request takes so many sources at most, and its frame so many bytes. */
const chunkSources = 1000

export interface ConversionCaller<Report> {
  /** The call was cancelled: so is what it asked for. */
  readonly cancelled: AbortSignal
  readonly progress: (tally: Tally) => void
  /** What became of it, asked for at the end. */
  readonly report: (queued: Queued, session: Session) => Promise<Report>
}

export function createConversions({ queue, ending, goOn, held: isHeld }: ConversionPorts) {
  const open = async (session: Session, { label, check }: WantedConversion): Promise<number> => {
    if (session.role() === 'guest') await refuseOtherVersion(session)
    await check(session)
    return (await session.client.batches.open({ label })).batchId
  }
  return {
    /** Queues, and leaves the rest to the background. */
    async leave(wanted: WantedConversion, cancelled: AbortSignal): Promise<Over<Queued>> {
      const left = await queue.use('look', async (session) => {
        const batchId = await open(session, wanted)
        try {
          const report = await take(session, { wanted, batchId, signal: AbortSignal.any([cancelled, ending]) })
          const { paused, held } = await session.ask((client) => client.queue.totals())
          return { report, held: paused || held !== null ? heldText(held ?? 'paused') : null }
        } catch (error) {
          if (cancelled.aborted && !ending.aborted) await cancelBatch(session, batchId)
          throw error
        }
      })
      if (left.report.jobs > 0) {
        await goOn()
        // The next call would else be there first, and have it begin anew when it leaves.
        await isHeld()
      }
      return left
    },

    /** Queues, and follows to the end. */
    follow<Report>(
      wanted: WantedConversion,
      { cancelled, progress, report }: ConversionCaller<Report>,
    ): FollowedConversion<Report> {
      const queued = Promise.withResolvers<Queued>()
      // Nobody may be waiting for it any more.
      queued.promise.catch(() => undefined)
      const over = queue.use('work', async (session) => {
        const batchId = await open(session, wanted)
        const failed = new AbortController()
        const signal = AbortSignal.any([cancelled, ending, failed.signal])
        const tally = createTally(batchId)
        const waiting = waitFor({ session, tally, report: followerOf(() => progress(tally)), batchId, whenHeld: 'end', signal })
        try {
          await waiting.begun
          const taken = await take(session, { wanted, batchId, signal, tally })
          await waiting.close(taken.jobs)
          queued.resolve(taken)
          await waiting.over
          signal.throwIfAborted()
          return { report: await report(taken, session), held: tally.state() === 'held' ? heldText(tally.heldBy()) : null }
        } catch (error) {
          if (ending.aborted) await handOver(session, batchId)
          else if (cancelled.aborted) await cancelBatch(session, batchId)
          throw error
        } finally {
          failed.abort()
        }
      })
      over.catch((error: unknown) => queued.reject(error))
      return { queued: queued.promise, over }
    },
  }

  /** Before the session is left, so that whoever kills this process in the middle of its end takes nothing away. */
  async function handOver(session: Session, batchId: number): Promise<void> {
    const batch = await session.client.batches.get({ id: batchId }).catch(() => null)
    if (batch === null || batch.totals.queued + batch.totals.running > 0) await goOn()
  }
}

export type Conversions = ReturnType<typeof createConversions>

interface Taking {
  readonly wanted: WantedConversion
  readonly batchId: number
  readonly signal: AbortSignal
  readonly tally?: Tally
}

async function take(session: Session, { wanted, batchId, signal, tally }: Taking): Promise<Queued> {
  const joined = new Set<number>()
  const refused: RefusedSource[] = []
  const passed: Record<string, number> = {}
  const note = async (event: IntakeEvent) => {
    if (event.type === 'refused') refused.push({ source: event.source, failure: refusalOf(event.why) })
    else if (event.type === 'added') tally?.add(event.count)
    else if (event.type === 'joined') {
      joined.add(event.jobId)
      if (tally?.join(event.jobId) !== true) return
      const job = await session.ask((client) => client.jobs.get({ id: event.jobId }))
      if (job !== null) tally.note(job)
    }
  }
  for (let start = 0; start < wanted.sources.length; start += chunkSources) {
    const sources = wanted.sources.slice(start, start + chunkSources)
    for (const { why } of await sendRequest(session, { ...wanted.request, batchId, sources }, note, signal)) {
      // The names of what lies elsewhere are nobody's business here.
      const reason = isFailure(why) && why.code === 'pair-unsupported' ? 'not convertible to the target' : reasonOf(why)
      passed[reason] = (passed[reason] ?? 0) + 1
    }
  }
  return { batchId, jobs: await jobsIn(session, batchId), joined: [...joined], refused, passed }
}

function reasonOf(why: Parameters<typeof describeWhy>[0]): string {
  return isFailure(why) ? (why.code === 'outside-allowed' ? 'outside of the allowed folders' : why.code) : describeWhy(why)
}

/** What came into the queue while the call was being cancelled goes with the second time. */
async function cancelBatch(session: Session, batchId: number): Promise<void> {
  for (let times = 0; times < 2; times += 1)
    await session.ask((client) => client.jobs.cancel({ kind: 'batch', batchId })).catch(() => undefined)
}

/** One that does not know of allowed folders would not keep to them. */
async function refuseOtherVersion({ ask }: Session): Promise<void> {
  const about = await ask((client) => client.about())
  if (about.version !== version) throw new JobError('not-possible', { because: 'other-version' })
}

/** Of jobs that are followed, only that something has changed. */
export function followerOf(changed: () => void): JobReporter {
  const nothing = () => undefined
  return { job: changed, progress: changed, changed, refused: nothing, notice: nothing, stop: nothing, end: nothing }
}
