/** What a start was given: files to convert, and whether to stay out of sight. */
import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'
import * as z from 'zod'

/** Also what a second start hands over. */
export const startSchema = z.object({ files: z.array(z.string()).readonly(), isHidden: z.boolean() })
export type Start = Readonly<z.infer<typeof startSchema>>

/** @param words without the program, and without the folder that a development Electron is started with. */
export function startOf(words: readonly string[], cwd: string): Start {
  const end = words.indexOf('--')
  const before = end === -1 ? words : words.slice(0, end)
  const after = end === -1 ? [] : words.slice(end + 1)
  const files = [...before.filter((word) => word !== '' && !word.startsWith('-')), ...after]
  return { files: files.flatMap((word) => pathOf(word, cwd)), isHidden: before.includes('--hidden') }
}

/** Some file managers give addresses for files. Web addresses are sources as well. */
function pathOf(word: string, cwd: string): readonly string[] {
  if (/^https?:\/\//i.test(word)) return [word]
  if (!/^file:\/\//i.test(word)) return [resolve(cwd, word)]
  try {
    return [fileURLToPath(word)]
  } catch {
    return []
  }
}
