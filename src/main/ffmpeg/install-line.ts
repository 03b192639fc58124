/** What to type so that this system's own package manager installs FFmpeg. Apart, as knowledge of systems and not of Beside. */
import { readFileSync } from 'node:fs'

/** By the names that distributions have in `os-release`: their own, and those of what they descend from. */
const lines: readonly (readonly [ids: readonly string[], line: string])[] = [
  [['debian', 'ubuntu'], 'sudo apt install ffmpeg'],
  [['fedora', 'rhel', 'centos'], 'sudo dnf install ffmpeg-free'],
  [['arch'], 'sudo pacman -S ffmpeg'],
  [['suse', 'opensuse'], 'sudo zypper install ffmpeg'],
]

/** Null where it is not known. @param release the text of `/etc/os-release`; read where it is left out. */
export function installLine(platform: string, release = osRelease()): string | null {
  if (platform === 'darwin') return 'brew install ffmpeg'
  if (platform === 'win32') return 'winget install Gyan.FFmpeg'
  if (platform !== 'linux') return null
  const named = new Set(
    [...release.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].flatMap(([, names = '']) => names.replaceAll(/["']/g, '').split(/\s+/)),
  )
  return lines.find(([ids]) => ids.some((id) => named.has(id)))?.[1] ?? null
}

function osRelease(): string {
  for (const file of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return readFileSync(file, 'utf8')
    } catch {}
  }
  return ''
}
