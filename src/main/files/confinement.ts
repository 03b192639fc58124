/**
 * What lies in folders that somebody may use, and what does not. Decided by where a path leads at that very moment: links are followed, and what a
 * file system takes for the same name is the same name. What cannot be told lies outside.
 */
import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Confinement } from '../../shared/job.ts'
import { inodeOf, isAbsence, isTaken } from './identity.ts'

/**
 * The real path of what stands under a path, or would stand there: of the part that exists links are followed, the names behind it are taken as
 * they are. Null where that cannot be told, as behind a link that leads nowhere.
 *
 * @param path absolute; `..` in it takes back the name before it, wherever that leads.
 */
export async function placeOf(path: string): Promise<string | null> {
  const missing: string[] = []
  for (let at = resolve(path); ; at = dirname(at)) {
    try {
      return join(await realpath(at), ...missing)
    } catch (error) {
      const isFree = isAbsence(error) && !(await isTaken(at).catch(() => true))
      if (!isFree || dirname(at) === at) return null
      missing.unshift(basename(at))
    }
  }
}

/** The real path, where it lies in one of the folders and in none of those that are excepted; else null. */
export async function placeWithin(path: string, { folders, except }: Confinement): Promise<string | null> {
  const place = await placeOf(path)
  if (place === null || (await isInOne(place, except)) || !(await isInOne(place, folders))) return null
  return place
}

/** @param place a real path, as all folders are: of two that begin alike, one lies in the other. */
async function isInOne(place: string, folders: readonly string[]): Promise<boolean> {
  if (folders.some((folder) => isBelow(place, folder))) return true
  // Where letter case or composition does not count, a real path may have names in it as somebody typed them.
  const alike = folders.filter((folder) => isBelow(folded(place), folded(folder)))
  return alike.length > 0 && (await isInOneByNumber(place, alike))
}

function isBelow(place: string, folder: string): boolean {
  return place === folder || place.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function folded(path: string): string {
  return path.normalize().toLowerCase()
}

async function isInOneByNumber(place: string, folders: readonly string[]): Promise<boolean> {
  const numbers = new Set<string>()
  for (const folder of folders) {
    // One that has become a link since would be whatever that leads to.
    const isReal = (await realpath(folder).catch(() => null)) === folder
    const number = isReal ? await inodeOf(folder).catch(() => null) : null
    if (number !== null) numbers.add(number)
  }
  for (let at = place; ; at = dirname(at)) {
    const number = await inodeOf(at).catch(() => null)
    if (number !== null && numbers.has(number)) return true
    if (dirname(at) === at) return false
  }
}
