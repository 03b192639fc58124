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

/** Of compression, 0 to 9. */
export const usualLevels = { zip: 6, '7z': 5, tar: 0, 'tar.gz': 6, 'tar.xz': 5, 'tar.zst': 4, 'tar.bz2': 5 } as const

export const archivePairings: readonly Pairing[] = [
  ...pairingsTo({ from: readArchives, options: ['sourceEncoding', 'password'] }),
  ...pairingsTo({ from: formatIds, options: [], joins: true, packs: true }),
]

function pairingsTo(source: Omit<Pairing, 'to'>): readonly Pairing[] {
  return packed.map((to): Pairing => {
    if (to === 'tar') return { ...source, to: [to] }
    const locks = to === 'zip' || to === '7z' ? (['protect'] as const) : []
    const defaults = { archiveLevel: { kind: 'value', value: usualLevels[to] } } as const
    return { ...source, to: [to], options: [...source.options, 'archiveLevel', ...locks], defaults }
  })
}
