/** Ids of jobs, as services give them. One that is given twice would bring one file's result under the other's name. */
import { JobError } from '../../../shared/failure.ts'

/** Answers the id. @throws JobError `answer-lost` where it was given for another submit: nobody knows what became of this one. */
export type OwnId = (id: string, submitKey: string) => string

/** Services that give an id twice do so soon; what came before so many others is of no more use. */
const maxRemembered = 4_096

/** @param base where the service is now: another address counts by itself. */
export function createOwnId(provider: string, base: () => string): OwnId {
  const given = new Map<string, string>()
  return (id, submitKey) => {
    const there = `${base()} ${id}`
    const before = given.get(there)
    if (before !== undefined && before !== submitKey) {
      throw new JobError('answer-lost', { provider, reason: 'it names a job that is another one’s' })
    }
    given.set(there, submitKey)
    const [oldest] = given.keys()
    if (given.size > maxRemembered && oldest !== undefined) given.delete(oldest)
    return id
  }
}
