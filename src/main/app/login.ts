/** Start at login, out of sight. Electron does it for macOS and Windows; Linux desktops read a file. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Shell } from './shell.ts'

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
