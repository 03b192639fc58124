/**
 * Failures as data. A code decides whether to try again and which words a person reads; facts fill the words.
 * `JobError` is the one class thrown on purpose; whatever else is thrown becomes `internal` in `toFailure`.
 */

export const failureCodes = [
  // the source
  'source-missing',
  'source-unreadable',
  'source-empty',
  'source-not-file',
  'source-damaged',
  'source-changed',
  'source-unknown',
  'source-excluded',
  'link-loop',
  // what was asked for
  'usage',
  'target-unknown',
  'pair-unsupported',
  'option-unknown',
  'option-invalid',
  'option-unsupported',
  'preset-unknown',
  'source-is-target',
  'name-invalid',
  'name-too-long',
  'nothing-found',
  // the result
  'output-exists',
  'output-bad',
  'folder-missing',
  'folder-read-only',
  'disk-full',
  // the programs that convert
  'tool-missing',
  'tool-failed',
  'tool-crashed',
  'tool-timeout',
  'tool-memory',
  // online providers
  'provider-unknown',
  'provider-disabled',
  'key-missing',
  'key-rejected',
  'not-allowed',
  'out-of-credit',
  'cap-reached',
  'approval-needed',
  'price-untold',
  'private',
  'rate-limited',
  'queue-full',
  'provider-down',
  'provider-error',
  'conversion-failed',
  'answer-bad',
  'too-large',
  'source-not-local',
  'source-not-public',
  'gone',
  'network',
  'answer-lost',
  'deadline',
  'out-of-reach',
  // Beside itself
  'interrupted',
  'cancelled',
  'offline',
  'data-newer',
  'data-damaged',
  'data-busy',
  'keys-unreadable',
  'not-found',
  'not-possible',
  'changed-since',
  'internal',
] as const
export type FailureCode = (typeof failureCodes)[number]

/** Names and figures for the words, e.g. `{ path, reason }`. Never a key, never a token. */
export type FailureFacts = Readonly<Record<string, string>>

export interface Failure {
  readonly code: FailureCode
  readonly facts: FailureFacts
  /** When the other side said how long to wait. */
  readonly retryAfterMs?: number | undefined
}

export class JobError extends Error {
  readonly failure: Failure

  constructor(code: FailureCode, facts: FailureFacts = {}, more: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(`${code} ${JSON.stringify(facts)}`, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'JobError'
    this.failure = more.retryAfterMs === undefined ? { code, facts } : { code, facts, retryAfterMs: more.retryAfterMs }
  }
}

export function failure(code: FailureCode, facts: FailureFacts = {}): Failure {
  return { code, facts }
}

/** The system's error numbers that have a meaning of their own for a person; `about` is the path in question. */
const systemCodes: Readonly<Record<string, FailureCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'folder-read-only',
  ENAMETOOLONG: 'name-too-long',
  ELOOP: 'link-loop',
}

function isSystemError(error: unknown): error is NodeSystemError {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string'
}
interface NodeSystemError extends Error {
  readonly code: string
  readonly path?: string
}

/** Anything thrown, as a failure. Only what was thrown on purpose, or by the system with a clear meaning, keeps its sense. */
export function toFailure(error: unknown): Failure {
  if (error instanceof JobError) return error.failure
  if (isSystemError(error)) {
    const code = systemCodes[error.code]
    if (code !== undefined) return failure(code, { path: error.path ?? '', reason: error.code })
  }
  return failure('internal', { reason: error instanceof Error ? error.message : String(error) })
}
