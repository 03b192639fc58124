/** Tar files, plain or compressed by what Node has, read and written as streams. */
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, crc32, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { extract, pack, type Header } from 'tar-stream'
import { JobError } from '../../../../shared/failure.ts'
import { checkSize, maxUnpacked, plainPath, type Archive, type Member } from './members.ts'
import type { ArchiveWriter } from './writing.ts'

export type TarPacking = 'plain' | 'gzip' | 'zstd'

const kinds: Readonly<Record<string, Member['kind']>> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'folder',
  symlink: 'link',
  link: 'hard-link',
}

/**
 * Read through once for what it holds, since it has no directory, and again for its contents.
 * @param packedBytes of what it was unpacked from, where that was not here.
 */
export async function openTar(path: string, packing: TarPacking, packedBytes: number | null = null): Promise<Archive> {
  const size = packedBytes ?? (await stat(path)).size
  const members: Member[] = []
  let total = 0
  for await (const { header, bytes } of entriesOf(path, packing, maxUnpacked(size))) {
    total += header.size
    checkSize(path, { entries: members.length + 1, packedBytes: size, unpackedBytes: total })
    let crc = 0
    for await (const chunk of bytes) crc = crc32(chunk, crc)
    members.push(memberOf(header, crc))
  }
  // Zeros alone are an archive without files to tar; so is whatever else happens to begin with as many.
  if (members.length === 0) throw new JobError('source-damaged', { path, because: 'nothing-readable' })
  return {
    members,
    async *contents(wanted) {
      let index = 0
      for await (const { bytes } of entriesOf(path, packing, maxUnpacked(size))) {
        if (members[index]?.kind === 'file' && wanted(index)) yield { index, bytes }
        index += 1
      }
    },
    close: async () => {},
  }
}

async function* entriesOf(
  path: string,
  packing: TarPacking,
  max: number,
): AsyncGenerator<{ readonly header: Header; readonly bytes: AsyncIterable<Buffer> }> {
  const entries = extract()
  const unpacker = packing === 'plain' ? new PassThrough() : packing === 'gzip' ? createGunzip() : createZstdDecompress()
  let unpacked = 0
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      unpacked += chunk.length
      if (unpacked > max + tarOverhead)
        throw new JobError('source-unsupported', { path, because: 'unpacks-too-large', bytes: unpacked })
      yield chunk
    }
  }
  const read = pipeline(createReadStream(path), unpacker, counted, entries as unknown as NodeJS.WritableStream)
  read.catch(() => {})
  try {
    for await (const entry of entries) {
      yield { header: entry.header, bytes: contentsOf(entry as unknown as AsyncIterable<Buffer>) }
      // What was left of it.
      entry.resume()
    }
    await read
  } catch (error) {
    throw await troubleOf(error)
  }

  async function* contentsOf(entry: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      yield* entry
    } catch (error) {
      throw await troubleOf(error)
    }
  }

  /** Of an end that comes too early each stream complains in its own way; the first knows why. */
  async function troubleOf(error: unknown): Promise<JobError> {
    const cause = error instanceof JobError ? error : await read.catch((reason: unknown) => reason)
    return cause instanceof JobError ? cause : new JobError('source-damaged', { path, because: 'not-decodable' }, { cause })
  }
}

/** Headers and padding of the most files that there may be. */
const tarOverhead = 50_000 * 2048

function memberOf({ name, type, size, mtime, mode, linkname, pax }: Header, crc: number): Member {
  const exact = Number((pax as Readonly<Record<string, string>> | null | undefined)?.['mtime'] ?? Number.NaN)
  const kind = kinds[type] ?? 'device'
  return {
    path: plainPath(name),
    kind,
    bytes: kind === 'file' ? size : 0,
    mtimeMs: Number.isFinite(exact) ? Math.round(exact * 1000) : mtime.getTime(),
    mode: mode & 0o7777,
    crc: kind === 'file' ? crc : null,
    link: kind === 'link' || kind === 'hard-link' ? linkname : null,
  }
}

/** @param level of compression, 0 to 9. */
export function createTar(output: string, packing: TarPacking, level: number): ArchiveWriter {
  const tar = pack()
  const packer =
    packing === 'gzip'
      ? createGzip({ level })
      : packing === 'zstd'
        ? // Its levels go to 19 without asking readers for more memory than usual.
          createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: Math.max(1, level * 2 + 1) } })
        : new PassThrough()
  const written = pipeline(tar as unknown as NodeJS.ReadableStream, packer, createWriteStream(output, { flags: 'wx' }))
  written.catch(() => {})
  return {
    add: async (member, contents) => {
      const done = Promise.withResolvers<void>()
      const sink = tar.entry(headerOf(member), (error) => (error ? done.reject(error) : done.resolve()))
      if (member.kind === 'file')
        await Promise.race([pipeline(Readable.from(contents), sink as unknown as NodeJS.WritableStream), written])
      else (sink as unknown as NodeJS.WritableStream).end()
      await Promise.race([done.promise, written])
    },
    end: async () => {
      tar.finalize()
      await written
    },
  }
}

const lastOldSecond = 2 ** 31 - 1

/** Times are whole seconds of 1970 to 2038 in the plain header; others have a field of their own. */
function headerOf({ path, kind, bytes, mtimeMs, mode, link }: Member): Header & { readonly pax: unknown } {
  const seconds = mtimeMs === null ? null : Math.min(lastOldSecond, Math.max(0, Math.floor(mtimeMs / 1000)))
  const type = kind === 'folder' ? 'directory' : kind === 'link' ? 'symlink' : kind === 'hard-link' ? 'link' : 'file'
  return {
    name: type === 'directory' ? `${path}/` : path,
    size: kind === 'file' ? bytes : 0,
    mode: mode ?? (kind === 'folder' ? 0o755 : 0o644),
    type,
    ...(link !== null && { linkname: link }),
    ...(seconds !== null && { mtime: new Date(seconds * 1000) }),
    ...(mtimeMs !== null && mtimeMs !== (seconds ?? 0) * 1000 && { pax: { mtime: String(mtimeMs / 1000) } }),
  } as Header & { readonly pax: unknown }
}
