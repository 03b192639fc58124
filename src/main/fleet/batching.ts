/**
 * Questions that are asked in one moment go out as one: what is asked while an answer is under way waits for it, and then goes with all that has
 * come meanwhile. The more there is to ask, the less each question costs.
 */
interface Asked<Question, Answer> {
  readonly question: Question
  resolve(answer: Answer): void
  reject(reason: unknown): void
}

/**
 * @param ask answers each question, in order; where it throws, nobody of those is answered.
 * @param batchSize questions at once.
 */
export function batching<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
  batchSize: number,
): (question: Question) => Promise<Answer> {
  let waiting: Asked<Question, Answer>[] = []
  let isAsking = false
  const askAll = async () => {
    while (waiting.length > 0) {
      const some = waiting.slice(0, batchSize)
      waiting = waiting.slice(batchSize)
      try {
        const answers = await ask(some.map(({ question }) => question))
        for (const [n, { resolve }] of some.entries()) resolve(answers[n] as Answer)
      } catch (error) {
        for (const { reject } of some) reject(error)
      }
    }
    isAsking = false
  }
  return async (question) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    waiting.push({ question, resolve, reject })
    if (!isAsking) {
      isAsking = true
      setImmediate(() => void askAll())
    }
    return await promise
  }
}
