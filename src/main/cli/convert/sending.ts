/** Sends sources to whoever holds the queue, over changes of who that is. Apart, as the command line and assistants send alike. */
import type { ConvertRequest, IntakeEvent } from '../../../shared/wire/contract.ts'
import type { Totals } from '../../../shared/model.ts'
import { isOffline } from '../../../shared/wire/errors.ts'
import type { Session } from '../../api/session.ts'

/**
 * A holder may go while it takes a request in. The next one gets the whole of it again: what is queued already joins itself there, and what was
 * refused is reported once. Answers what was left where it is, as the last holder has it.
 */
export async function sendRequest(
  session: Session,
  request: ConvertRequest,
  take: (event: IntakeEvent) => Promise<void> | void,
  signal: AbortSignal,
): Promise<readonly Extract<IntakeEvent, { type: 'passed' }>[]> {
  const reported = new Set<string>()
  for (let again = false; ; again = true) {
    const passed: Extract<IntakeEvent, { type: 'passed' }>[] = []
    try {
      for await (const event of await session.client.batches.convert({ ...request, again }, { signal })) {
        if (event.type === 'passed') passed.push(event)
        else if (event.type !== 'refused' || !reported.has(placeOf(event))) await take(event)
        if (event.type === 'refused') reported.add(placeOf(event))
      }
      return passed
    } catch (error) {
      if (!isOffline(error)) throw error
      await session.rejoin()
    }
  }
}

function placeOf({ source, output = 0 }: Extract<IntakeEvent, { type: 'refused' }>): string {
  return `${output} ${source}`
}

export async function jobsIn(session: Session, batchId: number): Promise<number> {
  const batch = await session.ask((client) => client.batches.get({ id: batchId }))
  const totals: Partial<Totals> = batch?.totals ?? {}
  return Object.values(totals).reduce((sum, jobs) => sum + jobs, 0)
}
