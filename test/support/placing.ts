/** A fault that strikes between a result's check and its final name: the moment in which it is paid for and not yet safe. */
import type { Store } from '../../src/main/store/store.ts'

/** A store that lets something happen as soon as a job is known to be at its last step but one, the first time. */
export function strikingAtPlacing(store: Store, strike: (jobId: number) => void): Store {
  let hasStruck = false
  const apply: Store['jobs']['apply'] = (id, event) => {
    const job = store.jobs.apply(id, event)
    if (!hasStruck && event.type === 'step' && event.work.step === 'place') {
      hasStruck = true
      strike(id)
    }
    return job
  }
  return { ...store, jobs: { ...store.jobs, apply } }
}
