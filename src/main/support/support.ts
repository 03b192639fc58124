/**
 * For debugging: the end of the log, and a bundle that can be sent to somebody. That is one ZIP of plain texts that its owner
 * can read before sending it: versions,
 * settings, checks, counts and the log. No key, no list of files; but lines of the log may name some.
 */
import { availableParallelism, homedir, release, totalmem } from 'node:os'
import { open } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import * as z from 'zod'
import { logLevels, type Bundle, type LogEnd, type LogLine } from '../../shared/wire/contract.ts'
import type { Clock, Secrets } from '../engine/ports.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { Hooks } from '../hooks/hooks-api.ts'
import { logPath } from '../log.ts'
import { secretNames } from '../secrets.ts'
import type { Folders } from '../watch/folders-api.ts'

export interface Support {
  log(home: string, lines: number): Promise<LogEnd>
  bundle(about: { readonly version: string; readonly home: string }): Promise<Bundle>
}

export interface SupportPorts {
  readonly engine: Engine
  readonly folders: Folders
  readonly hooks: Pick<Hooks, 'list'>
  readonly secrets: Secrets
  readonly clock: Clock
}

/** Of each of the two files of the log. */
const logBytes = 1024 * 1024

const readme = `What is in here: the versions in use, the settings, what "beside doctor" finds, counts of the queue and the history, and the end
of the log. No key is in it, and no file that was converted. Lines of the log may name files and folders; read them before you send this.
`

export function createSupport(ports: SupportPorts): Support {
  return {
    log: async (home, lines) => ({ path: logPath(home), lines: [...(await logEnd(logPath(home), lines))] }),
    bundle: async (about) => await bundle(ports, about),
  }
}

async function bundle(
  { engine, folders, hooks, secrets, clock }: SupportPorts,
  about: { readonly version: string; readonly home: string },
): Promise<Bundle> {
  const at = new Date(clock.nowMs())
  const path = logPath(about.home)
  const known = hooks.list()
  const clean = cleaner(
    await keysIn(
      secrets,
      known.map(({ hook }) => hook.id),
    ),
  )
  const json = (value: unknown) => clean(`${JSON.stringify(value, null, 2)}\n`)
  const texts = {
    'READ ME.txt': readme,
    'about.json': json({
      beside: about.version,
      data: about.home,
      at: at.toISOString(),
      versions: process.versions,
      system: {
        platform: process.platform,
        release: release(),
        arch: process.arch,
        cores: availableParallelism(),
        memory: totalmem(),
      },
      machine: engine.machine(),
    }),
    'settings.json': json(engine.settings()),
    'doctor.json': json(await engine.doctor()),
    'counts.json': json({
      queue: engine.totals(),
      history: engine.history.sums({}),
      presets: engine.presets.list().filter(({ group }) => group === 'own').length,
      folders: folders.list().map(({ id, on, health }) => ({ id, on, health })),
      // Neither names nor addresses nor arguments: they may hold tokens.
      hooks: known.map(({ hook, counts }) => ({ id: hook.id, after: hook.after, does: hook.action.kind, on: hook.on, counts })),
    }),
    'providers.json': json(await engine.providers.list()),
    'log.txt': clean((await endOf(`${path}.1`, logBytes)) + (await endOf(path, logBytes))),
  }
  const zip = new ZipFile()
  for (const [name, text] of Object.entries(texts)) zip.addBuffer(Buffer.from(text), name, { mtime: at })
  zip.end()
  const day = at.toISOString().slice(0, 10)
  return { name: `beside-support-${day}.zip`, zip: (await buffer(zip.outputStream)).toString('base64') }
}

async function keysIn(secrets: Secrets, hooks: readonly number[]): Promise<readonly string[]> {
  const found = await Promise.all(secretNames(hooks).map(async (name) => await secrets.get(name).catch(() => null)))
  return found.filter((key) => key !== null && key !== '') as readonly string[]
}

/** Nothing writes keys into any of this. Should something ever do, it still does not get out. And a home folder has its owner's name. */
function cleaner(keys: readonly string[]): (text: string) => string {
  const own = homedir()
  const swaps: readonly (readonly [from: string, to: string])[] = [
    ...keys.flatMap((key) => [key, encodeURIComponent(key)]).map((face) => [face, '(key)'] as const),
    ...(own.length > 1 ? [[own, '~'] as const] : []),
  ]
  return (text) => swaps.reduce((rest, [from, to]) => rest.replaceAll(from, to), text)
}

const writtenSchema = z.looseObject({ at: z.string(), level: z.enum(logLevels), text: z.string() })

/** What is cut through or was not written by us is passed over. */
async function logEnd(path: string, lines: number): Promise<readonly LogLine[]> {
  // A line of ours is rarely longer than this.
  const text = await endOf(path, lines * 1000)
  return text
    .split('\n')
    .flatMap((line) => parsed(line) ?? [])
    .slice(-lines)
}

/** The last bytes of a file, from the beginning of a line on; nothing where there is no file. */
async function endOf(path: string, bytes: number): Promise<string> {
  const file = await open(path).catch(() => null)
  if (file === null) return ''
  try {
    const { size } = await file.stat()
    const start = Math.max(0, size - bytes)
    const { buffer: end, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
    const text = end.toString('utf8', 0, bytesRead)
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    await file.close()
  }
}

function parsed(line: string): LogLine | null {
  try {
    const { at, level, text, pid: _, ...facts } = writtenSchema.parse(JSON.parse(line))
    return { at, level, text, facts: Object.keys(facts).length === 0 ? '' : JSON.stringify(facts) }
  } catch {
    return null
  }
}
