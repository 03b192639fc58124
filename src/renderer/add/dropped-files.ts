/** What a drop or a file dialog holds: files, with the folders that were dropped along. */
import { failure, type Failure } from '../../shared/failure.ts'
import { isUnmeantFolder, whyUnmeant } from '../../shared/unmeant.ts'
import type { DroppedFile } from '../wire/host.ts'

/** What was given and not taken, and why. */
export interface RefusedFile {
  readonly source: string
  readonly why: Failure
}

export interface Dropped {
  readonly files: readonly DroppedFile[]
  readonly refused: readonly RefusedFile[]
}

interface Found {
  readonly files: DroppedFile[]
  readonly refused: RefusedFile[]
}

/** Must be called while the drop event is being handled: its entries are gone afterwards. */
export async function filesOf(data: DataTransfer): Promise<Dropped> {
  const items = [...data.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }))
  const found: Found = { files: [], refused: [] }
  for (const { entry, file } of items) {
    if (entry !== null) await takeEntry(entry, found)
    else if (file !== null) found.files.push({ file, path: file.name })
  }
  return found
}

export function filesOfInput(input: HTMLInputElement): Dropped {
  const files = [...(input.files ?? [])]
    .map((file) => ({ file, path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath }))
    // What was chosen itself is meant, whatever it is called.
    .filter(({ path }) => isMeant(path.split('/').slice(1)))
  return { files, refused: [] }
}

/** What was dropped itself. A folder with nothing in it would leave no trace otherwise. */
async function takeEntry(entry: FileSystemEntry, found: Found): Promise<void> {
  const before = found.files.length + found.refused.length
  await walk(entry, '', found)
  if (found.files.length + found.refused.length > before) return
  found.refused.push({ source: entry.name, why: failure('nothing-found', { path: entry.name }) })
}

/** What cannot be read is refused, and all the rest is found. */
async function walk(entry: FileSystemEntry, folder: string, found: Found): Promise<void> {
  if (folder !== '' && (entry.isFile ? whyUnmeant(entry.name) !== null : isUnmeantFolder(entry.name))) return
  const path = folder + entry.name
  try {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
      found.files.push({ file, path })
      return
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader()
    for (;;) {
      // A reader gives its entries in portions, and an empty one at the end.
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
      if (some.length === 0) return
      for (const each of some) await walk(each, `${path}/`, found)
    }
  } catch (error) {
    const reason = error instanceof DOMException ? error.name : String(error)
    found.refused.push({ source: path, why: failure('source-unreadable', { path, reason }) })
  }
}

/** @param names of the folders on the way to a file and its own, below what was chosen. */
function isMeant(names: readonly string[]): boolean {
  const name = names.at(-1)
  return !names.slice(0, -1).some(isUnmeantFolder) && (name === undefined || whyUnmeant(name) === null)
}

/** Lines of text that somebody dropped or pasted: addresses and absolute paths. */
export function sourcesIn(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^"(.*)"$/, '$1'))
    .filter((line) => /^(https?:\/\/|\/|[a-z]:[/\\]|\\\\)/i.test(line))
}
