/** What to type so that this system's own package manager installs a program. Apart, as knowledge of systems and not of Beside. */
import { readFileSync } from 'node:fs'

/** What to install, by package manager. */
export type Packages = Readonly<Partial<Record<'apt' | 'dnf' | 'pacman' | 'zypper' | 'brew' | 'winget', string>>>

/** By the names that distributions have in `os-release`: their own, and those of what they descend from. */
const managers: readonly (readonly [ids: readonly string[], manager: keyof Packages, line: string])[] = [
  [['debian', 'ubuntu'], 'apt', 'sudo apt install'],
  [['fedora', 'rhel', 'centos'], 'dnf', 'sudo dnf install'],
  [['arch'], 'pacman', 'sudo pacman -S'],
  [['suse', 'opensuse'], 'zypper', 'sudo zypper install'],
]

/** Null where it is not known. @param release the text of `/etc/os-release`; read where it is left out. */
export function installLine(packages: Packages, platform: string, release = osRelease()): string | null {
  const line = (manager: keyof Packages, command: string) => {
    const named = packages[manager]
    return named === undefined ? null : `${command} ${named}`
  }
  if (platform === 'darwin') return line('brew', 'brew install')
  if (platform === 'win32') return line('winget', 'winget install')
  if (platform !== 'linux') return null
  const named = new Set(
    [...release.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].flatMap(([, names = '']) => names.replaceAll(/["']/g, '').split(/\s+/)),
  )
  const [, manager, command] = managers.find(([ids]) => ids.some((id) => named.has(id))) ?? []
  return manager === undefined || command === undefined ? null : line(manager, command)
}

function osRelease(): string {
  for (const file of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return readFileSync(file, 'utf8')
    } catch {}
  }
  return ''
}
