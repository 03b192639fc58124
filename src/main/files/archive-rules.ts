/**
 * What an archive, or a document that is one inside, may ask for before anything of it is unpacked. It is judged by its directory: a megabyte
 * may hold a gigabyte of nothing, and a name may lead anywhere. Apart, for all who unpack what strangers made.
 */
export interface ArchiveLimits {
  readonly entries: number
  /** Unpacked, all together. */
  readonly bytes: number
  /** How many times its own size it may have unpacked, once that is more than `graceBytes`. */
  readonly growth: number
  readonly graceBytes: number
}

/** Media hardly shrinks; text may to a two-hundredth. */
export const archiveLimits: ArchiveLimits = { entries: 5_000, bytes: 64 * 1024 ** 3, growth: 200, graceBytes: 64 * 1024 ** 2 }

export interface ArchiveSize {
  readonly entries: number
  readonly packedBytes: number
  readonly unpackedBytes: number
}

/** @returns null where it may be unpacked. */
export function sizeTrouble(size: ArchiveSize, limits = archiveLimits): 'too-many-entries' | 'unpacks-too-large' | null {
  const { entries, packedBytes, unpackedBytes } = size
  if (entries > limits.entries) return 'too-many-entries'
  const isGrown = unpackedBytes > limits.graceBytes && unpackedBytes > packedBytes * limits.growth
  return unpackedBytes > limits.bytes || isGrown ? 'unpacks-too-large' : null
}

/** Whether a name, with slashes or with what Windows takes for one, leads out of the folder that it is unpacked in. */
export function leadsOutside(name: string): boolean {
  return /^([a-z]:|[/\\])/i.test(name) || name.split(/[/\\]/).includes('..') || name.includes('\0')
}

const fileTypeBits = 0o170000
const regularFile = 0o100000
const folder = 0o040000

/** Whether it is neither a file nor a folder but a link or a device. @param mode as Unix has it; 0 where nobody says. */
export function isSpecial(mode: number): boolean {
  const type = mode & fileTypeBits
  return type !== 0 && type !== regularFile && type !== folder
}

/** What desktops leave in archives beside the files. */
export function isBelongings(name: string): boolean {
  return name.startsWith('__MACOSX/') || /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$/i.test(name)
}
