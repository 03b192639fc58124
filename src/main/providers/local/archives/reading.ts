/** Archives of every format, by what they begin with: each by its own reader, all as the same list of members with contents. */
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import { checkSize, type Archive, type Member } from './members.ts'
import type { ReadArchive } from './pairings.ts'
import { listed, unpackInto } from './seven-zip.ts'
import { openTar } from './tar.ts'
import { openZip } from './zip.ts'

export interface SourceArchive {
  readonly path: string
  readonly password: string | null
  /** Of names that do not say theirs. */
  readonly encoding: string | null
}

/** @returns what it is; null where it is no archive that is read here. */
export async function archiveFormatOf(path: string): Promise<ReadArchive | null> {
  const file = await open(path, 'r')
  try {
    const bytesAt = async (position: number, length: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, Math.max(0, position))
      return buffer.subarray(0, bytesRead)
    }
    const head = await bytesAt(0, 512)
    const known = signatures.find(([bytes]) => head.subarray(0, bytes.length).equals(bytes))
    if (known !== undefined) return known[1]
    if (head.toString('latin1', 257, 262) === 'ustar' || isOldTar(head)) return 'tar'
    if (volumes.has((await bytesAt(0x8001, 5)).toString('latin1'))) return 'iso'
    const { size } = await file.stat()
    return size >= 512 && (await bytesAt(size - 512, 4)).toString('latin1') === 'koly' ? 'dmg' : null
  } finally {
    await file.close()
  }
}

const signatures: readonly (readonly [Buffer, ReadArchive])[] = [
  [Buffer.from('PK\x03\x04', 'latin1'), 'zip'],
  [Buffer.from('PK\x05\x06', 'latin1'), 'zip'],
  [Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'), '7z'],
  [Buffer.from('Rar!\x1a\x07', 'latin1'), 'rar'],
  [Buffer.from('MSCF', 'latin1'), 'cab'],
  [Buffer.from('\x1f\x8b', 'latin1'), 'tar.gz'],
  [Buffer.from('\xfd7zXZ\0', 'latin1'), 'tar.xz'],
  [Buffer.from('\x28\xb5\x2f\xfd', 'latin1'), 'tar.zst'],
  [Buffer.from('BZh', 'latin1'), 'tar.bz2'],
]

/** How the tables of ISO 9660 and of UDF begin. */
const volumes: ReadonlySet<string> = new Set(['CD001', 'BEA01'])

/** Before `ustar` there was a checksum alone. */
function isOldTar(head: Buffer): boolean {
  const stated = Number.parseInt(head.toString('latin1', 148, 156).trim(), 8)
  if (head.length < 512 || !(stated > 0)) return false
  return head.reduce((sum, byte, n) => sum + (n >= 148 && n < 156 ? 32 : byte), 0) === stated
}

/** What can be said without unpacking: the members; of what has no directory and is packed as a whole, nothing. */
export async function membersOf(source: SourceArchive, format: ReadArchive): Promise<readonly Member[] | null> {
  if (format === 'tar.xz' || format === 'tar.bz2') return null
  if (format === 'zip' || format === 'tar' || format === 'tar.gz' || format === 'tar.zst') {
    const archive = await openStreamed(source, format)
    await archive.close()
    return archive.members
  }
  return await listed({ ...source, ending: format })
}

/** @param spool a file that may be made on the way, and stays until the archive is closed. @param progress of what was unpacked, bytes. */
export async function openArchive(
  source: SourceArchive,
  format: ReadArchive,
  spool: string,
  progress: (bytes: number) => void,
): Promise<Archive> {
  const { path } = source
  const { size } = await stat(path)
  if (format === 'tar.xz' || format === 'tar.bz2') {
    await unpackInto(spool, { ...source, ending: format }, progress)
    return await openTar(spool, 'plain', size)
  }
  if (format === 'tar' || format === 'tar.gz' || format === 'tar.zst') return await openStreamed(source, format)
  const archive = format === 'zip' ? await openZip(path, source.encoding) : null
  const members = archive?.members ?? (await listed({ ...source, ending: format }))
  const unpackedBytes = members.reduce((sum, { bytes }) => sum + bytes, 0)
  checkSize(path, { entries: members.length, packedBytes: size, unpackedBytes })
  if (members.some(({ isEncrypted }) => isEncrypted === true) && source.password === null) {
    await archive?.close()
    throw new JobError('source-unreadable', { path, because: 'password' })
  }
  if (archive !== null && archive.isDecodable) return archive
  await archive?.close()
  await unpackInto(spool, { ...source, ending: format }, progress)
  return fromSpool(path, spool, members)
}

async function openStreamed({ path, encoding }: SourceArchive, format: 'zip' | 'tar' | 'tar.gz' | 'tar.zst'): Promise<Archive> {
  if (format === 'zip') return await openZip(path, encoding)
  return await openTar(path, format === 'tar' ? 'plain' : format === 'tar.gz' ? 'gzip' : 'zstd')
}

/** What came out one after the other, cut up by the sizes of the list: where these do not add up, nothing in it can be trusted. */
async function fromSpool(path: string, spool: string, members: readonly Member[]): Promise<Archive> {
  let end = 0
  const starts = members.map(({ bytes }) => (end += bytes) - bytes)
  if ((await stat(spool)).size !== end) throw new JobError('source-damaged', { path, because: 'not-decodable' })
  return {
    members,
    async *contents(wanted) {
      for (const [index, { kind, bytes }] of members.entries()) {
        if (kind === 'folder' || !wanted(index)) continue
        const start = starts[index] ?? 0
        yield { index, bytes: bytes === 0 ? nothing() : createReadStream(spool, { start, end: start + bytes - 1 }) }
      }
    },
    close: async () => {},
  }
}

async function* nothing(): AsyncGenerator<Buffer> {}
