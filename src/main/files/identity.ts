/**
 * What stands under a path: whether anything does, and which file it is. Only ENOENT and ENOTDIR say that nothing is there; with any
 * other error, as on a disk that fails, a file may be there all the same, so it is thrown.
 */
import type { Stats } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'

/** The error code of the system; empty where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Whether the system says that nothing is there, rather than that it cannot tell. */
export function isAbsence(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
}

async function unlessAbsent<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found
  } catch (error) {
    if (isAbsence(error)) return null
    throw error
  }
}

export async function statIfThere(path: string): Promise<Stats | null> {
  return await unlessAbsent(stat(path))
}

/** Which file it is, as text: its disk and its number there. */
export async function inodeOf(path: string): Promise<string | null> {
  const stats = await unlessAbsent(stat(path, { bigint: true }))
  return stats === null ? null : `${stats.dev}:${stats.ino}`
}

/** Whether a name is taken, be it by a link that leads nowhere. */
export async function isTaken(path: string): Promise<boolean> {
  return (await unlessAbsent(lstat(path))) !== null
}

/** Whether two paths are the same file, links and letter case seen through. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  if (one === other) return true
  const [first, second] = [await inodeOf(one), await inodeOf(other)]
  return first !== null && first === second
}
