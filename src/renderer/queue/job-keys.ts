/** Keys that act on jobs. What a key means is the first action of that name that each job's phase allows. */
import type { Job } from '../../shared/job.ts'
import type { Beside } from '../app/context.tsx'
import { cancelJobs, guarded, type Action } from './job-actions.ts'

const byKey: Readonly<Record<string, readonly string[]>> = {
  Enter: ['details'],
  p: ['pause', 'resume'],
  r: ['retry', 'again'],
  Delete: ['cancel'],
  Backspace: ['cancel'],
}
const priorities: Readonly<Record<string, 1 | -1>> = { '+': 1, '=': 1, '-': -1 }

/** False where the key means nothing here. */
export function keyActions(
  key: string,
  jobs: readonly Job[],
  { calls }: Beside,
  actionsOf: (job: Job) => readonly Action[],
): boolean {
  const step = priorities[key]
  if (step !== undefined && jobs.length > 0) {
    changePriority(jobs, step, calls)
    return true
  }
  const names = byKey[key]
  const [first] = jobs
  if (names === undefined || first === undefined) return false
  if (jobs.length === 1) {
    const action = actionsOf(first).find(({ name }) => names.includes(name))
    action?.run()
    return action !== undefined
  }
  const selection = { kind: 'ids' as const, ids: jobs.map(({ id }) => id) }
  if (key === 'r') guarded(() => calls.jobs.retry(selection))
  else if (key === 'p')
    guarded(() =>
      jobs.some(({ state }) => state.phase === 'paused') ? calls.jobs.resume(selection) : calls.jobs.pause(selection),
    )
  else if (key !== 'Enter') guarded(() => cancelJobs(selection, calls))
  return true
}

export function changePriority(jobs: readonly Job[], step: 1 | -1, calls: Beside['calls']): void {
  for (const priority of [-1, 0, 1] as const) {
    const ids = jobs.filter((job) => Math.max(-1, Math.min(1, job.priority + step)) === priority).map(({ id }) => id)
    if (ids.length > 0) guarded(() => calls.jobs.setPriority({ ids, priority }))
  }
}
