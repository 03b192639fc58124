/** How `beside` ends, as scripts see it. */
import type { Failure, FailureCode } from '../../shared/failure.ts'

export const exit = {
  /** All done, or skipped as wished. */
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

export const exitHelp = `
Exit status:
  0    all done, or skipped as wished
  1    something failed
  2    the command was wrong
  3    something waits for you (see \`beside queue\`)
  130  interrupted; what is left stays in the queue`
