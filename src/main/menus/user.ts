/** The menus of one user: written below the home folder for those file managers that are there, and taken away again without a trace. */
import { accessSync, constants, existsSync } from 'node:fs'
import { mkdir, readdir, readFile, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { languageTags, type Language } from '../../shared/language.ts'
import { menuFamilies, menuText } from './entries.ts'
import { dolphinMenus, nautilusScripts, nemoMenus, scriptMark, type MenuFiles } from './linux.ts'
import { quickActions } from './macos.ts'
import { noActions, withActions, withoutActions } from './thunar.ts'

export interface UserMenus {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  /** The user's. */
  readonly home: string
  /** What the menus start: a program, or on macOS the folder of the app. */
  readonly app: string
  readonly language: Language
  /** Where packages put menus for everybody. */
  readonly system: string
}

/** Names of file managers. */
export interface MenuReport {
  readonly done: readonly string[]
  readonly failed: readonly string[]
}

interface FileManager {
  readonly name: string
  readonly isThere: boolean
  readonly add: () => Promise<void>
  readonly remove: () => Promise<void>
}

export async function addMenus(user: UserMenus): Promise<MenuReport> {
  return await forEach(
    managersOf(user).filter(({ isThere }) => isThere),
    async ({ add, remove }) => {
      // Another version may have written other files.
      await remove()
      await add()
    },
  )
}

/** Also of file managers that have gone meanwhile. */
export async function removeMenus(user: UserMenus): Promise<MenuReport> {
  return await forEach(managersOf(user), async ({ remove }) => await remove())
}

async function forEach(managers: readonly FileManager[], work: (one: FileManager) => Promise<void>): Promise<MenuReport> {
  const done: string[] = []
  const failed: string[] = []
  for (const manager of managers) {
    const isDone = await work(manager).then(
      () => true,
      () => false,
    )
    ;(isDone ? done : failed).push(manager.name)
  }
  return { done, failed }
}

function managersOf({ platform, env, home, app, language, system }: UserMenus): readonly FileManager[] {
  const families = menuFamilies()
  if (platform === 'darwin') {
    const services = join(home, 'Library', 'Services')
    return [
      {
        name: 'Finder',
        isThere: true,
        add: async () => await write(services, quickActions(families, app, language)),
        remove: async () => await removeIn(services, /^Beside \w+ [\w-]+\.workflow$/),
      },
    ]
  }
  if (platform !== 'linux') return []
  const data = folderIn(env['XDG_DATA_HOME'], home, '.local/share')
  const scripts = join(data, 'nautilus', 'scripts')
  const thunar = join(folderIn(env['XDG_CONFIG_HOME'], home, '.config'), 'Thunar', 'uca.xml')
  const isPackaged = (path: string) => existsSync(join(system, path))
  return [
    {
      name: 'Nautilus',
      isThere: isOnPath('nautilus', env),
      add: async () => await write(data, nautilusScripts(families, app, language)),
      remove: async () => {
        for (const tag of languageTags) await removeScripts(join(scripts, menuText('convertWith', tag)))
      },
    },
    {
      name: 'Nemo',
      isThere: isOnPath('nemo', env) && !isPackaged('nemo/actions/beside-audio-choose.nemo_action'),
      add: async () => await write(data, nemoMenus(families, app)),
      remove: async () => await removeIn(join(data, 'nemo', 'actions'), /^beside-\w+-\w+\.nemo_action$/),
    },
    {
      name: 'Dolphin',
      isThere: isOnPath('dolphin', env) && !isPackaged('kio/servicemenus/beside-audio.desktop'),
      add: async () => await write(data, dolphinMenus(families, app)),
      remove: async () => await removeIn(join(data, 'kio', 'servicemenus'), /^beside-\w+\.desktop$/),
    },
    {
      name: 'Thunar',
      isThere: isOnPath('thunar', env),
      add: async () => {
        // Whoever has changed nothing yet has the actions of the system.
        const file = (await readIfThere(thunar)) ?? (await readIfThere('/etc/xdg/Thunar/uca.xml')) ?? noActions
        await replace(thunar, withActions(file, families, app, language))
      },
      remove: async () => {
        const file = await readIfThere(thunar)
        if (file === null) return
        const others = withoutActions(file)
        if (others !== file) await replace(thunar, others)
      },
    },
  ]
}

function folderIn(named: string | undefined, home: string, usual: string): string {
  return named === undefined || named === '' ? join(home, usual) : named
}

function isOnPath(program: string, env: UserMenus['env']): boolean {
  return (env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

async function write(folder: string, files: MenuFiles): Promise<void> {
  for (const [path, { content, isProgram }] of Object.entries(files)) {
    const full = join(folder, path)
    await mkdir(dirname(full), { recursive: true })
    await writeFile(full, content, { mode: isProgram ? 0o755 : 0o644 })
  }
}

async function removeIn(folder: string, ours: RegExp): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => ours.test(name))
  for (const name of names) await rm(join(folder, name), { recursive: true })
}

async function removeScripts(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const content = await readIfThere(join(folder, name))
    if (content?.includes(scriptMark) === true) await rm(join(folder, name))
  }
  // Stays where somebody else has put something into it.
  await rmdir(folder).catch(() => {})
}

/** Null where there is no such file; another error is one. */
async function readIfThere(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'EISDIR') return null
    throw error
  })
}

/** In one step, and behind a link where there is one: some people keep their settings elsewhere. */
async function replace(path: string, content: string | null): Promise<void> {
  if (content === null) throw new Error(`${path} is not understood`)
  await mkdir(dirname(path), { recursive: true })
  const real = await realpath(path).catch(() => path)
  const mode = await stat(real).then(
    (stats) => stats.mode,
    () => 0o644,
  )
  const temporary = `${real}.beside-new`
  await writeFile(temporary, content, { mode })
  await rename(temporary, real)
}
