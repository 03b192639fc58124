/** One command from its words to its exit status. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { CommanderError } from 'commander'
import { Interrupted, surroundings, type Around } from './around.ts'
import { exit, type ExitStatus } from './exit.ts'
import { createProgram } from './program.ts'
import { shown } from './text.ts'
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
    if (error instanceof CommanderError) {
      if (error.code === 'commander.unknownOption') explainDash(words, around)
      return error.exitCode === 0 ? exit.done : exit.usage
    }
    if (error instanceof Interrupted || around.interruption.aborted) return interruptedStatus(around)
    return await tell(error, around)
  }
}

/** A name that begins with a dash is taken for an option. */
function explainDash(words: readonly string[], { screen, cwd }: Around): void {
  const name = words.find((word) => word.startsWith('-') && existsSync(resolve(cwd, word)))
  if (name !== undefined)
    screen.warn(`There is a file of that name: it goes behind --, as in beside ${shown(words[0] ?? '')} … -- ${shown(name)}`)
}

/** `beside history | head` has got what was wanted. */
function interruptedStatus({ interruption }: Around): ExitStatus {
  const reason: unknown = interruption.reason
  return reason instanceof Interrupted && reason.by === 'reader' ? exit.done : exit.interrupted
}
