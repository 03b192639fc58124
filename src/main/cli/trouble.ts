/** What went wrong, as a person reads it: what happened, why, and what to do. */
import { describe } from '../../shared/describe.ts'
import { toFailure, type Failure } from '../../shared/failure.ts'
import type { Around } from './around.ts'
import type { Screen } from './screen.ts'
import { exitOf, type ExitStatus } from './exit.ts'
import { shown } from './text.ts'

/** Ends a command that threw. What nobody has foreseen goes to the log in full. */
export async function tell(error: unknown, { screen, env, cwd }: Around): Promise<ExitStatus> {
  const failure = toFailure(error)
  screen.warn(troubleText(failure, screen))
  if (failure.code === 'internal') {
    const [{ fileLog, logPath }, { homePath }] = await Promise.all([import('../log.ts'), import('../home.ts')])
    const home = homePath(env, cwd)
    fileLog(home, 'info').error('a command failed', { stack: error instanceof Error ? error.stack : String(error) })
    screen.warn(`Log file: ${logPath(home)}`)
  }
  return exitOf(failure)
}

export function troubleText(failure: Failure, screen: Screen): string {
  const { message, action } = describe(failure)
  return [`${screen.paintWarning('red', 'Error:')} ${shown(message)}`, shown(action)].filter((line) => line !== '').join('\n')
}
