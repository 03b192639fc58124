/**
 * From one name to another without overwriting anything. The file is linked under its new name, and "already exists" from the system is
 * the test. Where the file system has no links, the name is reserved by creating it exclusively, and the file is renamed over that.
 */
import { link as systemLink, open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { JobError } from '../../shared/failure.ts'
import { numbered } from '../../shared/naming.ts'
import { codeOf } from './identity.ts'

/** Highest number that a name gets. */
export const maxNumber = 9_999

/** Errors by which file systems say that they have no links. */
const noLinks: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EACCES',
  'EINVAL',
  'EXDEV',
  'EISDIR',
])

/** Moves a file to a name only if that name is free; false where it is taken. */
export async function takeFreeName(from: string, to: string, link: typeof systemLink = systemLink): Promise<boolean> {
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

/** Moves a file into a folder under the first free name; answers where it went. */
export async function moveInto(path: string, folder: string): Promise<string> {
  const name = basename(path)
  const dot = name.lastIndexOf('.')
  const [base, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot + 1)] : [name, '']
  for (let n = 1; n <= maxNumber; n += 1) {
    const candidate = extension === '' ? (n === 1 ? base : `${base} (${n})`) : numbered(base, extension, n)
    const to = join(folder, candidate)
    if (await takeFreeName(path, to)) {
      await flushFolder(dirname(to))
      return to
    }
  }
  throw new JobError('name-invalid', { name, because: 'numbers-used-up', count: maxNumber })
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
