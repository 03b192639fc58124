/**
 * Temporary names. They stand beside the output (so that the last step is a rename within one file system), are hidden, short
 * (so that they fit where the final name fits) and follow from the job alone, so that a restart finds what a crash left.
 */
import { access, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Job, Work } from '../../shared/job.ts'

const pattern = /^\.beside-[0-9a-f]{6}-\d+\.\d+\.part/

export function tempPath(folder: string, tag: string, jobId: number, n: number): string {
  return join(folder, `.beside-${tag}-${jobId}.${n}.part`)
}

/** Whether a file name is one of Beside's temporary ones, whichever data folder it belongs to. */
export function isTempName(name: string): boolean {
  return pattern.test(name)
}

/** The job whose temporary result has this name; null where it is no such name, or that of another data folder. */
export function jobOfTemp(name: string, tag: string): number | null {
  const [, owner, id] = /^\.beside-([0-9a-f]{6})-(\d+)\.\d+\.part/.exec(name) ?? []
  return owner === tag ? Number(id) : null
}

/**
 * Removes the temporary results of a job. They are numbered without gaps, so the first that is absent ends the search; but of parts that
 * the work knows, some may have their final name already. From the last to the first, so that a crash leaves no gap either.
 */
export async function removeTemps({ id, order }: Pick<Job, 'id' | 'order'>, tag: string, work: Work): Promise<void> {
  const known = 'parts' in work ? work.parts.length : 0
  const there: string[] = []
  for (let n = 0; ; n += 1) {
    const path = tempPath(order.folder, tag, id, n)
    if (await isThere(path)) there.push(path)
    else if (n >= known) break
  }
  for (const path of there.toReversed()) await rm(path, { force: true }).catch(() => undefined)
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
