/** How a command ends: its exit status, as scripts see it, and the error of a command line that makes no sense. */
import type { Failure, FailureCode } from '../../shared/failure.ts'

export const exit = {
  /** All done, or skipped as asked. */
  done: 0,
  failed: 1,
  usage: 2,
  /** Something waits for the user. */
  waiting: 3,
  interrupted: 130,
} as const
export type ExitStatus = (typeof exit)[keyof typeof exit]

/** These say that the command itself was wrong, not that a conversion failed. */
const usageCodes: ReadonlySet<FailureCode> = new Set([
  'usage',
  'target-unknown',
  'option-unknown',
  'option-invalid',
  'preset-unknown',
  'name-invalid',
  'provider-unknown',
])

export function exitOf(failure: Failure): ExitStatus {
  return usageCodes.has(failure.code) ? exit.usage : exit.failed
}

/** The command line, or what it names, makes no sense. Only the command line knows this error; failures below it are data. */
export class UsageError extends Error {
  /** What to do; empty where there is nothing to add. */
  readonly hint: string

  constructor(message: string, hint = '', options?: ErrorOptions) {
    super(message, options)
    this.name = 'UsageError'
    this.hint = hint
  }
}

export const exitHelp = `
Exit status:
  0    everything was converted, or skipped as requested
  1    something failed
  2    the command line was invalid
  3    something waits for you (see \`beside queue\`)
  130  interrupted; what is left stays in the queue`
