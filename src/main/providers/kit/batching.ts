/**
 * Submits that come within a moment of each other go out as one call. What becomes of each is its own: one that is refused, or whose
 * answer is lost, fails alone; and one that is given up leaves the others where they are.
 */
import { JobError } from '../../../shared/failure.ts'
import type { Clock } from '../../engine/ports.ts'

/** What came of one of several: the id of its job, or why there is none. */
export type BatchOutcome = string | JobError

export interface BatchPorts<T> {
  readonly clock: Clock
  /** One, by a call of its own. Answers the id of its job. */
  submitOne(order: T, signal: AbortSignal): Promise<string>
  /** Several, in their order; null where none was taken, and each is to be sent alone. */
  submitBatch(orders: readonly T[], webhook: string | undefined, signal: AbortSignal): Promise<readonly BatchOutcome[] | null>
}

export type BatchedSubmit<T> = (order: T, webhook: string | undefined, signal: AbortSignal) => Promise<string>

/** So long the first waits for others. */
const windowMs = 50
/** Documented. */
const maxBatchSize = 10

interface Member<T> {
  readonly order: T
  readonly signal: AbortSignal
  readonly answer: PromiseWithResolvers<string>
}

interface Group<T> {
  readonly members: Member<T>[]
  readonly full: AbortController
  /** Nobody waits for it any more. */
  readonly over: AbortController
}

/** Only orders with the same webhook go together: it is stated once for all. */
export function createBatchedSubmit<T>({ clock, submitOne, submitBatch }: BatchPorts<T>): BatchedSubmit<T> {
  const open = new Map<string | undefined, Group<T>>()

  async function send(group: Group<T>, webhook: string | undefined): Promise<void> {
    await clock.sleep(windowMs, AbortSignal.any([group.full.signal, group.over.signal])).catch(() => undefined)
    if (open.get(webhook) === group) open.delete(webhook)
    const members = group.members.filter(({ signal }) => !signal.aborted)
    const outcomes =
      members.length < 2
        ? null
        : await submitBatch(
            members.map(({ order }) => order),
            webhook,
            group.over.signal,
          )
    for (const [n, { order, signal, answer }] of members.entries()) {
      const outcome = outcomes?.[n] ?? submitOne(order, signal)
      if (outcome instanceof JobError) answer.reject(outcome)
      else answer.resolve(outcome)
    }
  }

  function join(webhook: string | undefined, member: Member<T>): Group<T> {
    const found = open.get(webhook)
    if (found !== undefined) {
      found.members.push(member)
      return found
    }
    const group: Group<T> = { members: [member], full: new AbortController(), over: new AbortController() }
    open.set(webhook, group)
    send(group, webhook).catch((error: unknown) => {
      for (const { answer } of group.members) answer.reject(error)
    })
    return group
  }

  return async (order, webhook, signal) => {
    signal.throwIfAborted()
    const member: Member<T> = { order, signal, answer: Promise.withResolvers() }
    const group = join(webhook, member)
    if (group.members.length >= maxBatchSize) {
      open.delete(webhook)
      group.full.abort()
    }
    const leave = (): void => {
      member.answer.reject(signal.reason)
      if (group.members.every((other) => other.signal.aborted)) group.over.abort(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await member.answer.promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }
}
