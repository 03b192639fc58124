/** Hands sources to whoever holds the queue, chunk by chunk, and tells what became of each. */
import type { ConvertRequest, IntakeEvent } from '../../../shared/wire/contract.ts'
import type { Failure, FailureCode } from '../../../shared/failure.ts'
import { isOffline, type Session } from '../../api/session.ts'
import type { Report } from '../report/report.ts'
import type { Tally } from '../tally.ts'
import type { Sources } from './sources.ts'

/** Refused as the user wished. */
const asWished: ReadonlySet<FailureCode> = new Set(['source-excluded', 'output-exists'])

export interface Intake {
  readonly session: Session
  readonly request: Omit<ConvertRequest, 'sources'>
  readonly tally: Tally
  readonly report: Report
  readonly signal: AbortSignal
}

/** Answers how many files of folders were left where they are because they are of another kind. */
export async function takeIn(chunks: AsyncIterable<Sources>, intake: Intake): Promise<number> {
  let passed = 0
  for await (const chunk of chunks) {
    if (chunk.kind === 'refused') refuse(chunk.name, chunk.why, intake)
    else passed += await send(chunk.sources, intake)
  }
  return passed
}

/**
 * A holder may go while it takes a chunk in. The next one gets the whole chunk again: what is queued already joins itself there, and what
 * was refused is told once.
 */
async function send(sources: readonly string[], intake: Intake): Promise<number> {
  const { session, request, signal } = intake
  const told = new Set<string>()
  for (let again = false; ; again = true) {
    let passed = 0
    try {
      for await (const event of await session.client.batches.convert({ ...request, sources: [...sources], again }, { signal })) {
        if (event.type === 'passed') passed += 1
        else if (event.type !== 'refused' || !told.has(event.source)) await take(event, intake)
        if (event.type === 'refused') told.add(event.source)
      }
      return passed
    } catch (error) {
      if (!isOffline(error)) throw error
      await session.rejoin()
    }
  }
}

async function take(event: IntakeEvent, intake: Intake): Promise<void> {
  const { session, tally, report } = intake
  switch (event.type) {
    case 'refused':
      refuse(event.source, event.why, intake)
      return
    case 'joined': {
      if (!tally.join(event.jobId)) return
      const job = await session.ask((client) => client.jobs.get({ id: event.jobId }))
      if (job !== null && tally.note(job) === 'moved') report.job(job, null)
      return
    }
    case 'added':
      tally.add(event.count)
      report.changed()
      return
    case 'passed':
    case 'end':
  }
}

function refuse(source: string, why: Failure, { tally, report }: Intake): void {
  const as = asWished.has(why.code) ? 'skipped' : 'failed'
  tally.refuse(as)
  report.refused(source, why, as)
}
