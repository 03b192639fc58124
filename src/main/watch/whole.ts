/**
 * Whether a file is as long as it says itself. Many formats state their length near the beginning; a copy that has stopped half way
 * looks quiet, and can still be told by that. So can room that was reserved and not yet filled.
 */

/** A file that is open for reading. Between one question and the next it may become another. */
export interface ReadableFile {
  stat(): Promise<{ readonly size: number }>
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
}

const tailBytes = 4096

/** What is missing, in words, or null where nothing tells. */
export async function cutOff(file: ReadableFile): Promise<string | null> {
  const { size } = await file.stat()
  const head = await bytesAt(file, 0, Math.min(size, 32))
  const declared = chunked(head) ?? (isIso(head) ? await boxes(file, size) : null)
  if (declared !== null && declared > size) return `it says that it has ${declared} bytes and has ${size}`
  // Silence is zeros, too: only what is compressed never ends in so many of them.
  if (isRaw(head) || size <= tailBytes * 16) return null
  const tail = await bytesAt(file, size - tailBytes, tailBytes)
  return tail.length === tailBytes && tail.every((byte) => byte === 0) ? 'its end has not been written' : null
}

/** RIFF (WAV, WebP, AVI) and IFF (AIFF) say their length; those written to a pipe say none, or all ones. */
function chunked(head: Buffer): number | null {
  if (head.length < 12) return null
  const id = head.toString('latin1', 0, 4)
  const length = id === 'RIFF' ? head.readUInt32LE(4) : id === 'FORM' ? head.readUInt32BE(4) : 0
  return length === 0 || length >= 0xffff_fff0 - 44 ? null : length + 8
}

function isIso(head: Buffer): boolean {
  return head.length >= 12 && head.toString('latin1', 4, 8) === 'ftyp'
}

function isRaw(head: Buffer): boolean {
  return /^(RIFF|FORM|RF64|BM|II\*|MM)/.test(head.toString('latin1', 0, 4))
}

/** Where the last box of an MP4, MOV or HEIC ends. */
async function boxes(file: ReadableFile, size: number): Promise<number | null> {
  let at = 0
  for (let count = 0; count < 64 && at + 8 <= size; count += 1) {
    const head = await bytesAt(file, at, Math.min(16, size - at))
    // It has become shorter since its length was asked for.
    if (head.length < 8) return null
    const short = head.readUInt32BE(0)
    const length = short === 1 && head.length === 16 ? Number(head.readBigUInt64BE(8)) : short
    // Zero: to the end of the file. Other small ones make no sense.
    if (length < 8) return null
    at += length
  }
  return at
}

async function bytesAt(file: ReadableFile, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}
