/** New archives of every format: ZIP and tar as streams; what 7-Zip writes from a file that all contents are put into first. */
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Member } from './members.ts'
import { usualLevels, type PackedFormat } from './pairings.ts'
import { packFrom, type Packable, type Packing } from './seven-zip.ts'
import { createTar } from './tar.ts'
import { createZip } from './zip.ts'

export interface ArchiveWriter {
  /** One after the other, in the order in which they are to stand; of a file its contents, of which there are as many bytes as the member says. */
  add(member: Member, contents: AsyncIterable<Buffer>): Promise<void>
  end(): Promise<void>
}

export interface NewArchive {
  readonly target: PackedFormat
  readonly output: string
  /** A file that may be made on the way. Nothing is there yet. */
  readonly spool: string
  /** 0 to 9; null: the usual one. */
  readonly level: number | null
  readonly protect: string | null
}

/** @param progress of what 7-Zip has read, bytes. */
export function createArchive(
  { target, output, spool, level, protect }: NewArchive,
  progress: (bytes: number) => void,
): ArchiveWriter {
  const set = level ?? usualLevels[target]
  const packing = { output, level: set, password: protect, progress }
  switch (target) {
    case 'zip':
      return protect === null ? createZip(output, set) : collected(spool, { ...packing, type: 'zip' })
    case '7z':
      return collected(spool, { ...packing, type: '7z' })
    case 'tar':
      return createTar(output, 'plain', set)
    case 'tar.gz':
      return createTar(output, 'gzip', set)
    case 'tar.zst':
      return createTar(output, 'zstd', set)
    case 'tar.xz':
      return twice(spool, { ...packing, type: 'xz' })
    case 'tar.bz2':
      return twice(spool, { ...packing, type: 'bzip2' })
  }
}

function collected(spool: string, packing: Omit<Packing, 'members'>): ArchiveWriter {
  const members: Packable[] = []
  const file = open(spool, 'wx')
  let end = 0
  return {
    add: async (member, contents) => {
      members.push({ member, from: { path: spool, start: end } })
      if (member.kind !== 'file') return
      for await (const chunk of contents) {
        await (await file).writeFile(chunk)
        end += chunk.length
      }
    },
    end: async () => {
      await (await file).close()
      await packFrom({ ...packing, members })
    },
  }
}

function twice(spool: string, packing: Omit<Packing, 'members'>): ArchiveWriter {
  const tar = createTar(spool, 'plain', 0)
  return {
    add: tar.add,
    end: async () => {
      await tar.end()
      const { size } = await stat(spool)
      const member: Member = {
        path: basename(spool),
        kind: 'file',
        bytes: size,
        mtimeMs: null,
        mode: null,
        crc: null,
        link: null,
      }
      await packFrom({ ...packing, members: [{ member, from: { path: spool, start: 0 } }] })
    },
  }
}
