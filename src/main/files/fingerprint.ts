/** What a file's contents look like, at the cost of a few short reads. Apart, since watching and placing both know files again by it. */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

const endBytes = 64 * 1024
const sampleBytes = 4 * 1024
const samples = 16

/**
 * A fingerprint that costs a few short reads: length, both ends, and samples between them, since audio and video often begin and end
 * alike. Files of up to 128 KiB are covered whole.
 */
export async function fingerprintOf(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const hash = createHash('sha256').update(`${size}\0`)
    const buffer = Buffer.alloc(endBytes)
    for (const { at, length } of piecesOf(size)) {
      const { bytesRead } = await file.read(buffer, 0, length, at)
      hash.update(buffer.subarray(0, bytesRead))
    }
    return hash.digest('hex').slice(0, 32)
  } finally {
    await file.close()
  }
}

interface Piece {
  readonly at: number
  readonly length: number
}

function piecesOf(size: number): readonly Piece[] {
  const head = { at: 0, length: Math.min(size, endBytes) }
  const tailAt = Math.max(head.length, size - endBytes)
  const tail = { at: tailAt, length: size - tailAt }
  const between = tailAt - head.length
  if (between === 0) return [head, tail]
  const step = Math.floor(between / samples)
  const middle = Array.from({ length: samples }, (_, n) => ({ at: head.length + n * step, length: Math.min(step, sampleBytes) }))
  return [head, ...middle, tail]
}
