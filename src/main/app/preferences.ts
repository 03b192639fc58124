/** What the user wants of the desktop, in a file of the data folder, and what follows from it: the start at login, the window in a browser. */
import { readFileSync, writeFileSync, mkdirSync, rmSync } from 'node:fs'
import { join, dirname } from 'node:path'
import { homedir } from 'node:os'
import { preferencesSchema, usualPreferences, type Preferences } from '../../shared/preferences.ts'
import { toFailure } from '../../shared/failure.ts'
import type { Session } from '../api/session.ts'
import { serveWeb, type Web } from '../api/web/web.ts'
import type { Log } from '../engine/ports.ts'
import type { Shell } from './shell.ts'

export interface PreferenceStore {
  get(): Preferences
  set(change: Partial<Preferences>): void
}

export function openPreferences(home: string, onChange: (now: Preferences, before: Preferences) => void): PreferenceStore {
  const path = join(home, 'desktop.json')
  let now = read(path)
  return {
    get: () => now,
    set: (change) => {
      const before = now
      now = { ...now, ...change }
      writeFileSync(path, `${JSON.stringify(now, null, 2)}\n`, { mode: 0o600 })
      onChange(now, before)
    },
  }
}

/** One that is not understood falls back by itself and leaves the others alone. */
function read(path: string): Preferences {
  const stored = stateIn(path)
  const understood = Object.entries(preferencesSchema.shape).flatMap(([name, schema]): [string, unknown][] => {
    const checked = schema.safeParse(stored[name])
    return checked.success ? [[name, checked.data]] : []
  })
  return { ...usualPreferences, ...Object.fromEntries(understood) }
}

function stateIn(path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** Start at login, out of sight. Electron does it for macOS and Windows; Linux desktops read a file. */
export interface LoginOptions {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly program: string
}

export function setAtLogin({ app }: Pick<Shell, 'app'>, { platform, env, program }: LoginOptions, isWanted: boolean): void {
  if (platform !== 'linux') return app.setLoginItemSettings({ openAtLogin: isWanted, args: ['--hidden'] })
  const config = env['XDG_CONFIG_HOME'] ?? ''
  const path = join(config === '' ? join(homedir(), '.config') : config, 'autostart', 'beside.desktop')
  if (!isWanted) return rmSync(path, { force: true })
  mkdirSync(dirname(path), { recursive: true })
  // An AppImage is unpacked elsewhere at each start; what the user keeps is the file itself.
  writeFileSync(path, entry(env['APPIMAGE'] ?? program))
}

function entry(program: string): string {
  // Quoted as the desktop entry specification has it: once for the argument, once more for the value.
  const quoted = program
    .replaceAll(/["`$\\]/g, (character) => `\\${character}`)
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%')
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Beside',
    `Exec="${quoted}" --hidden`,
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n')
}

/** The window in a browser of this machine, opened and closed while the app runs. Its address holds the token and goes to our own window alone. */
export interface BrowserAccess {
  /** Resolves when it is open or closed; it stays closed where it could not be opened. */
  setOpen(isOpen: boolean): Promise<void>
  address(): string | null
}

export function createBrowserAccess(options: {
  readonly session: Session
  readonly home: string
  readonly pages: string
  readonly log: Log
}): BrowserAccess {
  const { log } = options
  let web: Web | null = null
  let moving: Promise<void> = Promise.resolve()
  const move = async (isOpen: boolean) => {
    if (isOpen === (web !== null)) return
    const before = web
    web = null
    await before?.stop()
    if (isOpen) web = await serveWeb({ ...options, host: '127.0.0.1', port: 0 })
  }
  return {
    address: () => web?.address ?? null,
    setOpen: async (isOpen) => {
      // One after the other, whatever order the clicks come in.
      moving = moving
        .then(async () => await move(isOpen))
        .catch((error: unknown) => {
          log.error('the browser’s window could not be opened', { code: toFailure(error).code, error: String(error) })
        })
      await moving
    },
  }
}
