/**
 * Work that costs little beside the start of its program: what waits for a place and is of one kind goes in one call. Each is still on its own:
 * what has no result after a call with others gets a call for itself, and with it the blame that is its due. Apart from any program.
 */
export interface Grouping<Work> {
  /** Only work of the same kind shares a call; it may change. */
  kindOf(work: Work): string
  /** At most so many in a call. */
  readonly max: number
  /** Calls at once; it may change. */
  width(): number
  /** Does them all, or some of them; what it throws is of no account unless it was asked for one alone. */
  call(works: readonly Work[], signal: AbortSignal): Promise<void>
  isDone(work: Work): Promise<boolean>
}

export interface GroupedRuns<Work> {
  /** Waits for a place. Throws what a call for it alone throws, or the signal's reason; nothing of it runs any more by then. */
  run(work: Work, signal: AbortSignal): Promise<void>
}

interface Waiting<Work> {
  readonly work: Work
  readonly signal: AbortSignal
  resolve(): void
  reject(reason: unknown): void
}

export function createGroupedRuns<Work>({ kindOf, max, width, call, isDone }: Grouping<Work>): GroupedRuns<Work> {
  let waiting: Waiting<Work>[] = []
  let running = 0

  function pump(): void {
    while (running < width()) {
      const [first] = waiting
      if (first === undefined) return
      const kind = kindOf(first.work)
      const group = waiting.filter(({ work }) => kindOf(work) === kind).slice(0, max)
      waiting = waiting.filter((other) => !group.includes(other))
      running += 1
      void serve(group).finally(() => {
        running -= 1
        pump()
      })
    }
  }

  async function serve(group: readonly Waiting<Work>[]): Promise<void> {
    if (group.length > 1) {
      // One that is no longer wanted ends the call for all; the others have lost little by that.
      const signal = AbortSignal.any(group.map((one) => one.signal))
      const works = group.map(({ work }) => work)
      await call(works, signal).catch(() => {})
    }
    for (const { work, signal, resolve, reject } of group) {
      if (signal.aborted) reject(signal.reason)
      else if (group.length > 1 && (await isDone(work))) resolve()
      else await call([work], signal).then(resolve, reject)
    }
  }

  return {
    run: async (work, signal) => {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const own: Waiting<Work> = { work, signal, resolve, reject }
      const onAbort = (): void => {
        if (!waiting.includes(own)) return
        waiting = waiting.filter((other) => other !== own)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.push(own)
      // Those that are asked for in the same moment are to find each other.
      queueMicrotask(pump)
      await promise.finally(() => signal.removeEventListener('abort', onAbort))
    },
  }
}
