/** `beside inspect`: what files hold, for people in lines, for programs as the model itself. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { describe, englishTexts } from '../../shared/describe.ts'
import { toFailure, type Failure } from '../../shared/failure.ts'
import type { MediaFacts } from '../../shared/media.ts'
import { mediaLines } from '../../shared/media-lines.ts'
import type { Session } from '../api/session.ts'
import { withSession, type CliContext, type JsonArgs, type Start } from './context.ts'
import { exit, type ExitStatus } from './exit.ts'
import { failureObject, jsonText } from './report/json.ts'
import type { Screen } from './terminal/screen.ts'
import { sheet } from './terminal/sheet.ts'
import { bytesText, clockText, numberText, shortPath, shown } from './terminal/text.ts'

export function defineInspect(program: Command, start: Start): void {
  program
    .command('inspect')
    .summary('show what files hold')
    .description(
      'Shows what files hold: streams with their languages and roles, what their pixels and samples mean, tags, pictures, chapters and attachments. Nothing is converted or changed.',
    )
    .argument('<file...>', 'files of any format that Beside reads')
    .option('--json', 'print JSON: one object, or an array for several files')
    .addHelpText(
      'after',
      `
Examples:
  beside inspect film.mkv
  beside inspect *.flac
  beside inspect photo.heic --json
  beside inspect -- -take-1.wav          a name that begins with a dash

Exit status: 0 if every file could be read, 1 if one could not.`,
    )
    .action(async (files: readonly string[], args: JsonArgs) => {
      await start(async (context) => await inspect(files, args, context))
    })
}

interface Inspected {
  readonly path: string
  readonly found: MediaFacts | Failure
}

async function inspect(files: readonly string[], { json }: JsonArgs, context: CliContext): Promise<ExitStatus> {
  const { screen, cwd } = context
  let failed = 0
  await withSession(context, 'look', async (session) => {
    for (const [index, file] of files.entries()) {
      const inspected = await look(resolve(cwd, file), session, context)
      if (isFailure(inspected.found)) failed += 1
      if (json === true) await screen.write(jsonPart(inspected, index, files.length))
      else print(inspected, index === 0 ? '' : '\n', context)
    }
  })
  return failed > 0 ? exit.failed : exit.done
}

async function look(path: string, { ask }: Session, { interruption }: CliContext): Promise<Inspected> {
  try {
    return { path, found: await ask((client) => client.media.inspect({ path }, { signal: interruption })) }
  } catch (error) {
    // One that cannot be read keeps nobody from the others.
    interruption.throwIfAborted()
    return { path, found: toFailure(error) }
  }
}

function isFailure(found: MediaFacts | Failure): found is Failure {
  return 'code' in found
}

/** A folder of files need not fit into memory. */
function jsonPart({ path, found }: Inspected, index: number, count: number): string {
  const text = jsonText(isFailure(found) ? { path, failure: failureObject(found) } : { path, ...found })
  if (count === 1) return `${text}\n`
  return `${index === 0 ? '[\n' : ',\n'}${text}${index === count - 1 ? '\n]\n' : ''}`
}

function print({ path, found }: Inspected, before: string, { screen, cwd }: CliContext): void {
  const name = shortPath(path, cwd)
  if (isFailure(found)) {
    const { message, action } = describe(found)
    const hint = action === '' ? '' : `\n    ${shown(action)}`
    return screen.warn(`${screen.paintWarning('red', screen.isLive ? '✗' : 'failed:')} ${name}: ${shown(message)}${hint}`)
  }
  screen.print(`${before}${screen.paint('bold', name)}\n${factsText(found, screen)}`)
}

const maxText = 300

function factsText(facts: MediaFacts, screen: Screen): string {
  const figures = { bytes: bytesText, length: clockText, number: decimalText }
  const lines = mediaLines(facts, { texts: englishTexts, figures, maxValues: Infinity, maxText })
  return sheet(
    lines.map(({ label, values }) => ({ label: shown(label), values: values.map(shown) })),
    screen,
  )
}

/** `44.1`, `12,345`. */
function decimalText(value: number): string {
  const whole = Math.trunc(value)
  return `${numberText(whole)}${String(value).slice(String(whole).length)}`
}
