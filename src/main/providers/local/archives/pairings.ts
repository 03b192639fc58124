/**
 * Which archives become which, as data. Any other file becomes a member of a new archive, and so does an archive together with others, so all
 * formats that are known stand on the left there.
 */
import { formatIds } from '../../../../shared/formats.ts'
import type { Pairing } from '../../provider.ts'

/** Formats of archives that are written. */
export const packed = ['zip', '7z', 'tar', 'tar.gz', 'tar.xz', 'tar.zst', 'tar.bz2'] as const
export type PackedFormat = (typeof packed)[number]

export const readArchives = [...packed, 'rar', 'iso', 'cab', 'dmg'] as const
export type ReadArchive = (typeof readArchives)[number]

export const archivePairings: readonly Pairing[] = [
  ...pairingsTo({ from: readArchives, options: ['sourceEncoding', 'password'] }),
  ...pairingsTo({ from: formatIds, options: [], joins: true, packs: true }),
]

function pairingsTo(source: Omit<Pairing, 'to'>): readonly Pairing[] {
  const { options } = source
  return [
    { ...source, to: ['zip', '7z'], options: [...options, 'archiveLevel', 'protect'] },
    { ...source, to: ['tar.gz', 'tar.xz', 'tar.zst', 'tar.bz2'], options: [...options, 'archiveLevel'] },
    { ...source, to: ['tar'] },
  ]
}
