/** Ids of jobs, as services give them. One that is given twice would bring one file's result under the other's name. */
import { JobError } from '../../../shared/failure.ts'

/** Answers the id. @throws JobError `answer-lost` where it was given for another submit: nobody knows what became of this one. */
export type OwnId = (id: string, submitKey: string) => string

export function createOwnId(provider: string): OwnId {
  const given = new Map<string, string>()
  return (id, submitKey) => {
    const before = given.get(id)
    if (before !== undefined && before !== submitKey) {
      throw new JobError('answer-lost', { provider, reason: 'it names a job that is another one’s' })
    }
    given.set(id, submitKey)
    return id
  }
}
