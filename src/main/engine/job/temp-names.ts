/**
 * Temporary names. They stand beside the output (so that the last step is a rename within one file system), are hidden, short (so that
 * they fit where the final name fits) and follow from the job alone, so that a restart finds what a crash left. Whoever lists folders
 * has to know them.
 *
 * Where machines render for a job, each attempt has names of its own, with its number and the machine's: one that was given up, and comes
 * back late, writes over nobody else's.
 */
import { join } from 'node:path'

const pattern = /^\.beside-([0-9a-f]{6})-(\d+)\.(\d+-[0-9a-z]+\.)?\d+\.part/

export function tempPath(folder: string, tag: string, jobId: number, n: number): string {
  return join(folder, `.beside-${tag}-${jobId}.${n}.part`)
}

/** Of one attempt, behind what stands before the number of a part in `tempPath`. @param machine small letters and digits alone. */
export function attemptSuffix(attempt: number, machine: string, n: number): string {
  return `.${attempt}-${machine}.${n}.part`
}

/** The job whose attempt at rendering has this name; null where it is no such name, or that of another data folder. */
export function jobOfAttempt(name: string, tag: string): number | null {
  const [, owner, id, attempt] = pattern.exec(name) ?? []
  return owner === tag && attempt !== undefined ? Number(id) : null
}

/** Whether a file name is one of Beside's temporary ones, whichever data folder it belongs to. */
export function isTempName(name: string): boolean {
  return pattern.test(name)
}

/** The job whose temporary result has this name; null where it is no such name, or that of another data folder. */
export function jobOfTemp(name: string, tag: string): number | null {
  const [, owner, id] = pattern.exec(name) ?? []
  return owner === tag ? Number(id) : null
}
