/** Globs over the path below a root; a pattern without a slash looks at the file's name alone, as people expect of `*.wav`. */
import { basename, sep } from 'node:path'
import picomatch from 'picomatch'

export function globOf(pattern: string): (path: string) => boolean {
  const test = picomatch(pattern, { dot: true, nocase: true })
  return pattern.includes('/') ? (path) => test(sep === '/' ? path : path.replaceAll(sep, '/')) : (path) => test(basename(path))
}
