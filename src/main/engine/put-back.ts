/** Jobs that stand at `running` though nothing runs them, as after a crash: by the crash table, back into the queue or to the user. */
import { extensionOf } from '../../shared/formats.ts'
import type { Job, ProviderId } from '../../shared/job.ts'
import type { Provider } from '../providers/provider.ts'
import type { Store } from '../store/store.ts'
import type { Log } from './ports.ts'
import { recovery } from './recover.ts'
import { removeTemps } from './temp.ts'

export interface PutBackPorts {
  readonly store: Store
  readonly provider: (id: ProviderId) => Provider
  readonly log: Log
}

/** Answers those that it moved, each as it stands now. */
export async function* putBack(jobs: readonly Job[], { store, provider, log }: PutBackPorts): AsyncGenerator<Job> {
  for (const job of jobs) {
    if (job.state.phase !== 'running') continue
    const { work } = job.state
    const { event, discard } = recovery(work, provider(job.provider).about.resubmit)
    if (discard) await removeTemps(job, store.tag, work)
    const moved = event.type === 'again' ? store.jobs.giveBack(job.id, event) : store.jobs.apply(job.id, event)
    log.info('put right after a crash', {
      id: job.id,
      step: work.step,
      phase: moved?.state.phase ?? null,
      target: extensionOf(job.order.target),
    })
    if (moved !== null) yield moved
  }
}
