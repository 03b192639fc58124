/**
 * What archives hold, whatever their format, and what may go from one into another. Nothing of a stranger's archive is believed: names that would
 * leave the folder it is unpacked into, links that do, devices and bombs are refused before the first byte of a file is written.
 */
import { posix } from 'node:path'
import { archiveLimits, leadsOutside, sizeTrouble, type ArchiveLimits, type ArchiveSize } from '../../../files/archive-rules.ts'
import { JobError } from '../../../../shared/failure.ts'
import type { PackedFormat } from './pairings.ts'

export interface Member {
  /** With `/` between folders and none at either end. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link' | 'hard-link' | 'device'
  /** Unpacked. */
  readonly bytes: number
  readonly mtimeMs: number | null
  /** Permissions of Unix, 12 bits. */
  readonly mode: number | null
  readonly crc: number | null
  /** What a link points to; null where its contents say it. */
  readonly link: string | null
  readonly isEncrypted?: true
}

export interface Archive {
  /** In the order of the archive. */
  readonly members: readonly Member[]
  /** In the same order, of those that are wanted and have any; each has to be read, or left, before the next. */
  contents(wanted: (index: number) => boolean): AsyncIterable<{ readonly index: number; readonly bytes: AsyncIterable<Buffer> }>
  close(): Promise<void>
}

/** More than of what comes as an answer: whole trees of sources are packed. */
const limits: ArchiveLimits = { ...archiveLimits, entries: 50_000 }

/** How much may come out of so many bytes. */
export function maxUnpacked(packedBytes: number): number {
  return Math.min(limits.bytes, Math.max(limits.graceBytes, packedBytes * limits.growth))
}

/** @throws JobError where a container holds more than anybody would want unpacked. */
export function checkSize(path: string, size: ArchiveSize): void {
  const because = sizeTrouble(size, limits)
  if (because !== null)
    throw new JobError('source-unsupported', { path, because, count: limits.entries, bytes: size.unpackedBytes })
}

/**
 * Which members go over, by their places in the archive. Of two of one name in a tar the later counts, as it does to tar itself.
 * @param links what links point to, by their places.
 * @throws JobError `source-unsupported`.
 */
export function membersToPack(
  path: string,
  { members, links, isTar }: { members: readonly Member[]; links: ReadonlyMap<number, string>; isTar: boolean },
  target: PackedFormat,
): ReadonlySet<number> {
  const refuse = (because: 'entry-outside' | 'entry-twice' | 'entry-special', name: string) =>
    new JobError('source-unsupported', { path, because, name, target })
  const chosen = new Map<string, number>()
  for (const [index, member] of members.entries()) {
    if (member.path === '') continue
    if (leadsOutside(member.path)) throw refuse('entry-outside', member.path)
    if (member.kind === 'device') throw refuse('entry-special', member.path)
    if (member.kind === 'hard-link' && !target.startsWith('tar')) throw refuse('entry-special', member.path)
    // What ZIP separates folders by, another system has within a name.
    if (target === 'zip' && member.path.includes('\\')) throw refuse('entry-special', member.path)
    const before = chosen.get(member.path)
    if (before !== undefined && members[before]?.kind !== 'folder' && !isTar) throw refuse('entry-twice', member.path)
    chosen.set(member.path, index)
  }
  for (const index of chosen.values()) {
    const { path: name = '', kind } = members[index] ?? {}
    const link = links.get(index)
    if (kind === 'link' && (link === undefined || !staysInside(name, link))) throw refuse('entry-outside', name)
    if (kind === 'hard-link' && (link === undefined || leadsOutside(plainPath(link)))) throw refuse('entry-outside', name)
    if (foldersOf(name).some((folder) => members[chosen.get(folder) ?? -1]?.kind === 'link')) throw refuse('entry-outside', name)
  }
  return new Set(chosen.values())
}

/** As archives write paths, without `./` and without a slash at the end; what leaves its folder stays as it is. */
export function plainPath(path: string): string {
  const isRooted = path.startsWith('/')
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return `${isRooted ? '/' : ''}${parts.join('/')}`
}

function staysInside(path: string, link: string): boolean {
  if (/^([/\\]|[a-z]:)|[\0\\]/i.test(link) || link === '') return false
  const end = posix.normalize(posix.join(posix.dirname(path), link))
  return end !== '..' && !end.startsWith('../')
}

function foldersOf(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, n) => parts.slice(0, n + 1).join('/'))
}
