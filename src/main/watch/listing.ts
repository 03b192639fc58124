/** What is in a folder, and how a single file reads. Links to files count as files; links to folders lead in circles. */
import { lstat, readdir, rm, stat } from 'node:fs/promises'
import type { BigIntStats } from 'node:fs'
import { join } from 'node:path'
import pMap from 'p-map'
import { failure } from '../../shared/failure.ts'
import type { Why } from '../../shared/folders.ts'
import { isFinished, type Job } from '../../shared/job.ts'
import { codeOf } from '../files/identity.ts'
import { isListedAsNoText } from '../files/names.ts'
import { jobOfTemp, isTempName } from '../engine/job/temp-names.ts'
import { markName } from './root-check.ts'
import { isUnmeantFolder } from '../../shared/unmeant.ts'
import type { Reading } from './stability.ts'

export interface FileEntry extends Reading {
  readonly name: string
  /** Names that the file has. */
  readonly links: number
  /** Why it is no file that could be converted; null: it is one. */
  readonly trouble: Why | null
}

export interface Listing {
  readonly files: readonly FileEntry[]
  readonly folders: readonly string[]
  /** Names of temporary results, whoever's. */
  readonly temps: readonly string[]
}

/** @param concurrency how many files are read at once. */
export async function listFolder(folder: string, concurrency: number, signal: AbortSignal): Promise<Listing> {
  const folders: string[] = []
  // Names that are no text may read alike.
  const names = new Set<string>()
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    // A temporary one may be a folder.
    if (!entry.isDirectory() || isTempName(entry.name)) names.add(entry.name)
    else if (!isUnmeantFolder(entry.name)) folders.push(entry.name)
  }
  // The end waits for what is under way, and begins nothing more.
  const read = await pMap(names, async (name) => (signal.aborted ? null : await statFile(folder, name)), { concurrency })
  signal.throwIfAborted()
  const files = read.filter((entry) => entry !== null)
  return { files, folders: folders.toSorted(), temps: [...names].filter(isTempName) }
}

/** Null: there is no such file, it is Beside's own, or it is a folder. */
export async function statFile(folder: string, name: string): Promise<FileEntry | null> {
  const entry = await statEntry(folder, name)
  return entry === 'folder' ? null : entry
}

/** As `statFile`, with folders told from what is not there. A link to a folder counts as nothing. */
export async function statEntry(folder: string, name: string): Promise<FileEntry | 'folder' | null> {
  if (isTempName(name) || name === markName) return null
  const path = join(folder, name)
  try {
    const own = await lstat(path, { bigint: true })
    if (own.isDirectory()) return 'folder'
    const stats = own.isSymbolicLink() ? await stat(path, { bigint: true }) : own
    if (stats.isDirectory()) return null
    return { name, ...readingOf(stats), links: Number(stats.nlink), trouble: stats.isFile() ? null : special(stats) }
  } catch (error) {
    const code = codeOf(error)
    const blank = { name, links: 1, inode: null, bytes: 0, mtimeMs: 0, ctimeMs: 0 }
    if (code === 'ENOENT' && (await isListedAsNoText(path)))
      return { ...blank, trouble: failure('source-unreadable', { path: name, because: 'name-not-text' }) }
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

/** Temporary results that nobody comes back to: their folder was away, or had another name, when their job ended. */
export async function removeLeftTemps(
  folder: string,
  temps: readonly string[],
  { tag, jobOf }: { readonly tag: string; readonly jobOf: (id: number) => Job | null },
): Promise<void> {
  for (const name of temps) {
    const id = jobOfTemp(name, tag)
    const job = id === null ? null : jobOf(id)
    const isOver = job === null || isFinished(job.state)
    if (id !== null && isOver) await rm(join(folder, name), { force: true, recursive: true }).catch(() => undefined)
  }
}
