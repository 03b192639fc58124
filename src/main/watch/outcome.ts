/** Pure: where a line stands by what became of its jobs. */
import { describe } from '../../shared/describe.ts'
import type { Why } from '../../shared/folders.ts'
import type { Job } from '../../shared/job.ts'
import { isFinished } from '../../shared/job.ts'
import { failure, type Failure } from '../../shared/failure.ts'

export type Outcome =
  | { readonly kind: 'working'; readonly why: Why }
  | { readonly kind: 'done'; readonly why: Why }
  | { readonly kind: 'left'; readonly why: Why }
  | { readonly kind: 'failed'; readonly why: Failure; readonly jobs: readonly number[] }
  /** Not now: the jobs are taken back, and it waits for the money to be there again. */
  | { readonly kind: 'unpaid'; readonly why: Why; readonly jobs: readonly number[] }
  /** The file was elsewhere when its turn came. */
  | { readonly kind: 'missed' }

/** @param jobs null for one that the history no longer has. */
export function outcomeOf(jobs: readonly (Job | null)[], spends: 'with permission' | 'never'): Outcome {
  const known = jobs.filter((job) => job !== null)
  const states = known.map(({ state }) => state)
  const unpaid = known.filter(({ state }) => state.phase === 'waiting' && state.why.code === 'cap-reached')
  if (spends === 'with permission' && unpaid.length > 0) {
    const [first] = unpaid
    const reason = first?.state.phase === 'waiting' ? describe(first.state.why).message : ''
    return { kind: 'unpaid', why: { code: 'spend-cap', facts: { reason } }, jobs: unpaid.map(({ id }) => id) }
  }
  const asks = states.find((state) => state.phase === 'waiting' || state.phase === 'uncertain')
  if (asks !== undefined) return { kind: 'working', why: { code: 'waits-for-you', facts: {} } }
  if (!states.every(isFinished)) return { kind: 'working', why: { code: 'queued', facts: {} } }
  const failed = known.filter(({ state }) => state.phase === 'failed')
  const [first] = failed
  if (first?.state.phase === 'failed') {
    if (failed.every(({ state }) => state.phase === 'failed' && state.why.code === 'source-missing')) return { kind: 'missed' }
    return { kind: 'failed', why: first.state.why, jobs: failed.map(({ id }) => id) }
  }
  if (states.some(({ phase }) => phase === 'cancelled')) return { kind: 'left', why: failure('cancelled') }
  if (states.some(({ phase }) => phase === 'done')) return { kind: 'done', why: { code: 'converted', facts: {} } }
  const skipped = states.find((state) => state.phase === 'skipped')
  if (skipped?.phase === 'skipped') return { kind: 'left', why: skipped.why }
  return { kind: 'done', why: { code: 'forgotten', facts: {} } }
}

/** When a line that failed so often is tried again, or null where it has been often enough. */
export function retryAtMs(attempts: number, nowMs: number, retryMs: readonly number[]): number | null {
  const waitMs = retryMs[attempts - 1]
  return waitMs === undefined ? null : nowMs + waitMs
}
