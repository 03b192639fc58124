/**
 * From one name to another without overwriting anything. The file is linked under its new name, and "already exists" from the system is
 * the test. Where the file system has no links, the name is reserved by creating it exclusively, and the file is renamed over that.
 *
 * A share may do what it is asked and lose the answer; asked again by the system, it then says that the name exists, or that the file is gone.
 * So what stands under the new name is looked at before such an answer is believed.
 */
import { link, open, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { JobError } from '../../shared/failure.ts'
import { numbered, parted } from '../../shared/naming.ts'
import { codeOf, identityOf, isAbsence, isIdentity, isTaken, statIfThere } from './identity.ts'

/** Highest number that a name gets. */
export const maxNumber = 9_999

/** The system's calls; each may do its work and fail all the same. */
export interface NameCalls {
  readonly link: (from: string, to: string) => Promise<void>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly unlink: (path: string) => Promise<void>
}
const systemCalls: NameCalls = { link, rename, unlink }

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

/**
 * Moves a file to a name only if that name is free; false where it is taken.
 * @param onReserve called before an empty file is made under the name, so that one which a crash leaves is known to be ours.
 */
export async function takeFreeName(
  from: string,
  to: string,
  calls: Partial<NameCalls> = {},
  onReserve: () => void = () => {},
): Promise<boolean> {
  // Only of a name that was free can an answer have been lost: what stands there already may be a copy of the file.
  if (await isTaken(to)) return false
  try {
    await (calls.link ?? systemCalls.link)(from, to)
  } catch (error) {
    // A link leaves the file where it was, so that it is still known by that.
    if (!(await isOwn(to, await identityOf(from).catch(() => null)))) {
      if (codeOf(error) === 'EEXIST') return false
      if (noLinks.has(codeOf(error))) return await renameOverReservation(from, to, calls, onReserve)
      throw error
    }
  }
  await removeOnce(from, calls)
  return true
}

/** Moves a file to a name, over whatever has it. */
export async function replace(from: string, to: string, calls: Partial<NameCalls> = {}): Promise<void> {
  const own = await identityOf(from)
  try {
    await (calls.rename ?? systemCalls.rename)(from, to)
  } catch (error) {
    if ((await statIfThere(from)) !== null || !(await isOwn(to, own))) throw error
  }
}

/** Moves a file over the empty one that reserved a name for it; false where that is not there, or not empty any more. */
export async function takeReserved(from: string, to: string, calls: Partial<NameCalls> = {}): Promise<boolean> {
  const reservation = await statIfThere(to)
  if (reservation?.isFile() !== true || reservation.size > 0) return false
  await replace(from, to, calls)
  return true
}

async function renameOverReservation(
  from: string,
  to: string,
  calls: Partial<NameCalls>,
  onReserve: () => void,
): Promise<boolean> {
  onReserve()
  try {
    const reservation = await open(to, 'wx')
    await reservation.close()
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
  try {
    await replace(from, to, calls)
  } catch (error) {
    if ((await stat(to)).size === 0) await removeOnce(to, calls)
    throw error
  }
  return true
}

async function isOwn(path: string, identity: string | null): Promise<boolean> {
  return identity !== null && (await isIdentity(path, identity).catch(() => false))
}

/** What is gone already went by an answer that was lost. */
async function removeOnce(path: string, calls: Partial<NameCalls>): Promise<void> {
  await (calls.unlink ?? systemCalls.unlink)(path).catch((error: unknown) => {
    if (!isAbsence(error)) throw error
  })
}

/** Moves a file into a folder under the first free name; answers where it went. */
export async function moveInto(path: string, folder: string): Promise<string> {
  const name = basename(path)
  const { base, extension } = parted(name)
  for (let n = 1; n <= maxNumber; n += 1) {
    const to = join(folder, numbered(base, extension, n))
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
