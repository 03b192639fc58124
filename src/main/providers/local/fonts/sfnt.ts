/** The container that TrueType and OpenType fonts share: a directory of tables, each with four letters for its name. Pure. */
import { JobError } from '../../../../shared/failure.ts'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'

export interface Sfnt {
  /** Four bytes that say which kind of outlines it has. */
  readonly signature: string
  /** In the order in which they lie in the file. */
  readonly tables: ReadonlyMap<string, Buffer>
}

/** By the kind of their outlines: quadratic curves, or cubic ones. */
export type Outlines = 'ttf' | 'otf'

const signatures: ReadonlySet<string> = new Set(['\0\x01\0\0', 'OTTO', 'true', 'typ1'])
const headBytes = 12
const entryBytes = 16

/** @throws JobError `source-damaged` where it is none, or tables lie outside of it. */
export function readSfnt(font: Buffer, path: string): Sfnt {
  const signature = font.toString('latin1', 0, 4)
  const count = font.length < headBytes ? 0 : font.readUInt16BE(4)
  if (!signatures.has(signature) || count === 0 || font.length < headBytes + count * entryBytes) throw damaged(path)
  const found = Array.from({ length: count }, (_, n) => {
    const at = headBytes + n * entryBytes
    return {
      tag: font.toString('latin1', at, at + 4),
      offset: font.readUInt32BE(at + 8),
      length: font.readUInt32BE(at + 12),
    }
  })
  if (found.some(({ offset, length }) => offset + length > font.length)) throw damaged(path)
  const inOrder = found.toSorted((one, other) => one.offset - other.offset)
  const tables = new Map(inOrder.map(({ tag, offset, length }) => [tag, font.subarray(offset, offset + length)]))
  if (tables.size < count) throw damaged(path)
  return sfntOf(signature, tables, path)
}

/** @throws JobError `source-damaged` where it lacks what every font has. */
export function sfntOf(signature: string, tables: Sfnt['tables'], path: string): Sfnt {
  const has = (tag: string, bytes: number) => (tables.get(tag)?.length ?? 0) >= bytes
  if (!signatures.has(signature) || !has('head', 54) || !has('maxp', 6)) throw damaged(path)
  return { signature, tables }
}

/** With checksums that are right, whatever those of its source were. */
export function writeSfnt({ signature, tables }: Sfnt): Buffer {
  const count = tables.size
  const power = Math.floor(Math.log2(count))
  const head = Buffer.alloc(headBytes + count * entryBytes)
  head.write(signature, 'latin1')
  head.writeUInt16BE(count, 4)
  head.writeUInt16BE(2 ** power * entryBytes, 6)
  head.writeUInt16BE(power, 8)
  head.writeUInt16BE((count - 2 ** power) * entryBytes, 10)
  const places = new Map<string, number>()
  let end = head.length
  for (const [tag, data] of tables) {
    places.set(tag, end)
    end += padded(data.length)
  }
  const font = Buffer.alloc(end)
  for (const [tag, data] of tables) data.copy(font, places.get(tag))
  const adjustment = (places.get('head') ?? 0) + adjustmentAt
  font.writeUInt32BE(0, adjustment)
  for (const [n, tag] of [...tables.keys()].toSorted().entries()) {
    const [at, offset, length] = [headBytes + n * entryBytes, places.get(tag) ?? 0, tables.get(tag)?.length ?? 0]
    head.write(tag, at, 'latin1')
    head.writeUInt32BE(checksumOf(font.subarray(offset, offset + padded(length))), at + 4)
    head.writeUInt32BE(offset, at + 8)
    head.writeUInt32BE(length, at + 12)
  }
  head.copy(font)
  font.writeUInt32BE((wholeSum - checksumOf(font)) >>> 0, adjustment)
  return font
}

/** Where `head` says by how much the sum of the whole falls short of this number. */
const adjustmentAt = 8
const wholeSum = 0xb1b0afba

export function padded(length: number): number {
  return (length + 3) & ~3
}

/** @param data of whole words of 32 bits. */
function checksumOf(data: Buffer): number {
  let sum = 0
  for (let at = 0; at < data.length; at += 4) sum = (sum + data.readUInt32BE(at)) >>> 0
  return sum
}

export function outlinesOf({ signature }: Pick<Sfnt, 'signature'>): Outlines {
  return signature === 'OTTO' ? 'otf' : 'ttf'
}

/** Whether its maker allows nobody to put it into documents or pages without a licence that says so. */
export function isRestricted({ tables }: Sfnt): boolean {
  const os2 = tables.get('OS/2')
  return os2 !== undefined && os2.length >= 10 && (os2.readUInt16BE(8) & embedding.all) === embedding.restricted
}

/** Of the bits of `fsType` that say how it may be embedded, where more than one is set the least strict counts. */
const embedding = { all: 0x000e, restricted: 0x0002 } as const

export function factsOf({ tables }: Sfnt): DocumentFacts {
  const maxp = tables.get('maxp')
  return {
    tables: [...tables.keys()].toSorted(),
    ...(maxp !== undefined && { glyphs: maxp.readUInt16BE(4) }),
  }
}

export function damaged(path: string, cause?: unknown): JobError {
  return new JobError('source-damaged', { path, because: 'not-decodable' }, { cause })
}
