/** Orders taken back. One that somebody else gave as well is theirs, and goes on. */
import { isFinished, isTaken, workOf, type Job, type Phase } from '../../shared/job.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { SightingStore } from '../store/ledger.ts'

export interface RecallPorts {
  readonly sightings: SightingStore
  readonly engine: Pick<Engine, 'cancel'>
  readonly jobOf: (id: number) => Job | null
}

/** All that was ordered for a line is for contents that are no more. */
export async function withdraw(id: number, ports: RecallPorts): Promise<void> {
  const orders = ordersOf(id, ports)
  ports.sightings.letGo(id)
  await cancel(orders, ports)
}

const begun: ReadonlySet<Phase> = new Set(['running', 'uncertain', 'done', 'skipped'])

/** A job that runs has its file already, or will say that it is missing; what may have been paid for is not given up. */
function goesOn({ state }: Job): boolean {
  const work = workOf(state)
  return begun.has(state.phase) || (work !== null && isTaken(work)) || (state.phase === 'failed' && state.sent === true)
}

/** The line's file is elsewhere, or nowhere: takes back what has not begun, or has failed. Answers whether there was anything. */
export async function recall(id: number, ports: RecallPorts): Promise<boolean> {
  const idle = ordersOf(id, ports).filter(({ job }) => !goesOn(job))
  for (const { output } of idle) ports.sightings.unhand(id, output)
  await cancel(idle, ports)
  return idle.length > 0
}

interface Ordered {
  readonly output: number
  readonly job: Job
  readonly isOwn: boolean
}

function ordersOf(id: number, { sightings, jobOf }: RecallPorts): readonly Ordered[] {
  return sightings.handsOf(id).flatMap(({ output, batchId, jobId }) => {
    const job = jobId === null ? null : jobOf(jobId)
    return job === null ? [] : [{ output, job, isOwn: job.batchId === batchId }]
  })
}

async function cancel(orders: readonly Ordered[], { engine }: RecallPorts): Promise<void> {
  const ids = orders.flatMap(({ job, isOwn }) => (isOwn && !isFinished(job.state) ? [job.id] : []))
  if (ids.length > 0) await engine.cancel({ kind: 'ids', ids })
}
