/** What a drop or a file dialog holds: files, with the folders that were dropped along. */
import type { DroppedFile } from './host.ts'

/** Must be called while the drop event is being handled: its entries are gone afterwards. */
export async function filesOf(data: DataTransfer): Promise<readonly DroppedFile[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry())
  const plain = [...data.files]
  if (entries.every((entry) => entry === null)) return plain.map((file) => ({ file, path: file.name }))
  const found: DroppedFile[] = []
  for (const entry of entries) if (entry !== null) await walk(entry, '', found)
  return found
}

export function filesOfInput(input: HTMLInputElement): readonly DroppedFile[] {
  return [...(input.files ?? [])]
    .map((file) => ({ file, path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath }))
    .filter(({ path }) => !isHidden(path))
}

async function walk(entry: FileSystemEntry, folder: string, found: DroppedFile[]): Promise<void> {
  const path = folder + entry.name
  if (entry.isFile) {
    if (folder !== '' && isHidden(path)) return
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    found.push({ file, path })
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // A reader gives its entries in portions, and an empty one at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return
    for (const each of some) await walk(each, `${path}/`, found)
  }
}

/** What the system keeps in folders for itself. */
function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || part === 'Thumbs.db' || part === 'desktop.ini')
}

/** Lines of text that somebody dropped or pasted: addresses and absolute paths. */
export function sourcesIn(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^"(.*)"$/, '$1'))
    .filter((line) => /^(https?:\/\/|\/|[a-z]:[/\\]|\\\\)/i.test(line))
}
