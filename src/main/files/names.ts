/**
 * Names that are no text. Where the bytes of a name are no UTF-8, a listing shows marks in their place, and under that name nothing is found.
 * Alone, since whoever lists folders has to know it.
 */
import { readdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

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
