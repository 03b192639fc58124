/** What went wrong, as a person reads it: what happened, why, and what to do. */
import { describe } from '../../shared/describe.ts'
import { toFailure, type Failure } from '../../shared/failure.ts'
import type { Screen } from './screen.ts'
import { exitOf, type ExitStatus } from './exit.ts'
import { shown } from './text.ts'

/** Ends a command that threw. */
export function tell(error: unknown, screen: Screen): ExitStatus {
  const failure = toFailure(error)
  screen.warn(troubleText(failure, screen))
  return exitOf(failure)
}

export function troubleText(failure: Failure, screen: Screen): string {
  const { message, action } = describe(failure)
  return [`${screen.paintWarning('red', 'Error:')} ${shown(message)}`, shown(action)].filter((line) => line !== '').join('\n')
}
