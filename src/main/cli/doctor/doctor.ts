/** `beside doctor`. It must say something useful above all where Beside cannot even start, so that it looks at the folder by itself. */
import { access, constants, stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Check } from '../../../shared/wire/contract.ts'
import { describe } from '../../../shared/describe.ts'
import { JobError, toFailure } from '../../../shared/failure.ts'
import { homePath } from '../../home.ts'
import { logPath } from '../../log.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { withSession } from '../open.ts'
import { line } from '../report/json.ts'
import type { Screen, Style } from '../screen.ts'
import { shown } from '../text.ts'
import { version } from '../version.ts'

export interface DoctorWords {
  readonly json?: true
  readonly bundle?: string
}

export async function doctor(words: DoctorWords, around: Around): Promise<ExitStatus> {
  const { screen } = around
  const checks = [about(), await dataFolder(around), ...(await engineChecks(around))]
  if (words.json === true) for (const check of checks) screen.print(line('check', { ...check }))
  else for (const text of checks.map((check) => checkText(check, screen))) screen.print(text)
  if (words.bundle !== undefined) {
    const path = await writeBundle(words.bundle, around)
    screen.print(
      words.json === true ? line('bundle', { path }) : `Wrote ${shown(path)}. Lines of the log in it may name your files.`,
    )
  }
  return checks.some(({ state }) => state === 'trouble') ? exit.failed : exit.done
}

async function writeBundle(file: string, around: Around): Promise<string> {
  const path = resolve(around.cwd, file)
  const { zip } = await withSession(around, 'look', async ({ ask }) => await ask((client) => client.support.bundle()))
  await writeFile(path, Buffer.from(zip, 'base64'), { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'EEXIST' ? `${path} is there already.` : `${path} cannot be written: ${error.message}.`
    throw new JobError('usage', { reason, hint: 'Choose another name.' })
  })
  return path
}

function about(): Check {
  return {
    what: 'Beside',
    state: 'ok',
    found: `${version} on Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    action: '',
  }
}

async function dataFolder({ env, cwd }: Around): Promise<Check> {
  const path = homePath(env, cwd)
  const what = 'Data folder'
  try {
    if (!(await stat(path)).isDirectory())
      return { what, state: 'trouble', found: `${path} is no folder`, action: 'Set BESIDE_HOME to a folder.' }
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return { what, state: 'ok', found: `${path} (log: ${logPath(path)})`, action: '' }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT') return { what, state: 'ok', found: `${path}, made when it is needed`, action: '' }
    return {
      what,
      state: 'trouble',
      found: `${path}: ${String(code)}`,
      action: 'Give yourself permission, or set BESIDE_HOME to another folder.',
    }
  }
}

async function engineChecks(around: Around): Promise<readonly Check[]> {
  try {
    return await withSession(around, 'look', async ({ ask, role }) => {
      const checks = await ask((client) => client.doctor())
      const { totals, paused } = await ask((client) => client.queue.totals())
      const { pid } = await ask((client) => client.about())
      const held = role() === 'client' ? `, held by process ${pid}` : ''
      const queue = `${totals.queued} queued, ${totals.running} running${paused ? ', paused' : ''}${held}`
      return [{ what: 'Queue', state: 'ok', found: queue, action: '' }, ...checks]
    })
  } catch (error) {
    const { message, action } = describe(toFailure(error))
    return [{ what: 'Queue', state: 'trouble', found: message, action }]
  }
}

const marks: Readonly<Record<Check['state'], readonly [mark: string, style: Style]>> = {
  ok: ['ok', 'green'],
  missing: ['missing', 'yellow'],
  trouble: ['trouble', 'red'],
}

function checkText({ what, state, found, action }: Check, screen: Screen): string {
  const [mark, style] = marks[state]
  const head = `${screen.paint(style, mark.padEnd(8))} ${shown(what)}${found === '' ? '' : `: ${shown(found)}`}`
  return action === '' ? head : `${head}\n         ${shown(action)}`
}
