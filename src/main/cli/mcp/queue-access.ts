/**
 * The queue for as long as somebody needs it. A server waits for hours between two calls, and need not hold the queue of the user for that: it is
 * opened with the first call that needs it and left with the last. Whoever only reads has an engine that begins nothing.
 *
 *   use      open    to look         to work
 *   look     –       opens it        opens it
 *   look     look    the same one    a second one beside it: it has the first, or whoever else holds the queue, begin
 *   work     work    the same one    the same one
 */
import type { SessionMode } from '../../api/carriers/address.ts'
import type { Session } from '../../api/session.ts'

export type UseMode = Exclude<SessionMode, 'watch'>

export interface QueueAccess {
  use<T>(mode: UseMode, task: (session: Session) => Promise<T>): Promise<T>
  /** Whether something here has the queue worked at. */
  works(): boolean
  /** Resolves when nobody uses it any more and it has been left. */
  quiet(): Promise<void>
}

export function createQueueAccess(open: (mode: UseMode) => Promise<Session>): QueueAccess {
  /** In the order in which they were opened. */
  const sessions = new Map<UseMode, Promise<Session>>()
  let users = 0
  let left: Promise<void> = Promise.resolve()
  const resting = new Set<() => void>()

  const sessionFor = async (mode: UseMode): Promise<Session> => {
    await left
    const known = sessions.get('work') ?? sessions.get(mode)
    if (known !== undefined) return await known
    const opened = open(mode)
    sessions.set(mode, opened)
    // Whoever comes next tries anew.
    void opened.catch(() => sessions.delete(mode))
    return await opened
  }
  /** The last one first: where it is a guest of the other, it has nothing to move to. */
  const leave = async () => {
    const all = [...sessions.values()].toReversed()
    sessions.clear()
    for (const opened of all) await (await opened.catch(() => null))?.close()
  }
  const rest = () => {
    if (users === 0) for (const resolve of resting) resolve()
  }
  return {
    works: () => sessions.has('work'),
    quiet: async () => {
      await left
      if (users > 0) await new Promise<void>((resolve) => resting.add(resolve))
    },
    use: async (mode, task) => {
      users += 1
      try {
        return await task(await sessionFor(mode))
      } finally {
        users -= 1
        if (users === 0) {
          left = leave()
          await left
          rest()
        }
      }
    },
  }
}
