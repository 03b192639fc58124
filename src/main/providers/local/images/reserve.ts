/** The place of a picture that is about to be made. Apart, as drawn pages have theirs made so, too. */
import { open } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'

/** The file is made here because the system's own words for what is wrong get lost in the picture library. */
export async function reserve(output: string): Promise<void> {
  const file = await open(output, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new JobError('folder-missing', { path: output })
    if (error.code === 'EACCES' || error.code === 'EPERM')
      throw new JobError('folder-read-only', { path: output, reason: error.code })
    throw error
  })
  await file.close()
}
