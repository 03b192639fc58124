/**
 * Failures as they cross between processes, both ways: a JobError becomes the contract's typed error FAILURE, and that is the same JobError
 * at the other end. Every router and every client maps its errors here and nowhere else.
 */
import { mapEventIterator, ORPCError } from '@orpc/client'
import { JobError, toFailure, type Failure } from '../failure.ts'
import { failureSchema } from '../job.ts'

/** What a call threw where it was answered. An input outside the contract stays what oRPC says of it. */
export function toWire(error: unknown): ORPCError<string, unknown> {
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST') return error
  return new ORPCError('FAILURE', { defined: true, data: toFailure(error), cause: error })
}

/** What a call threw, as its caller sees it. */
export function fromWire(error: unknown): JobError {
  return error instanceof JobError ? error : JobError.from(failureOnWire(error), error)
}

function failureOnWire(error: unknown): Failure {
  if (!(error instanceof ORPCError)) return toFailure(error)
  switch (error.code) {
    case 'FAILURE': {
      const { data } = failureSchema.safeParse(error.data)
      return data ?? toFailure(error)
    }
    case 'BAD_REQUEST':
      return { code: 'usage', facts: { because: 'request-invalid', ...issueOf(error) } }
    case 'NOT_FOUND':
      return { code: 'not-possible', facts: { because: 'other-version' } }
    default:
      return toFailure(error)
  }
}

/** Nobody holds the queue at the moment, or whoever did has gone. */
export function isOffline(error: unknown): boolean {
  return error instanceof JobError && error.failure.code === 'offline'
}

/** The first thing that does not fit, in the words of the schema. */
function issueOf(error: ORPCError<string, unknown>): { readonly field?: string; readonly reason: string } {
  const { issues } = (error.data ?? {}) as { issues?: readonly { message?: string; path?: readonly unknown[] }[] }
  const [issue] = issues ?? []
  if (issue === undefined) return { reason: error.message }
  return { field: (issue.path ?? []).map(String).join('.'), reason: issue.message ?? error.message }
}

/** An answer whose stream, where it is one, fails with what `mapped` makes of an error. */
export function withErrors<T>(answer: T, mapped: (error: unknown) => unknown): T {
  if (!isStream(answer)) return answer
  return mapEventIterator(answer, {
    value: async (value: unknown) => value,
    error: async (error: unknown) => mapped(error),
  }) as T
}

function isStream(value: unknown): value is AsyncIterator<unknown, unknown, void> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
