/**
 * A photo of Beside's own to try it on, put where its user finds it: in a folder `Beside` in their documents, or in the data folder where they
 * have no such place. A photo, as it needs nothing installed. Alone, since nothing else brings files of its own.
 */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface SampleOptions {
  /** The data folder. */
  readonly home: string
  /** The user's own folder. */
  readonly userHome: string
}

/** Its path. What is there already is left as it is. */
export async function placeSample({ home, userHome }: SampleOptions): Promise<string> {
  const documents = documentsIn(userHome)
  const folder = documents === null ? join(home, 'sample') : join(documents, 'Beside')
  const path = join(folder, 'Sample photo.jpg')
  await mkdir(folder, { recursive: true })
  if (!existsSync(path)) await writeFile(path, await readFile(shipped()))
  return path
}

/** Seen from the bundled program and from its source. */
function shipped(): string {
  const places = ['../samples/photo.jpg', '../../samples/photo.jpg'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  )
  return places.find((place) => existsSync(place)) ?? places[0] ?? ''
}

/** Linux calls it as its user's language does, and says so in a file. */
function documentsIn(userHome: string): string | null {
  const folders = [named(userHome), join(userHome, 'Documents')]
  return folders.find((folder) => folder !== null && folder !== userHome && existsSync(folder)) ?? null
}

function named(userHome: string): string | null {
  try {
    const text = readFileSync(join(userHome, '.config', 'user-dirs.dirs'), 'utf8')
    const place = /^XDG_DOCUMENTS_DIR="\$HOME\/(.+)"$/m.exec(text)?.[1]
    return place === undefined ? null : join(userHome, place)
  } catch {
    return null
  }
}
