/**
 * What stands under a path: whether anything does, and which file it is. Only ENOENT and ENOTDIR say that nothing is there; with any
 * other error, as on a disk that fails, a file may be there all the same, so it is thrown.
 */
import type { BigIntStats, Stats } from 'node:fs'
import { lstat, readdir, realpath, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fingerprintOf } from './fingerprint.ts'
import { hasNoEvents, mountOf } from './mounts.ts'

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

/**
 * As `statIfThere`, where something is expected. A share may remember for a minute that nothing was there when it was asked before
 * somebody else wrote it; listing the folder makes it look again.
 */
export async function statExpected(path: string): Promise<Stats | null> {
  const found = await statIfThere(path)
  if (found !== null) return found
  await readdir(dirname(path)).catch(() => undefined)
  return await statIfThere(path)
}

/** Which file it is among those that can be seen now, as text: its disk and its number there. Another mount gives others. */
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

/** What two clocks, or two ways of keeping time, make of the same date, in milliseconds. */
const maxTimeApart = 2

/** Whether two dates of files, in milliseconds, are the same one. */
export function isSameTime(oneMs: number, otherMs: number): boolean {
  return Math.abs(oneMs - otherMs) <= maxTimeApart
}

/**
 * What tells a file from all others, also when its disk or share has been mounted anew, as text for a row: its number, length and date;
 * where numbers are not kept, as on shares, a fingerprint instead. Null: nothing is there.
 */
export async function identityOf(path: string): Promise<string | null> {
  const stats = await unlessAbsent(stat(path, { bigint: true }))
  if (stats === null) return null
  const parts = [stats.ino, stats.size, millisecondsOf(stats)]
  return ((await keepsNumbers(path)) ? parts : [...parts, await fingerprintOf(path)]).join(' ')
}

/** Whether the file that is there is the one of an identity; older versions kept disk and number alone. */
export async function isIdentity(path: string, identity: string): Promise<boolean> {
  const stats = await unlessAbsent(stat(path, { bigint: true }))
  if (stats === null) return false
  const [, oldNumber] = /^\d+:(\d+)$/.exec(identity) ?? []
  if (oldNumber !== undefined) return String(stats.ino) === oldNumber
  const [number = '', bytes = '', dateMs = '', print] = identity.split(' ')
  if (String(stats.size) !== bytes || !isSameTime(millisecondsOf(stats), Number(dateMs))) return false
  return print === undefined ? String(stats.ino) === number : (await fingerprintOf(path)) === print
}

function millisecondsOf({ mtimeNs }: BigIntStats): number {
  return Number(mtimeNs) / 1e6
}

/** What Linux calls the file systems of disks that most people have; asking for that is cheap, and asked for with each file. */
const diskTypes: ReadonlySet<number> = new Set([
  0xef53, // ext2 to ext4
  0x5846_5342, // XFS
  0x9123_683e, // Btrfs
  0xf2f5_2010, // F2FS
  0x2fc1_2fc1, // ZFS
  0xca45_1a4e, // bcachefs
  0x0102_1994, // tmpfs
  0x794c_7630, // overlay
])

/** Whether the numbers of files say which is which: shares, and systems that do not say what a path is on, may give others each time. */
export async function keepsNumbers(path: string): Promise<boolean> {
  const folder = dirname(path)
  if (process.platform === 'linux' && (await isOnDisk(folder))) return true
  const mount = await mountOf(await realpath(folder).catch(() => folder), process.platform)
  return mount !== null && !hasNoEvents(mount)
}

async function isOnDisk(folder: string): Promise<boolean> {
  return await statfs(folder).then(
    ({ type }) => diskTypes.has(type),
    () => false,
  )
}
