/** One command from its arguments to its exit status, and the one place where what went wrong is reported. Apart from `main`, which ends its process. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { CommanderError } from 'commander'
import { describe } from '../../shared/describe.ts'
import { toFailure } from '../../shared/failure.ts'
import { Interrupted, versionAndPlace, type CliContext } from './context.ts'
import { exit, exitOf, UsageError, type ExitStatus } from './exit.ts'
import { createProgram } from './program.ts'
import type { Screen } from './terminal/screen.ts'
import { shown } from './terminal/text.ts'

export async function runCommand(args: readonly string[], context: CliContext): Promise<ExitStatus> {
  let status: ExitStatus = exit.done
  try {
    const program = await createProgram(args, versionAndPlace, context.screen, async (command) => {
      status = await command(context)
    })
    await program.parseAsync(args, { from: 'user' })
    return status
  } catch (error) {
    // Commander has already said what is wrong.
    if (error instanceof CommanderError) {
      if (error.code === 'commander.unknownOption') explainDash(args, context)
      return error.exitCode === 0 ? exit.done : exit.usage
    }
    if (error instanceof Interrupted || context.interruption.aborted) return interruptedStatus(context)
    return await reportError(error, context)
  }
}

/** A name that begins with a dash is taken for an option. */
function explainDash(args: readonly string[], { screen, cwd }: CliContext): void {
  const name = args.find((arg) => arg.startsWith('-') && existsSync(resolve(cwd, arg)))
  if (name !== undefined)
    screen.warn(`There is a file with that name. Put it after --: beside ${shown(args[0] ?? '')} … -- ${shown(name)}`)
}

/** `beside history | head` has got what was wanted. */
function interruptedStatus({ interruption }: CliContext): ExitStatus {
  const reason: unknown = interruption.reason
  return reason instanceof Interrupted && reason.by === 'reader' ? exit.done : exit.interrupted
}

/** What went wrong, as a person reads it: what happened, why, and what to do. What nobody has foreseen goes to the log in full. */
async function reportError(error: unknown, { screen, env, cwd }: CliContext): Promise<ExitStatus> {
  if (error instanceof UsageError) {
    printError(error.message, error.hint, screen)
    return exit.usage
  }
  const failure = toFailure(error)
  const { message, action } = describe(failure)
  printError(message, action, screen)
  if (failure.code === 'internal') {
    const [{ fileLog, logPath }, { homePath }] = await Promise.all([import('../log.ts'), import('../home.ts')])
    const home = homePath(env, cwd)
    fileLog(home, 'info').error('a command failed', { stack: error instanceof Error ? error.stack : String(error) })
    screen.warn(`Log file: ${logPath(home)}`)
  }
  return exitOf(failure)
}

function printError(message: string, hint: string, screen: Screen): void {
  screen.warn([`${screen.paintWarning('red', 'Error:')} ${shown(message)}`, shown(hint)].filter((line) => line !== '').join('\n'))
}
