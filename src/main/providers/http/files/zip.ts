/**
 * A ZIP that a provider sent instead of a file, unpacked as if it were hostile: nothing is written outside the temporary names, and
 * sizes, count, kinds and names are judged by the directory before the first byte is unpacked. Folders inside are flattened.
 */
import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import type { Entry, ZipFile } from 'yauzl'
import { JobError, type FactsOf } from '../../../../shared/failure.ts'
import { endingOf, factsOf, type FormatId } from '../../../../shared/formats.ts'
import type { Part } from '../../../../shared/job.ts'
import { isBelongings, isSpecial, leadsOutside, sizeTrouble } from '../../../files/archive-rules.ts'
import { givenName, distinctNames } from './names.ts'

export interface Unpacking {
  readonly zip: string
  readonly target: FormatId
  /** Path for the n-th entry. */
  readonly temp: (n: number) => string
  readonly provider: string
  /** A file of the target may be an archive itself: it is unpacked only where it holds files of the target. */
  readonly onlyResults: boolean
  readonly signal: AbortSignal
}

type ZipTrouble = Omit<FactsOf['answer-bad'], 'provider'>

/**
 * The files in it; null where it is the result itself.
 * @throws JobError `answer-bad` for an archive that is damaged, hostile or empty. What was written by then is the caller's to remove.
 */
export async function unpack(unpacking: Unpacking): Promise<readonly Part[] | null> {
  const bad = (facts: ZipTrouble): JobError => new JobError('answer-bad', { provider: unpacking.provider, ...facts })
  const { default: yauzl } = await import('yauzl')
  const archive = await yauzl.openPromise(unpacking.zip, { autoClose: false, decodeStrings: false }).catch((error: unknown) => {
    throw bad({ because: 'zip-unreadable', reason: (error as Error).message })
  })
  try {
    const packedBytes = (await stat(unpacking.zip)).size
    const { entryCount: entries } = archive
    if (sizeTrouble({ entries, packedBytes, unpackedBytes: 0 }) !== null) throw bad({ because: 'zip-too-many', entries })
    const files: { entry: Entry; path: string }[] = []
    for await (const entry of archive.eachEntry()) {
      const path = pathIn(entry, yauzl.getFileNameLowLevel)
      if (leadsOutside(path)) throw bad({ because: 'zip-name', reason: path })
      const trouble = entryTrouble(entry)
      if (trouble !== null) throw bad({ because: trouble })
      if (!path.endsWith('/') && !isBelongings(path)) files.push({ entry, path })
    }
    if (files.length === 0) throw bad({ because: 'zip-empty' })
    const unpackedBytes = files.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0)
    if (sizeTrouble({ entries, packedBytes, unpackedBytes }) !== null)
      throw bad({ because: 'zip-too-large', bytes: unpackedBytes })
    const endings = factsOf(unpacking.target).extensions
    if (unpacking.onlyResults && !files.some(({ path }) => endings.includes(endingOf(path) ?? ''))) return null
    const names = distinctNames(files.map(({ path }) => givenName(path, unpacking.target)))
    const parts: Part[] = []
    for (const [n, { entry }] of files.entries()) {
      const temp = unpacking.temp(n)
      await extract(archive, entry, temp, unpacking.signal)
      parts.push({
        temp,
        bytes: entry.uncompressedSize,
        name: names[n]?.name ?? null,
        format: names[n]?.format ?? unpacking.target,
      })
    }
    return parts
  } catch (error) {
    if (unpacking.signal.aborted) throw unpacking.signal.reason
    if (error instanceof JobError || isOfDisk(error)) throw error
    throw bad({ because: 'zip-damaged', reason: (error as Error).message })
  } finally {
    archive.close()
  }
}

async function extract(archive: ZipFile, entry: Entry, temp: string, signal: AbortSignal): Promise<void> {
  let sum = 0
  let bytes = 0
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      sum = crc32(chunk, sum)
      bytes += chunk.length
      yield chunk
    }
  }
  await pipeline(await archive.openReadStreamPromise(entry), counted, createWriteStream(temp, { flags: 'wx' }), { signal })
  if (sum !== entry.crc32 || bytes !== entry.uncompressedSize) throw new Error('checksum')
}

/** Names without the UTF-8 mark are mostly UTF-8 all the same; only what cannot be is read as the old code page. */
function pathIn(
  entry: Entry,
  lowLevel: (bits: number, raw: Buffer, extra: Entry['extraFields'], strict: boolean) => string,
): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(entry.fileNameRaw).replaceAll('\\', '/')
  } catch {
    return lowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false)
  }
}

function entryTrouble(entry: Entry): 'zip-link' | 'zip-encrypted' | 'zip-compression' | null {
  if (isSpecial(entry.externalFileAttributes >>> 16)) return 'zip-link'
  if (entry.isEncrypted()) return 'zip-encrypted'
  return entry.canDecodeFileData() ? null : 'zip-compression'
}

function isOfDisk(error: unknown): boolean {
  return typeof (error as { readonly syscall?: unknown }).syscall === 'string'
}
