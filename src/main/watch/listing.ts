/** What is in a folder, and what a single file looks like. Links to files count as files; links to folders lead in circles. */
import { lstat, readdir, stat } from 'node:fs/promises'
import type { BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { failure } from '../../shared/failure.ts'
import type { Why } from '../../shared/folders.ts'
import { codeOf } from '../engine/place.ts'
import { isTempName } from '../engine/temp.ts'
import { abreast } from './abreast.ts'
import { isClosedFolder } from './names.ts'
import type { Reading } from './quiet.ts'
import { markName } from './root.ts'

export interface Entry extends Reading {
  readonly name: string
  /** Names that the file has. */
  readonly links: number
  /** Why it is no file that could be converted; null: it is one. */
  readonly trouble: Why | null
}

export interface Listing {
  readonly files: readonly Entry[]
  readonly folders: readonly string[]
  /** Names of temporary results, whoever's. */
  readonly temps: readonly string[]
}

/** @param together how many files are looked at at once. */
export async function list(folder: string, closed: readonly string[], together: number, signal: AbortSignal): Promise<Listing> {
  const folders: string[] = []
  // Names that are no text may read alike.
  const names = new Set<string>()
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) names.add(entry.name)
    else if (!isClosedFolder(entry.name) && !closed.includes(entry.name)) folders.push(entry.name)
  }
  const looked = await abreast([...names], together, async (name) => await look(folder, name), signal)
  const files = looked.filter((entry) => entry !== null)
  return { files, folders: folders.toSorted(), temps: [...names].filter(isTempName) }
}

/** Null: there is no such file, it is Beside's own, or it is a folder. */
export async function look(folder: string, name: string): Promise<Entry | null> {
  if (isTempName(name) || name === markName) return null
  const path = join(folder, name)
  try {
    const own = await lstat(path, { bigint: true })
    const stats = own.isSymbolicLink() ? await stat(path, { bigint: true }) : own
    if (stats.isDirectory()) return null
    return { name, ...readingOf(stats), links: Number(stats.nlink), trouble: stats.isFile() ? null : special(stats) }
  } catch (error) {
    const code = codeOf(error)
    const blank = { name, links: 1, inode: null, bytes: 0, mtimeMs: 0, ctimeMs: 0 }
    if (code === 'ENOENT' && name.includes(unreadable) && (await namesIn(folder)).includes(name))
      return { ...blank, trouble: failure('source-unreadable', { path: name, reason: 'its name is no text' }) }
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    const why =
      code === 'ELOOP' ? failure('link-loop', { path: name }) : failure('source-unreadable', { path: name, reason: code })
    return { ...blank, trouble: why }
  }
}

/** None where the folder is gone by now. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => [])
}

/** What stands for bytes of a name that are no text: no path leads there. */
const unreadable = '\uFFFD'

function readingOf(stats: BigIntStats): Reading {
  return {
    inode: stats.ino === 0n ? null : String(stats.ino),
    bytes: Number(stats.size),
    mtimeMs: Number(stats.mtimeNs) / 1e6,
    ctimeMs: Number(stats.ctimeNs) / 1e6,
  }
}

function special(stats: BigIntStats): Why {
  const kind = stats.isFIFO() ? 'named pipe' : stats.isSocket() ? 'socket' : 'device'
  return { code: 'special-file', facts: { kind } }
}
