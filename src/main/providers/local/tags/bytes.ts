/** A file under a writer's hands: bytes are read and put in, and what lies behind them moves up in place, whatever its size. Apart, beneath all writers. */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'

export interface OpenBytes {
  length(): number
  /** As many as there are, `length` at most. */
  read(at: number, length: number): Buffer
  write(at: number, bytes: Buffer): void
}

/** @param flag `r+` where it is written to. Closed when `work` returns. */
export function withBytes<T>(path: string, flag: 'r' | 'r+', work: (file: OpenBytes) => T): T {
  const handle = openSync(path, flag)
  const length = () => fstatSync(handle).size
  try {
    return work({
      length,
      read: (at, wanted) => {
        const buffer = Buffer.alloc(Math.max(0, Math.min(wanted, length() - at)))
        let done = 0
        while (done < buffer.length) {
          const count = readSync(handle, buffer, done, buffer.length - done, at + done)
          if (count === 0) break
          done += count
        }
        return buffer.subarray(0, done)
      },
      write: (at, bytes) => {
        let done = 0
        while (done < bytes.length) done += writeSync(handle, bytes, done, bytes.length - done, at + done)
      },
    })
  } finally {
    closeSync(handle)
  }
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
