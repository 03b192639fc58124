/** Documents that are a ZIP inside: judged by their directory before anything of them is unpacked, and their parts read into memory one by one. Apart, for all who read them. */
import { stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { JobError } from '../../../../shared/failure.ts'
import { archiveLimits, isSpecial, leadsOutside, sizeTrouble } from '../../../files/archive-rules.ts'

/** A document is held in memory, unlike what an archive holds. */
const limits = { ...archiveLimits, bytes: 2 ** 30 }

export interface PackedDocument {
  /** With slashes. */
  readonly names: ReadonlySet<string>
  /** @throws JobError `source-damaged` where there is no such part, or it is damaged. */
  read(name: string): Promise<Buffer>
  close(): void
}

/** @throws JobError `source-damaged`, with what is wrong with it. */
export async function openPacked(path: string): Promise<PackedDocument> {
  const damaged = (cause: unknown): JobError =>
    new JobError(
      'source-damaged',
      { path, because: 'archive-unreadable', ...(cause instanceof Error && { said: cause.message }) },
      { cause },
    )
  const zip = await openPromise(path, { autoClose: false }).catch((error: unknown) => {
    throw damaged(error)
  })
  try {
    const entries = await entriesOf(zip, path).catch((error: unknown) => {
      throw error instanceof JobError ? error : isOutside(error) ? outside(path, error.message) : damaged(error)
    })
    return {
      names: new Set(entries.keys()),
      read: async (name) => {
        const entry = entries.get(name)
        if (entry === undefined) throw new JobError('source-damaged', { path, because: 'archive-lacks', program: name } as never)
        try {
          return await buffer(await zip.openReadStreamPromise(entry))
        } catch (error) {
          throw damaged(error)
        }
      },
      close: () => zip.close(),
    }
  } catch (error) {
    zip.close()
    throw error
  }
}

async function entriesOf(zip: ZipFile, path: string): Promise<ReadonlyMap<string, Entry>> {
  const packedBytes = (await stat(path)).size
  const entries = new Map<string, Entry>()
  let unpackedBytes = 0
  const judge = (count: number): void => {
    const because = sizeTrouble({ entries: count, packedBytes, unpackedBytes }, limits)
    if (because !== null) throw new JobError('source-damaged', { path, because, count: limits.entries, bytes: unpackedBytes })
  }
  judge(zip.entryCount)
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName
    if (leadsOutside(name) || isSpecial(entry.externalFileAttributes >>> 16)) throw outside(path, name)
    if (entry.isEncrypted()) throw new JobError('source-protected', { path, because: 'lock-unknown' })
    unpackedBytes += entry.uncompressedSize
    judge(zip.entryCount)
    if (!name.endsWith('/')) entries.set(name, entry)
  }
  return entries
}

/** As its reader says it of a name that leads out. */
function isOutside(error: unknown): error is Error {
  return error instanceof Error && /relative path|absolute path|invalid characters in fileName/.test(error.message)
}

function outside(path: string, name: string): JobError {
  return new JobError('source-damaged', { path, because: 'entry-outside', name })
}
