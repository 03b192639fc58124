/** Words, names and figures for a terminal. */
import { homedir } from 'node:os'
import { isAbsolute, relative, sep } from 'node:path'

/**
 * A name as it may be shown. Control characters would be obeyed by the terminal, and marks that turn the direction of writing make a
 * name look like another; both are shown by their code.
 */
export function shown(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is shown
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (character) => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character]
    if (known !== undefined) return known
    const code = character.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** A path as short as it stays clear: below where the user stands without that, below the home folder with `~`. */
export function shortPath(path: string, cwd: string): string {
  if (!isAbsolute(path)) return shown(path)
  const below = relative(cwd, path)
  if (below === '') return '.'
  if (below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below)) return shown(below)
  const home = homedir()
  return shown(home !== sep && path.startsWith(`${home}${sep}`) ? `~${path.slice(home.length)}` : path)
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `480 kB`, `5.3 MB`: thousands, as file managers count. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** `0:07`, `12:30`, `1:02:03`. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (number: number) => String(number).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** How long something took: `0.8 s`, `34 s`, `2 min 5 s`, `1 h 12 min`. */
export function durationText(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`
}

/** `1 file`, `12,345 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`
}

/** `12,345`. By hand: the system's own formatting costs every start ten milliseconds. */
export function numberText(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}
