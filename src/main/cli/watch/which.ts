/** The watched folder that is meant by its number or by its path. */
import { resolve } from 'node:path'
import { realpathSync } from 'node:fs'
import { JobError } from '../../../shared/failure.ts'
import type { Folder } from '../../../shared/folders.ts'
import { shown } from '../text.ts'

export function folderMeant(word: string, folders: readonly Folder[], cwd: string): Folder {
  const id = /^#?(\d{1,15})$/.exec(word)?.[1]
  const byId = folders.find((folder) => folder.id === Number(id))
  if (byId !== undefined) return byId
  const path = resolve(cwd, word)
  const here = folders.filter(({ rule }) => rule.path === path || rule.path === realPath(path))
  const [only] = here
  if (only !== undefined && here.length === 1) return only
  const hint =
    here.length > 1
      ? `Several rules watch it: ${here.map((folder) => folder.id).join(', ')}. Say which.`
      : 'See `beside watch list`.'
  throw new JobError('usage', {
    reason: here.length > 1 ? `“${shown(word)}” is not clear.` : `“${shown(word)}” is not watched.`,
    hint,
  })
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
