/** One command from its words to its exit status. */
import { CommanderError } from 'commander'
import { Interrupted, surroundings, type Around } from './around.ts'
import { exit, type ExitStatus } from './exit.ts'
import { createProgram } from './program.ts'
import { tell } from './trouble.ts'
import { version } from './version.ts'

export async function run(words: readonly string[]): Promise<void> {
  const around = surroundings()
  const status = await statusOf(words, around)
  await around.screen.write('').catch(() => {})
  // What a broken library may have left open must not keep a script waiting.
  process.exit(status)
}

async function statusOf(words: readonly string[], around: Around): Promise<ExitStatus> {
  let status: ExitStatus = exit.done
  try {
    const program = await createProgram(words, version, async (command) => {
      status = await command(around)
    })
    await program.parseAsync(words, { from: 'user' })
    return status
  } catch (error) {
    // Commander has said already what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage
    if (error instanceof Interrupted || around.interruption.aborted) return interruptedStatus(around)
    return await tell(error, around)
  }
}

/** `beside history | head` has got what was wanted. */
function interruptedStatus({ interruption }: Around): ExitStatus {
  const reason: unknown = interruption.reason
  return reason instanceof Interrupted && reason.by === 'reader' ? exit.done : exit.interrupted
}
