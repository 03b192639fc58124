/** WebP as a list of chunks (RIFF): how EXIF and XMP are put into a file. Apart, since no other format here is laid out like it. */
import { readFileSync, writeFileSync } from 'node:fs'

interface Chunk {
  readonly type: string
  readonly data: Buffer
}

const flags = { animation: 0x02, xmp: 0x04, exif: 0x08, alpha: 0x10, icc: 0x20 } as const

function chunksIn(webp: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = []
  for (let at = 12; at + 8 <= webp.length;) {
    const length = webp.readUInt32LE(at + 4)
    chunks.push({ type: webp.toString('latin1', at, at + 4), data: webp.subarray(at + 8, at + 8 + length) })
    at += 8 + length + (length % 2)
  }
  return chunks
}

export interface WebpWords {
  readonly exif: Buffer | null
  readonly xmp: string | null
}

/** Puts them into a WebP that libvips has written without any. */
export function describeWebp(path: string, { exif, xmp }: WebpWords): void {
  if (exif === null && xmp === null) return
  const chunks = chunksIn(readFileSync(path)).filter(({ type }) => type !== 'EXIF' && type !== 'XMP ')
  const [first] = chunks
  if (first === undefined) return
  const header = Buffer.from(first.type === 'VP8X' ? first.data : simpleHeader(first))
  header[0] = (header[0] ?? 0) | (exif === null ? 0 : flags.exif) | (xmp === null ? 0 : flags.xmp)
  const all = [
    { type: 'VP8X', data: header },
    ...chunks.filter(({ type }) => type !== 'VP8X'),
    ...(exif === null ? [] : [{ type: 'EXIF', data: exif }]),
    ...(xmp === null ? [] : [{ type: 'XMP ', data: Buffer.from(xmp) }]),
  ]
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...all.map(chunkBytes)])
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1')
  head.writeUInt32LE(body.length, 4)
  writeFileSync(path, Buffer.concat([head, body]))
}

/** A file of pixels alone says nothing of what else it holds: its size is in the pixels' own header. */
function simpleHeader({ type, data }: Chunk): Buffer {
  const header = Buffer.alloc(10)
  const bits = type === 'VP8L' ? data.readUInt32LE(1) : 0
  const [width, height] =
    type === 'VP8L'
      ? [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1]
      : [data.readUInt16LE(6) & 0x3fff, data.readUInt16LE(8) & 0x3fff]
  if (((bits >>> 28) & 1) === 1) header[0] = flags.alpha
  header.writeUIntLE(width - 1, 4, 3)
  header.writeUIntLE(height - 1, 7, 3)
  return header
}

function chunkBytes({ type, data }: Chunk): Buffer {
  const head = Buffer.alloc(8)
  head.write(type, 'latin1')
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
}

/** With the byte that evens out the last chunk, where a program or a download has left it out: all of the picture is there. */
export function evenedWebp(bytes: Buffer): Buffer | null {
  const isShort = bytes.length >= 12 && bytes.readUInt32LE(4) + 8 === bytes.length + 1
  const last = isShort ? chunksIn(bytes).at(-1) : undefined
  return last !== undefined && last.data.length % 2 === 1 ? Buffer.concat([bytes, Buffer.alloc(1)]) : null
}
