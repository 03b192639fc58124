/**
 * A store whose process kills itself with SIGKILL at a named point: `write N` (at the N-th write to it), `added`, `claimed`,
 * `before STEP` (its row not yet written), `after STEP` (written; `naming`: with the final name), and of watched folders `seen` (lines of the ledger), `handing` (noted, not yet queued), `handed`, `recalled`.
 */
import type { Store } from '../../src/main/store/store.ts'
import type { JobEvent } from '../../src/shared/job.ts'

/** @param dieAt null: it lives. */
export function mortal(store: Store, dieAt: string | null): Store {
  if (dieAt === null) return store
  const { jobs, sightings } = store
  let writes = 0
  const at = (point: string) => {
    writes += 1
    if (dieAt === point || dieAt === `write ${writes}`) process.kill(process.pid, 'SIGKILL')
  }
  const then = <T>(value: T, point: string): T => {
    at(point)
    return value
  }
  return {
    ...store,
    jobs: {
      ...jobs,
      add: (batchId, drafts, nowMs) => then(jobs.add(batchId, drafts, nowMs), 'added'),
      claim: (lane, nowMs) => {
        const job = jobs.claim(lane, nowMs)
        if (job !== null) at('claimed')
        return job
      },
      claimSiblings: (of, isWanted, nowMs) => {
        const siblings = jobs.claimSiblings(of, isWanted, nowMs)
        if (siblings.length > 0) at('claimed with it')
        return siblings
      },
      apply: (id, event, kept) => {
        const point = pointOf(event)
        at(`before ${point}`)
        return then(jobs.apply(id, event, kept), `after ${point}`)
      },
    },
    sightings: {
      ...sightings,
      write: (entries, nowMs, listings) => then(sightings.write(entries, nowMs, listings), 'seen'),
      assign: (ids, batches, why, nowMs) => then(sightings.assign(ids, batches, why, nowMs), 'handing'),
      complete: (rows) => then(sightings.complete(rows), 'handed'),
      unassign: (id, output) => then(sightings.unassign(id, output), 'recalled'),
    },
  }
}

function pointOf(event: JobEvent): string {
  if (event.type !== 'step') return event.type
  return event.work.step === 'place' && event.work.places.length > 0 ? 'naming' : event.work.step
}
