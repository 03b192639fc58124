/**
 * Names as folders list them. Where the bytes of a name are no UTF-8, a listing shows marks in their place, and under that name nothing is found;
 * and where letter case or composition does not count, a file is found under names that are not its own.
 */
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** What stands for bytes that are no text. */
const unreadable = '\uFFFD'

/** Whether a path at which nothing is found, or a folder on the way to it, is listed all the same: its name cannot be written as text. */
export async function isListedAsNoText(path: string): Promise<boolean> {
  let at = path
  while (!basename(at).includes(unreadable)) {
    if (!at.includes(unreadable)) return false
    at = dirname(at)
  }
  const names = await readdir(dirname(at)).catch((): string[] => [])
  return names.includes(basename(at)) || (await isListedAsNoText(dirname(at)))
}

/** Names that some file systems take for the same: under the one the other is found. */
export function isAlike(one: string, other: string): boolean {
  return one.normalize().toLowerCase() === other.normalize().toLowerCase()
}

/** The path of what is found at a path, by the name that it was given. */
export async function givenPath(path: string): Promise<string> {
  const name = basename(path)
  const names = await readdir(dirname(path)).catch((): string[] => [])
  const given = names.includes(name) ? name : names.find((other) => isAlike(other, name))
  return given === undefined ? path : join(dirname(path), given)
}

/** Where a file is written anew before it takes the place of the one at this path. Whoever removes that one has to remove this one, too. */
export function rewritePath(path: string): string {
  return `${path}.new`
}
