/** Fonts for tests, and what fontTools sees in them; `npm run setup -- fonttools` installs it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const script = fileURLToPath(new URL('fonts.py', import.meta.url))
const inter = fileURLToPath(
  new URL('../../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2', import.meta.url),
)
/** Debian's, which has its packages: another one may stand before it on PATH. */
const python = process.platform === 'linux' ? '/usr/bin/python3' : 'python3'

export type FontName =
  | 'static.ttf'
  | 'cubic.otf'
  | 'variable.ttf'
  | 'restricted.ttf'
  | 'both.ttc'
  | 'bare.woff'
  | 'spoken.woff'
  | 'spoken.woff2'

let folder: string | null = null

afterAll(() => {
  if (folder !== null) rmSync(folder, { recursive: true })
  folder = null
})

/** Path of a font with a few glyphs of Inter; `spoken` ones have metadata besides. The same for all tests of a file. */
export function fontOf(name: FontName): string {
  if (folder === null) {
    folder = mkdtempSync(join(tmpdir(), 'beside-test-'))
    execFileSync(python, [script, 'make', inter, folder])
  }
  return join(folder, name)
}

export interface FontSeen {
  readonly flavor: 'woff' | 'woff2' | null
  readonly outlines: 'ttf' | 'otf'
  /** Width, and a fingerprint of the outline. */
  readonly glyphs: Readonly<Record<string, readonly [number, string]>>
  readonly characters: Readonly<Record<string, string>>
  readonly names: readonly unknown[]
  readonly tables: readonly string[]
  readonly axes: readonly string[]
  /** Metadata of a web font. */
  readonly inside: string
  /** Whether all checksums are right; null where it is packed. */
  readonly sound: boolean | null
}

export function fontSeen(path: string): FontSeen {
  return JSON.parse(execFileSync(python, [script, 'read', path], { encoding: 'utf8' })) as FontSeen
}
