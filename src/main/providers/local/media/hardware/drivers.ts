/**
 * What tells the drivers of this machine from others, without asking a device: what a device refused is not asked of it again before that changes.
 * On macOS and Windows that is the version of the system alone. Apart, as knowledge of systems.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { release } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { placeOnPath } from '../../../../files/on-path.ts'

export interface Drivers {
  identity(): string
  /** Paths of the render nodes, in order. */
  nodes(): readonly string[]
}

/** Where drivers of VA-API and Quick Sync are put: a new one changes the date of its folder. */
const driverFolders = ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu', 'usr/lib64', 'usr/lib'].flatMap((folder) => [
  folder,
  `${folder}/dri`,
])

/** @param root of the file system. */
export function driversOf(root = '/'): Drivers {
  const nodes = () => namesIn(join(root, 'dev/dri')).filter((name) => name.startsWith('renderD'))
  return {
    nodes: () => nodes().map((name) => join(root, 'dev/dri', name)),
    identity: () =>
      [
        release(),
        textOf(join(root, 'sys/module/nvidia/version')),
        ...nodes(),
        ...namesIn(join(root, 'dev')).filter((name) => /^video\d/.test(name)),
        ...driverFolders.map((folder) => marksOf(join(root, folder))),
      ].join(' '),
  }
}

/** What tells one program from another under its name. */
export function programIdentity(program: string): string {
  const path = isAbsolute(program) ? program : (placeOnPath(program) ?? program)
  return `${path} ${marksOf(path)}`
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted()
  } catch {
    return []
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** Date and length; empty where nothing is there. */
function marksOf(path: string): string {
  try {
    const { mtimeMs, size } = statSync(path)
    return `${mtimeMs}:${size}`
  } catch {
    return ''
  }
}
