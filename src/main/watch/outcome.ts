/** Pure: where a line stands by what became of its jobs. */
import { dirname } from 'node:path'
import { describe } from '../../shared/describe.ts'
import type { Why } from '../../shared/folders.ts'
import type { Job } from '../../shared/job.ts'
import { isFinished } from '../../shared/job.ts'
import { failure, type Failure, type FailureCode } from '../../shared/failure.ts'

export type Outcome =
  | { readonly kind: 'working'; readonly why: Why }
  | { readonly kind: 'done'; readonly why: Why }
  | { readonly kind: 'left'; readonly why: Why }
  | { readonly kind: 'failed'; readonly why: Failure }
  /** It failed after a provider had taken it: another try is paid for anew, and that is the user's to say. */
  | { readonly kind: 'spent'; readonly why: Failure }
  /** It failed for a reason that is not the file's and may pass, however long that takes. */
  | { readonly kind: 'hindered'; readonly why: Failure }
  /** Not now: the jobs wait for a new day, or for another word. */
  | { readonly kind: 'unpaid'; readonly why: Why }
  /** The file, or what it was, or its whole folder, was elsewhere when its turn came. */
  | { readonly kind: 'missed' }
  /** Nothing is ordered: it was taken back, and a crash came before that was said of the file. */
  | { readonly kind: 'unordered' }

/** @param jobs all that were ordered; null for one that the history no longer has. */
export function outcomeOf(jobs: readonly (Job | null)[], spends: 'with permission' | 'never'): Outcome {
  if (jobs.length === 0) return { kind: 'unordered' }
  const known = jobs.filter((job) => job !== null)
  const states = known.map(({ state }) => state)
  const unpaid = known.filter(({ state }) => state.phase === 'waiting' && state.why.code === 'cap-reached')
  if (spends === 'with permission' && unpaid.length > 0) {
    const [first] = unpaid
    const reason = first?.state.phase === 'waiting' ? describe(first.state.why).message : ''
    return { kind: 'unpaid', why: { code: 'spend-cap', facts: { reason } } }
  }
  const asks = states.find((state) => state.phase === 'waiting' || state.phase === 'uncertain')
  if (asks !== undefined) return { kind: 'working', why: { code: 'waits-for-you', facts: {} } }
  if (!states.every(isFinished)) return { kind: 'working', why: { code: 'queued', facts: {} } }
  const spent = states.find((state) => state.phase === 'failed' && state.sent === true)
  if (spent?.phase === 'failed') return { kind: 'spent', why: spent.why }
  const failed = known.flatMap(({ order, state }) => (state.phase === 'failed' ? [{ order, why: state.why }] : []))
  if (failed.length > 0 && failed.every(isMissed)) return { kind: 'missed' }
  const [first] = failed.toSorted((one, other) => Number(isHindered(one)) - Number(isHindered(other)))
  if (first !== undefined) return { kind: isHindered(first) ? 'hindered' : 'failed', why: first.why }
  if (states.some(({ phase }) => phase === 'cancelled')) return { kind: 'left', why: failure('cancelled') }
  if (states.some(({ phase }) => phase === 'done')) return { kind: 'done', why: { code: 'converted', facts: {} } }
  const skipped = states.find((state) => state.phase === 'skipped')
  if (skipped?.phase === 'skipped') return { kind: 'left', why: skipped.why }
  return { kind: 'done', why: { code: 'forgotten', facts: {} } }
}

function isMissed({ order, why }: Failed): boolean {
  const isBeside = order.source.kind === 'file' && dirname(order.source.path) === order.folder
  return why.code === 'source-missing' || why.code === 'source-changed' || (why.code === 'folder-missing' && isBeside)
}

function isHindered({ why }: Failed): boolean {
  return hindrances.has(why.code)
}
type Failed = Pick<Job, 'order'> & { readonly why: Failure }
const hindrances: ReadonlySet<FailureCode> = new Set([
  'folder-missing', 'folder-read-only', 'disk-full', 'tool-missing', 'key-missing', 'key-rejected', 'provider-disabled', 'provider-down',
  'out-of-credit', 'not-allowed', 'network', 'rate-limited', 'queue-full',
]) // prettier-ignore

/** When a line that failed so often is tried again, or null where it has been often enough. */
export function retryAtMs(attempts: number, nowMs: number, retryMs: readonly number[]): number | null {
  const waitMs = retryMs[attempts - 1]
  return waitMs === undefined ? null : nowMs + waitMs
}

/** Why it cannot even be handed over now: reasons that are not the file's and may pass. */
export const passing: ReadonlySet<FailureCode> = new Set([
  'key-missing', 'key-rejected', 'provider-disabled', 'provider-down', 'out-of-credit', 'not-allowed', 'network', 'rate-limited',
  'queue-full', 'preset-unknown', 'private', 'internal',
]) // prettier-ignore
