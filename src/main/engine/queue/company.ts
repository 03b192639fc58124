/**
 * Jobs that were begun together, so that their provider can make all their results in one run. None waits for one that will not come: each arrives at
 * its provider or leaves, and its run ends with leaving whatever became of it. Apart from the runner, which knows only jobs and lanes.
 *
 *   member    is                                        then
 *   coming    begun, not yet at its provider            arrived, left
 *   arrived   at its provider                           –
 *   left      over, or on its way without the others    –
 */
import type { Company } from '../../providers/provider.ts'

export interface Companion {
  readonly company: Company
  /** This one is not waited for any more. */
  leave(): void
}

/** @param count of jobs, at least two. */
export function createCompany(count: number): readonly Companion[] {
  const of = {}
  const { promise: gathered, resolve } = Promise.withResolvers<void>()
  let coming = count
  return Array.from({ length: count }, () => {
    let isComing = true
    const settle = () => {
      if (!isComing) return
      isComing = false
      coming -= 1
      if (coming === 0) resolve()
    }
    const arrive = async () => {
      settle()
      await gathered
    }
    return { company: { of, arrive }, leave: settle }
  })
}
