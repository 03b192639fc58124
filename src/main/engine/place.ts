/**
 * From temporary to final name: never half written, never over anything by surprise. The file is flushed, then linked under the
 * first free name; "already exists" from the system is the test, a look beforehand only spares a claim. Where the file system has no links, a
 * name is reserved by creating it exclusively, and the file is renamed over the reservation.
 */
import { link, lstat, open, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { JobError } from '../../shared/failure.ts'
import { numbered } from '../../shared/naming.ts'

const mostNumbers = 9_999

/** Errors by which file systems say that they have no links. */
const noLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES', 'EINVAL', 'EXDEV'])

/** Where a part is to go. */
export interface Wish {
  /** Absolute. */
  readonly temp: string
  readonly folder: string
  /** Name without extension; it fits the file system. */
  readonly base: string
  readonly extension: string
  readonly clash: 'number' | 'skip' | 'overwrite'
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/**
 * The inode of a file as text, or null where there is no such file.
 * @throws where it cannot be told, as on a disk that fails: such a file may be there all the same.
 */
export async function inodeOf(path: string): Promise<string | null> {
  try {
    const { ino, dev } = await stat(path, { bigint: true })
    return `${dev}:${ino}`
  } catch (error) {
    if (isAbsence(error)) return null
    throw error
  }
}

/** Whether the system says that nothing is there, rather than that it cannot tell. */
export function isAbsence(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
}

/** Whether a name is taken, be it by a link that leads nowhere. */
export async function isTaken(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (isAbsence(error)) return false
    throw error
  }
}

/** Data and length on the disk before the name is. */
export async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Best effort: not every system lets a folder be opened for that. */
export async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // The output is whole either way; only its name might be lost with the power.
  }
}

/**
 * Gives the temporary file its final name.
 * @param intend called with each candidate before it is tried, so that a crash in between can be told from a stranger's file.
 * @returns the final path.
 * @throws JobError `output-exists` where the policy is skip and the name is taken.
 */
export async function place(wish: Wish, intend: (path: string) => void): Promise<string> {
  for (let n = 1; n <= mostNumbers; n += 1) {
    const path = join(wish.folder, numbered(wish.base, wish.extension, n))
    if (wish.clash === 'overwrite') {
      intend(path)
      await rename(wish.temp, path)
      return path
    }
    // A name that can be seen to be taken is not claimed: it belongs to whoever wrote that file.
    if (!(await isTaken(path))) {
      intend(path)
      if (await takeFreeName(wish.temp, path)) return path
    }
    if (wish.clash === 'skip') throw new JobError('output-exists', { path })
  }
  throw new JobError('name-invalid', { name: wish.base, reason: `${mostNumbers} files of that name are already there` })
}

/** Moves a file to a name only if that name is free; false where it is taken. */
export async function takeFreeName(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (noLinks.has(codeOf(error))) return await renameOverReservation(from, to)
    throw error
  }
  await unlink(from)
  return true
}

async function renameOverReservation(from: string, to: string): Promise<boolean> {
  try {
    const reservation = await open(to, 'wx')
    await reservation.close()
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
  try {
    await rename(from, to)
  } catch (error) {
    await unlink(to)
    throw error
  }
  return true
}

/** Whether two paths are the same file, links and letter case seen through. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  if (one === other) return true
  const [first, second] = [await inodeOf(one), await inodeOf(other)]
  return first !== null && first === second
}

/** Moves a file into a folder under the first free name; answers where it went. */
export async function moveInto(path: string, folder: string): Promise<string> {
  const name = basename(path)
  const dot = name.lastIndexOf('.')
  const [base, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot + 1)] : [name, '']
  for (let n = 1; n <= mostNumbers; n += 1) {
    const candidate = extension === '' ? (n === 1 ? base : `${base} (${n})`) : numbered(base, extension, n)
    const to = join(folder, candidate)
    if (await takeFreeName(path, to)) {
      await flushFolder(dirname(to))
      return to
    }
  }
  throw new JobError('name-invalid', { name, reason: `${mostNumbers} files of that name are already there` })
}
