/** ZIP files: their directory, which says everything before anything is unpacked, and new ones. Names are read in the encoding that they are in. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { analyse } from 'chardet'
import iconv from 'iconv-lite'
import yauzl, { type Entry } from 'yauzl'
import yazl from 'yazl'
import { JobError } from '../../../../shared/failure.ts'
import { checkSize, plainPath, type Archive, type Member } from './members.ts'
import type { ArchiveWriter } from './writing.ts'

const fileTypeBits = 0o170000
const kinds: Readonly<Record<number, Member['kind']>> = { 0: 'file', 0o100000: 'file', 0o040000: 'folder', 0o120000: 'link' }

export interface ZipArchive extends Archive {
  /** Neither encrypted nor packed in a way that is used by few. */
  readonly isDecodable: boolean
}

/** @param encoding of names that do not say theirs; null: it is found out. */
export async function openZip(path: string, encoding: string | null): Promise<ZipArchive> {
  const damaged = (cause: unknown) =>
    cause instanceof JobError ? cause : new JobError('source-damaged', { path, because: 'not-decodable' }, { cause })
  const zip = await yauzl.openPromise(path, { autoClose: false, decodeStrings: false }).catch((cause: unknown) => {
    throw damaged(cause)
  })
  try {
    // Before millions of them are read.
    checkSize(path, { entries: zip.entryCount, packedBytes: zip.fileSize, unpackedBytes: 0 })
    const entries: Entry[] = []
    for await (const entry of zip.eachEntry()) entries.push(entry)
    const names = namesOf(entries, encoding)
    const members = entries.map((entry, n) => memberOf(entry, names[n] ?? ''))
    return {
      members,
      isDecodable: entries.every((entry) => !entry.isEncrypted() && entry.canDecodeFileData()),
      async *contents(wanted) {
        for (const [index, entry] of entries.entries()) {
          if (members[index]?.kind === 'folder' || !wanted(index)) continue
          const stream = await zip.openReadStreamPromise(entry).catch((cause: unknown) => {
            throw damaged(cause)
          })
          yield { index, bytes: checked(stream, entry, damaged) }
          stream.destroy()
        }
      },
      close: async () => zip.close(),
    }
  } catch (error) {
    zip.close()
    throw damaged(error)
  }
}

async function* checked(stream: Readable, entry: Entry, damaged: (cause: unknown) => JobError): AsyncGenerator<Buffer> {
  let sum = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum)
      yield chunk
    }
  } catch (error) {
    throw damaged(error)
  }
  if (sum !== entry.crc32) throw damaged(new Error('checksum'))
}

function memberOf(entry: Entry, name: string): Member {
  const { attributes, isOfUnix } = { attributes: entry.externalFileAttributes, isOfUnix: entry.versionMadeBy >>> 8 === 3 }
  const unix = attributes >>> 16
  const isFolder = name.endsWith('/') || (!isOfUnix && (attributes & 0x10) !== 0)
  const kind = isFolder ? 'folder' : (kinds[unix & fileTypeBits] ?? 'device')
  return {
    path: plainPath(name),
    kind,
    bytes: isFolder ? 0 : entry.uncompressedSize,
    mtimeMs: timeOf(entry),
    mode: unix === 0 ? null : unix & 0o7777,
    // Of what is encrypted in the newer way the directory may not tell; what decrypts it has a check of its own.
    crc: isFolder || entry.compressionMethod === aes ? null : entry.crc32,
    link: null,
    ...(entry.isEncrypted() && { isEncrypted: true as const }),
  }
}

/** The plain field has steps of two seconds in the time zone of whoever made it; newer fields have neither fault. */
function timeOf(entry: Entry): number | null {
  const time = entry.getLastModDate().getTime()
  return Number.isFinite(time) ? time : null
}

const aes = 99
const unicodePath = 0x7075

function namesOf(entries: readonly Entry[], encoding: string | null): readonly string[] {
  const old = entries.filter((entry) => utf8Name(entry) === null).map(({ fileNameRaw }) => fileNameRaw)
  const page = encoding ?? pageOf(Buffer.concat(old))
  return entries.map((entry) => (utf8Name(entry) ?? iconv.decode(entry.fileNameRaw, page)).replaceAll('\\', '/'))
}

/** Names without the mark are mostly UTF-8 all the same. */
function utf8Name({ fileNameRaw, extraFields }: Entry): string | null {
  const extra = extraFields.find(({ id }) => id === unicodePath)?.data
  // Version 1, the checksum of the plain name, the name.
  const isRight = extra !== undefined && extra.length > 5 && extra[0] === 1 && extra.readUInt32LE(1) === crc32(fileNameRaw)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(isRight ? extra.subarray(5) : fileNameRaw)
  } catch {
    return null
  }
}

/** Of those who wrote names in their own encoding, only those of East Asia can be told from the code page of DOS with certainty. */
const eastern: ReadonlySet<string> = new Set(['Shift_JIS', 'EUC-JP', 'GB18030', 'Big5', 'EUC-KR'])

function pageOf(names: Buffer): string {
  if (names.length === 0) return 'cp437'
  const [best] = analyse(names)
  return best !== undefined && eastern.has(best.name) && best.confidence >= 30 ? best.name : 'cp437'
}

/** @param level of compression, 0 to 9. */
export function createZip(output: string, level: number): ArchiveWriter {
  const zip = new yazl.ZipFile()
  const failed = new Promise<never>((_, reject) => zip.once('error', reject))
  failed.catch(() => {})
  const written = pipeline(Readable.from(zip.outputStream), createWriteStream(output, { flags: 'wx' }))
  written.catch(() => {})
  return {
    add: async (member, contents) => {
      const mtime = member.mtimeMs === null ? undefined : new Date(member.mtimeMs)
      const mode =
        { folder: 0o040000, link: 0o120000, file: 0o100000 }[member.kind as 'file'] | (member.mode ?? defaultMode(member))
      const facts = { mode, ...(mtime !== undefined && { mtime }) }
      if (member.kind === 'folder') zip.addEmptyDirectory(member.path, facts)
      else if (member.link !== null) zip.addBuffer(Buffer.from(member.link), member.path, { ...facts, compress: false })
      else {
        const { promise, resolve, reject } = Promise.withResolvers<void>()
        const stream = Readable.from(contents, { objectMode: false })
        stream.once('end', resolve).once('error', reject)
        zip.addReadStream(stream, member.path, { ...facts, compressionLevel: level, size: member.bytes })
        await Promise.race([promise, failed, written])
      }
    },
    end: async () => {
      zip.end()
      await Promise.race([written, failed])
    },
  }
}

function defaultMode({ kind }: Member): number {
  return kind === 'folder' ? 0o755 : 0o644
}
