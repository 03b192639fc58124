/** WOFF 1, in which each table of a font is deflated by itself, as the recommendation of the W3C has it. Pure. Apart from the container that fonts have unpacked. */
import { deflateSync, inflateSync } from 'node:zlib'
import { damaged, padded, readSfnt, sfntOf, writeSfnt, type Sfnt } from './sfnt.ts'

const headBytes = 44
const entryBytes = 20
/** More than any font: what claims more is a bomb. */
const maxBytes = 256 * 2 ** 20

export function packWoff(font: Sfnt): Buffer {
  // As it is unpacked again: with the same checksums, in the same order.
  const plain = writeSfnt(font)
  const { tables } = readSfnt(plain, '')
  const sums = checksumsIn(plain)
  const head = Buffer.alloc(headBytes + tables.size * entryBytes)
  const tags = [...tables.keys()].toSorted()
  const packed: Buffer[] = [head]
  let end = head.length
  for (const [tag, data] of tables) {
    const deflated = deflateSync(data, { level: 9 })
    const kept = deflated.length < data.length ? deflated : data
    const at = headBytes + tags.indexOf(tag) * entryBytes
    head.write(tag, at, 'latin1')
    head.writeUInt32BE(end, at + 4)
    head.writeUInt32BE(kept.length, at + 8)
    head.writeUInt32BE(data.length, at + 12)
    head.writeUInt32BE(sums.get(tag) ?? 0, at + 16)
    packed.push(kept, Buffer.alloc(padded(kept.length) - kept.length))
    end += padded(kept.length)
  }
  head.write('wOFF', 'latin1')
  head.write(font.signature, 4, 'latin1')
  head.writeUInt32BE(end, 8)
  head.writeUInt16BE(tables.size, 12)
  head.writeUInt32BE(plain.length, 16)
  head.writeUInt16BE(1, 20)
  return Buffer.concat(packed)
}

function checksumsIn(font: Buffer): ReadonlyMap<string, number> {
  return new Map(
    Array.from({ length: font.readUInt16BE(4) }, (_, n) => {
      const at = 12 + n * 16
      return [font.toString('latin1', at, at + 4), font.readUInt32BE(at + 4)]
    }),
  )
}

/** @throws JobError `source-damaged`. */
export function unpackWoff(woff: Buffer, path: string): Buffer {
  const count = woff.length < headBytes ? 0 : woff.readUInt16BE(12)
  if (count === 0 || woff.length < headBytes + count * entryBytes) throw damaged(path)
  const entries = Array.from({ length: count }, (_, n) => {
    const at = headBytes + n * entryBytes
    const [offset, packedBytes, bytes] = [4, 8, 12].map((field) => woff.readUInt32BE(at + field)) as [number, number, number]
    return { tag: woff.toString('latin1', at, at + 4), offset, packedBytes, bytes }
  }).toSorted((one, other) => one.offset - other.offset)
  const claimed = entries.reduce((sum, { bytes }) => sum + bytes, 0)
  if (claimed > maxBytes || entries.some(({ offset, packedBytes }) => offset + packedBytes > woff.length)) throw damaged(path)
  const tables = entries.map(({ tag, offset, packedBytes, bytes }) => {
    const packed = woff.subarray(offset, offset + packedBytes)
    return [tag, packedBytes === bytes ? packed : inflated(packed, bytes, path)] as const
  })
  return writeSfnt(sfntOf(woff.toString('latin1', 4, 8), new Map(tables), path))
}

function inflated(packed: Buffer, bytes: number, path: string): Buffer {
  try {
    const data = inflateSync(packed, { maxOutputLength: Math.max(1, bytes) })
    if (data.length === bytes) return data
  } catch (cause) {
    throw damaged(path, cause)
  }
  throw damaged(path)
}
