/** `beside doctor`. It must say something useful above all where Beside cannot even start, so that it looks at the data folder by itself. */
import { access, constants, stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { describe, describeCheck } from '../../shared/describe.ts'
import { toFailure } from '../../shared/failure.ts'
import type { FfmpegState } from '../../shared/ffmpeg.ts'
import type { Check } from '../../shared/machine.ts'
import { versionAndPlace, withSession, type CliContext, type JsonArgs, type Start } from './context.ts'
import { exit, UsageError, type ExitStatus } from './exit.ts'
import { ffmpegAction, fetchFfmpeg } from './fetch-ffmpeg.ts'
import { line } from './report/json.ts'
import type { Screen, Style } from './terminal/screen.ts'
import { shown } from './terminal/text.ts'

export function defineDoctor(program: Command, start: Start): void {
  program
    .command('doctor')
    .summary('check the installation')
    .description('Checks everything that Beside needs on this machine and says how to fix what is missing.')
    .option('--json', 'print JSON, one object per line')
    .option('--fetch-ffmpeg', 'fetch the FFmpeg that this version of Beside names for this system, into its data folder')
    .option('--bundle <file>', 'write a ZIP for support: versions, settings, this report, counts and the log; no keys')
    .addHelpText('after', '\nExit status: 0 if all is well or only something optional is missing, 1 if there is a problem.')
    .action(async (args: DoctorArgs) => await start(async (context) => doctor(args, context)))
}

/** A check in the words of the report: those of the engine, and those that are made here because they need no engine. */
interface Line {
  readonly what: string
  readonly state: Check['state']
  readonly found: string
  /** What to do about it; empty where nothing is to be done. */
  readonly action: string
}

interface DoctorArgs extends JsonArgs {
  readonly bundle?: string
  readonly fetchFfmpeg?: true
}

async function doctor(args: DoctorArgs, context: CliContext): Promise<ExitStatus> {
  const { screen } = context
  if (args.fetchFfmpeg === true) await fetchFfmpeg(context)
  const checks = [about(), await dataFolder(context), ...(await engineChecks(context))]
  if (args.json === true) for (const check of checks) screen.print(line('check', { ...check }))
  else for (const text of checks.map((check) => checkText(check, screen))) screen.print(text)
  if (args.bundle !== undefined) {
    const path = await writeBundle(args.bundle, context)
    screen.print(
      args.json === true ? line('bundle', { path }) : `Wrote ${shown(path)}. The log in it may contain names of your files.`,
    )
  }
  return checks.some(({ state }) => state === 'trouble') ? exit.failed : exit.done
}

async function writeBundle(file: string, context: CliContext): Promise<string> {
  const path = resolve(context.cwd, file)
  const { zip } = await withSession(context, 'look', async ({ ask }) => await ask((client) => client.support.bundle()))
  await writeFile(path, Buffer.from(zip, 'base64'), { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'EEXIST' ? `${path} already exists.` : `${path} cannot be written: ${error.message}.`
    throw new UsageError(reason, 'Choose another name.', { cause: error })
  })
  return path
}

function about(): Line {
  return {
    what: 'Beside',
    state: 'ok',
    found: `${versionAndPlace} on Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    action: '',
  }
}

async function dataFolder({ env, cwd }: CliContext): Promise<Line> {
  const [{ homePath }, { logPath }] = await Promise.all([import('../home.ts'), import('../log.ts')])
  const path = homePath(env, cwd)
  const what = 'Data folder'
  try {
    if (!(await stat(path)).isDirectory())
      return { what, state: 'trouble', found: `${path} is not a folder`, action: 'Set BESIDE_HOME to a folder.' }
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return { what, state: 'ok', found: `${path} (log: ${logPath(path)})`, action: '' }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT') return { what, state: 'ok', found: `${path}, created when needed`, action: '' }
    return {
      what,
      state: 'trouble',
      found: `${path}: ${String(code)}`,
      action: 'Check its permissions, or set BESIDE_HOME to another folder.',
    }
  }
}

async function engineChecks(context: CliContext): Promise<readonly Line[]> {
  try {
    return await withSession(context, 'look', async ({ ask, role }) => {
      const checks = await ask((client) => client.doctor())
      const ffmpeg = await ask((client) => client.ffmpeg.state())
      const { totals, paused } = await ask((client) => client.queue.totals())
      const { pid } = await ask((client) => client.about())
      const held = role() === 'guest' ? `, held by process ${pid}` : ''
      const queue = `${totals.queued} queued, ${totals.running} running${paused ? ', paused' : ''}${held}`
      return [{ what: 'Queue', state: 'ok', found: queue, action: '' }, ...checks.map((check) => lineOf(check, ffmpeg))]
    })
  } catch (error) {
    const { message, action } = describe(toFailure(error))
    return [{ what: 'Queue', state: 'trouble', found: message, action }]
  }
}

/** The order of the fields is part of `--json`. */
function lineOf(check: Check, ffmpeg: FfmpegState): Line {
  const { what, found, action } = describeCheck(check)
  const isMissing = check.of === 'ffmpeg' && ffmpeg.from === null
  return { what, state: check.state, found, action: isMissing ? ffmpegAction(ffmpeg) : action }
}

const marks: Readonly<Record<Check['state'], readonly [mark: string, style: Style]>> = {
  ok: ['ok', 'green'],
  missing: ['missing', 'yellow'],
  trouble: ['problem', 'red'],
}

function checkText({ what, state, found, action }: Line, screen: Screen): string {
  const [mark, style] = marks[state]
  const said = found === '' ? what : found.startsWith(`${what} `) ? found : `${what}: ${found}`
  const head = `${screen.paint(style, mark.padEnd(8))} ${shown(said)}`
  return action === '' ? head : `${head}\n         ${shown(action)}`
}
