/**
 * Where uploads, and the files of served jobs, lie in the data folder: an upload under its process's number, so that one whose process has gone is known
 * to be nobody's, and a job with its sources and its results in a folder each. Apart: who takes uploads and who holds the queue are two processes at times.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface ServedPlaces {
  readonly uploads: string
  readonly jobs: string
}

export function placesIn(home: string): ServedPlaces {
  return { uploads: join(home, 'served', 'uploads'), jobs: join(home, 'served', 'jobs') }
}

/** Of a process: which one it is, also among all that had its number before or will have it. */
export async function ownMark(): Promise<string> {
  return `${process.pid}.${(await startOf(process.pid)) ?? '0'}`
}

export function uploadName(mark: string, key: string): string {
  return `${mark}-${key}`
}

/** The process that took an upload of this name. */
export function markOf(upload: string): string {
  return upload.split('-')[0] ?? ''
}

export async function isRunning(mark: string): Promise<boolean> {
  const [pid, start] = mark.split('.')
  return (await startOf(Number(pid))) === start
}

/**
 * When a process began, in whatever unit the system has; null where there is none of that number, or nothing but its exit status is left of it. Only
 * Linux tells the time in a file: elsewhere it is the same for all, and the number has to do.
 */
async function startOf(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return isThere(pid) ? '0' : null
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  // What stands before the last bracket is the program's name, which may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const isLeft = fields[0] !== 'Z' && fields[0] !== 'X'
  return isLeft ? (fields[19] ?? null) : null
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export function sourcesOf(jobs: string, id: string): string {
  return join(jobs, id, 'in')
}

export function resultsOf(jobs: string, id: string): string {
  return join(jobs, id, 'out')
}

/** Empty where there is none. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  })
}
