/**
 * One question at a time, and after it the newest: whoever drags through a video asks for more frames than anybody could draw, and a
 * picture that is half drawn is there sooner than one that is begun anew. Apart from React, which has no part in it.
 */

export interface Newest<Q> {
  ask(question: Q): void
  /** Ends what is under way; nothing is answered any more. */
  stop(): void
}

export function createNewest<Q, A>(
  answer: (question: Q, signal: AbortSignal) => Promise<A>,
  take: (question: Q, outcome: { readonly answer: A } | { readonly error: unknown }) => void,
): Newest<Q> {
  const stopped = new AbortController()
  let next: { readonly question: Q } | null = null
  let isBusy = false
  const pump = async () => {
    isBusy = true
    while (next !== null) {
      const { question } = next
      next = null
      const outcome = await answer(question, stopped.signal).then(
        (value) => ({ answer: value }),
        (error: unknown) => ({ error }),
      )
      if (stopped.signal.aborted) return
      take(question, outcome)
    }
    isBusy = false
  }
  return {
    ask: (question) => {
      next = { question }
      if (!isBusy) void pump()
    },
    stop: () => stopped.abort(),
  }
}
