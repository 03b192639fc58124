/**
 * What a file is by its first bytes. Read here, in JavaScript, so that the main process never hands a stranger's file to a native
 * decoder, and a worker gets only what it can read.
 * Apart, since it runs in the main process and loads no decoder.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import { beginningOf, headBytes, preambleBytes } from '../reading/signatures.ts'
import type { ImageSource } from './pairings.ts'

/** Windows has neither FIFOs nor this flag. */
const nonBlocking = (constants as Partial<typeof constants>).O_NONBLOCK ?? 0

export interface Content {
  /** Null: no kind of picture that is read here. */
  readonly format: ImageSource | null
  readonly bytes: number
}

/** Throws where there is nothing to read: `source-missing`, `source-unreadable`, `source-not-file`, `source-empty`. */
export async function contentOf(path: string): Promise<Content> {
  // A FIFO that nobody writes to would keep a blocking open waiting for ever.
  const file = await open(path, constants.O_RDONLY | nonBlocking).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new JobError('source-missing', { path })
    if (error.code === 'EACCES' || error.code === 'EPERM') throw new JobError('source-unreadable', { path, reason: error.code })
    throw error
  })
  const first = async (length: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0)
    return buffer.subarray(0, bytesRead)
  }
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new JobError('source-not-file', { path, because: stat.isDirectory() ? 'a-folder' : 'a-device' })
    if (stat.size === 0) throw new JobError('source-empty', { path })
    const soFar = beginningOf(await first(headBytes))
    const begins = soFar === 'unfinished' ? beginningOf(await first(preambleBytes)) : soFar
    return { format: begins === 'unfinished' || begins === 'raw' ? null : begins, bytes: stat.size }
  } finally {
    await file.close()
  }
}
