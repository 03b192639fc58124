/**
 * The bytes of a file: read in few calls however small the pieces are that are asked for, and under a writer's hands, where what lies behind
 * what is put in moves up in place, whatever its size. Apart, beneath all readers and writers.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'

export interface OpenBytes {
  length(): number
  /** As many as there are, `length` at most. */
  read(at: number, length: number): Buffer
  write(at: number, bytes: Buffer): void
}

export interface ClosableBytes extends OpenBytes {
  close(): void
}

/** What is read at once where less is asked for: much on from where the last piece was, little elsewhere. */
const aheadBytes = 32 * 1024
const elsewhereBytes = 4 * 1024

/** @param flag `r+` where it is written to. Whoever only reads sees the file as it was when each piece was first asked for. */
export function openBytes(path: string, flag: 'r' | 'r+'): ClosableBytes {
  const handle = openSync(path, flag)
  const close = (): void => closeSync(handle)
  try {
    return { ...(flag === 'r' ? readingAhead(handle) : writing(handle)), close }
  } catch (error) {
    close()
    throw error
  }
}

/** Closed when `work` returns. */
export function withBytes<T>(path: string, flag: 'r' | 'r+', work: (file: OpenBytes) => T): T {
  const file = openBytes(path, flag)
  try {
    return work(file)
  } finally {
    file.close()
  }
}

function readingAhead(handle: number): OpenBytes {
  const { size } = fstatSync(handle)
  let ahead: { readonly at: number; readonly bytes: Buffer } = { at: 0, bytes: Buffer.alloc(0) }
  return {
    length: () => size,
    read: (at, wanted) => {
      const length = Math.max(0, Math.min(wanted, size - at))
      if (length >= aheadBytes) return readAt(handle, at, length)
      const end = ahead.at + ahead.bytes.length
      if (at < ahead.at || at + length > end) {
        const isNear = at >= ahead.at && at <= end + aheadBytes
        ahead = { at, bytes: readAt(handle, at, Math.min(isNear ? aheadBytes : Math.max(length, elsewhereBytes), size - at)) }
      }
      // A copy: what is handed out may be changed.
      return Buffer.from(ahead.bytes.subarray(at - ahead.at, at - ahead.at + length))
    },
    write: () => {
      throw new Error('opened to be read')
    },
  }
}

function writing(handle: number): OpenBytes {
  const length = (): number => fstatSync(handle).size
  return {
    length,
    read: (at, wanted) => readAt(handle, at, Math.max(0, Math.min(wanted, length() - at))),
    write: (at, bytes) => {
      let done = 0
      while (done < bytes.length) done += writeSync(handle, bytes, done, bytes.length - done, at + done)
    },
  }
}

function readAt(handle: number, at: number, length: number): Buffer {
  const buffer = Buffer.alloc(Math.max(0, length))
  let done = 0
  while (done < buffer.length) {
    const count = readSync(handle, buffer, done, buffer.length - done, at + done)
    if (count === 0) break
    done += count
  }
  return buffer.subarray(0, done)
}

const blockBytes = 4 * 2 ** 20

/** `length` bytes from `at` on, `by` further; from the end, so that nothing is written over before it was read. */
export function moveUp(file: OpenBytes, at: number, length: number, by: number): void {
  for (let end = at + length; end > at; end -= blockBytes) {
    const from = Math.max(at, end - blockBytes)
    file.write(from + by, file.read(from, end - from))
  }
}

/** Puts `bytes` where `removed` fewer ones are. */
export function insert(path: string, at: number, removed: number, bytes: Buffer): void {
  withBytes(path, 'r+', (file) => {
    const by = bytes.length - removed
    if (by < 0) throw new RangeError('a writer leaves room instead of moving bytes down')
    if (by > 0) moveUp(file, at + removed, file.length() - at - removed, by)
    file.write(at, bytes)
  })
}
