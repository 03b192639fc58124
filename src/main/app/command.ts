/** *Install the “beside” command*, where no installer does it: a link on macOS, a script that starts the AppImage on Linux. */
import { lstat, mkdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { appImageArgs } from '../packed.ts'

export interface CommandPlace {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  /** The user's. */
  readonly home: string
  /** The AppImage, or on macOS the folder of the app. */
  readonly app: string
  readonly run: (program: string, args: readonly string[]) => Promise<void>
}

export type CommandOutcome =
  | { readonly what: 'installed'; readonly path: string; readonly isOnPath: boolean }
  | { readonly what: 'removed' | 'taken'; readonly path: string }
  | { readonly what: 'absent' | 'move-first' }
  | { readonly what: 'failed'; readonly path: string; readonly reason: string }

/** Where every terminal of macOS looks. */
const forEverybody = '/usr/local/bin/beside'

/** What the system runs it from while it is not installed: a disk image, or a place that changes with each start. */
const isPassing = (app: string) => app.startsWith('/Volumes/') || app.includes('/AppTranslocation/')

/** Takes `system` for the place that may need an administrator; the user's own folder is next where there is none or he declines. */
export async function installCommand(place: CommandPlace, system = forEverybody): Promise<CommandOutcome> {
  const { platform, env, home, app, run } = place
  const own = join(home, '.local', 'bin', 'beside')
  const onPath = (path: string) => (env['PATH'] ?? '').split(delimiter).includes(dirname(path))
  if (platform !== 'darwin') {
    if ((await whatIs(own, app)) === 'other') return { what: 'taken', path: own }
    return await tryTo(own, async () => {
      await mkdir(dirname(own), { recursive: true })
      await writeFile(own, script(app), { mode: 0o755 })
      return { what: 'installed', path: own, isOnPath: onPath(own) }
    })
  }
  if (isPassing(app)) return { what: 'move-first' }
  const launcher = launcherOf(app)
  if ((await whatIs(system, app)) === 'other') return { what: 'taken', path: system }
  const isLinked = await link(launcher, system).then(
    () => true,
    async () =>
      await asAdministrator(run, `mkdir -p ${quoted(dirname(system))} && ln -sfn ${quoted(launcher)} ${quoted(system)}`),
  )
  if (isLinked) return { what: 'installed', path: system, isOnPath: true }
  if ((await whatIs(own, app)) === 'other') return { what: 'taken', path: own }
  return await tryTo(own, async () => {
    await link(launcher, own)
    return { what: 'installed', path: own, isOnPath: onPath(own) }
  })
}

export async function removeCommand(place: CommandPlace, system = forEverybody): Promise<CommandOutcome> {
  const { platform, home, app, run } = place
  const own = join(home, '.local', 'bin', 'beside')
  for (const path of platform === 'darwin' ? [system, own] : [own]) {
    if ((await whatIs(path, app)) !== 'ours') continue
    return await tryTo(path, async () => {
      await rm(path).catch(async (error: unknown) => {
        if (path !== system || !(await asAdministrator(run, `rm -f ${quoted(path)}`))) throw error
      })
      return { what: 'removed', path }
    })
  }
  return { what: 'absent' }
}

async function tryTo(path: string, work: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
  return await work().catch((error: unknown) => ({ what: 'failed', path, reason: error instanceof Error ? error.message : '' }))
}

const launcherOf = (app: string) => join(app, 'Contents', 'Resources', 'bin', 'beside')
const mark = '# Made by Beside: runs the command line of its AppImage.'

function script(image: string): string {
  return `#!/bin/sh\n${mark}\nELECTRON_RUN_AS_NODE=1 exec ${[image, ...appImageArgs].map(quoted).join(' ')} "$@"\n`
}

/** A link to another copy of Beside counts as ours: it is the one that is in use now that the user wants it to be. */
async function whatIs(path: string, app: string): Promise<'nothing' | 'ours' | 'other'> {
  const stats = await lstat(path).catch(() => null)
  if (stats === null) return 'nothing'
  if (stats.isSymbolicLink()) {
    const target = await readlink(path)
    return target === launcherOf(app) || /\/Beside[^/]*\.app\/Contents\/Resources\/bin\/beside$/.test(target) ? 'ours' : 'other'
  }
  const content = await readFile(path, 'utf8').catch(() => '')
  return content.includes(mark) ? 'ours' : 'other'
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await rm(path, { force: true })
  await symlink(target, path)
}

/** Asks for the password in the system's own dialog. False where the user declines, or it does not work. */
async function asAdministrator(run: CommandPlace['run'], command: string): Promise<boolean> {
  // A text of AppleScript has escapes for two characters.
  const text = command.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return await run('osascript', ['-e', `do shell script "${text}" with administrator privileges`]).then(
    () => true,
    () => false,
  )
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
