/**
 * Bytes to a file, in order, while more come in. They are copied into a few blocks that are used again: what the network brings is
 * then of no more use at once, memory stays small, and a slow disk holds the network up instead of filling memory. Blocks of a
 * mebibyte took twice the processor time of these, single pieces of the network half as much again (512 MiB, ext4).
 */
import type { FileHandle } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export interface FileWriter {
  /** Resolves when there is room for more; the chunk may be changed then. @throws the file system's error of an earlier one. */
  add(chunk: Uint8Array): Promise<void>
  /** Resolves when everything that was added is in the file. */
  end(): Promise<void>
}

const blockBytes = 256 * 1024
/** One is filled; the others are on their way, one after the other. */
const blocks = 4

/** @param from where in the file the first byte goes. */
export function createFileWriter(file: FileHandle, from: number): FileWriter {
  const free: Buffer[] = []
  const writing: Promise<void>[] = []
  let made = 0
  let at = from
  let block: Buffer | null = null
  let filled = 0

  const freeBlock = async (): Promise<Buffer> => {
    if (free.length === 0 && made === blocks) await writing[0]
    const found = free.pop()
    if (found !== undefined) return found
    made += 1
    return Buffer.allocUnsafeSlow(blockBytes)
  }
  const write = (full: Buffer, bytes: number): void => {
    const [before = Promise.resolve(), first] = [writing.at(-1), at]
    const written = before.then(async () => {
      await writeWhole(file, full.subarray(0, bytes), first)
      free.push(full)
      void writing.shift()
    })
    // Waited for when its block is needed again, or at the end.
    written.catch(() => undefined)
    writing.push(written)
    at += bytes
    block = null
    filled = 0
  }
  return {
    add: async (chunk) => {
      for (let taken = 0; taken < chunk.length;) {
        block ??= await freeBlock()
        const piece = chunk.subarray(taken, taken + blockBytes - filled)
        block.set(piece, filled)
        filled += piece.length
        taken += piece.length
        if (filled === blockBytes) write(block, filled)
      }
      sweep(chunk.length)
    },
    end: async () => {
      if (block !== null && filled > 0) write(block, filled)
      await writing.at(-1)
    },
  }
}

/** A disk may take less than it was given. */
async function writeWhole(file: FileHandle, bytes: Uint8Array, from: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, from + done)
    done += bytesWritten
  }
}

const everyBytes = 2 * 1024 * 1024

let collect: ((how: { readonly type: 'minor' }) => void) | null = null
let passed = 0

/**
 * Frees memory of what has passed through, in time: so many bytes have come and are of no more use. Node reads a network in pieces of
 * 64 KiB outside its heap, and its collector waits for 64 MiB of such pieces before it stops everything to find them, with threads that
 * compete with ours. Collected while they are few and young, the same memory is used over and over: a large transfer takes half the
 * processor time, and a fifth of the memory.
 */
export function sweep(bytes: number): void {
  passed += bytes
  if (passed < everyBytes) return
  passed = 0
  collect ??= collector()
  collect({ type: 'minor' })
}

function collector(): (how: { readonly type: 'minor' }) => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as (how: { readonly type: 'minor' }) => void
}
