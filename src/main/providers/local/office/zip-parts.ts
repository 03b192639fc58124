/** Documents that are ZIP archives, opened as if they were hostile: judged by the directory before anything of them is unpacked. */
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl'
import { JobError } from '../../../../shared/failure.ts'
import { archiveLimits, leadsOutside, sizeTrouble } from '../../../files/archive-rules.ts'

/** Their names are the same in whatever case (ECMA-376, part 2). */
export interface ZipParts {
  readonly names: readonly string[]
  has(name: string): boolean
  /** Bytes that a part has unpacked; null where there is none of that name. */
  size(name: string): number | null
  /** Empty where there is none of that name. @throws where it is damaged, or larger than anybody reads at once. */
  text(name: string): Promise<string>
  close(): void
}

const maxPartBytes = 256 * 2 ** 20

/** @throws JobError `source-damaged`, or `source-unsupported` where it would unpack to more than any honest document. */
export async function openZipParts(bytes: Buffer, path: string): Promise<ZipParts> {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true, autoClose: false, decodeStrings: true }).catch(
    (cause: unknown) => {
      throw new JobError('source-damaged', { path, because: 'not-decodable' }, { cause })
    },
  )
  try {
    return await judged(zip, bytes.length, path)
  } catch (cause) {
    if (cause instanceof JobError) throw cause
    throw new JobError('source-damaged', { path, because: 'not-decodable' }, { cause })
  }
}

async function judged(zip: ZipFile, packedBytes: number, path: string): Promise<ZipParts> {
  const { entryCount: entries } = zip
  if (sizeTrouble({ entries, packedBytes, unpackedBytes: 0 }) !== null)
    throw new JobError('source-unsupported', { path, because: 'too-many-entries', count: archiveLimits.entries })
  const found = new Map<string, Entry>()
  const names: string[] = []
  let unpackedBytes = 0
  for await (const entry of zip.eachEntry()) {
    const { fileName: name } = entry
    if (leadsOutside(name)) throw new JobError('source-unsupported', { path, because: 'entry-outside', name })
    unpackedBytes += entry.uncompressedSize
    found.set(name.toLowerCase(), entry)
    names.push(name)
  }
  if (sizeTrouble({ entries, packedBytes, unpackedBytes }) !== null)
    throw new JobError('source-unsupported', { path, because: 'unpacks-too-large', bytes: unpackedBytes })
  return {
    names,
    has: (name) => found.has(name.toLowerCase()),
    size: (name) => found.get(name.toLowerCase())?.uncompressedSize ?? null,
    text: async (name) => {
      const entry = found.get(name.toLowerCase())
      if (entry === undefined) return ''
      if (entry.uncompressedSize > maxPartBytes)
        throw new JobError('source-unsupported', { path, because: 'unpacks-too-large', bytes: entry.uncompressedSize })
      const chunks: Buffer[] = []
      try {
        for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer)
      } catch (cause) {
        throw new JobError('source-damaged', { path, because: 'not-decodable' }, { cause })
      }
      return Buffer.concat(chunks).toString('utf8')
    },
    close: () => zip.close(),
  }
}
