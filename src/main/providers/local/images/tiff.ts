/** TIFF directories: lists of tagged values, each with a pointer to the next. TIFF pages and EXIF are made of them. */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { densityOf, perCentimetre, rational, type Density } from './density.ts'

/** The bytes there, or null where the file ends before. */
export type Read = (offset: number, length: number) => Buffer | null

export interface TiffEntry {
  readonly tag: number
  readonly type: number
  readonly count: number
  /** Little-endian. Up to four bytes stand in the directory itself, more go behind it. */
  readonly data: Buffer
}

export interface Directory {
  /** As written: `data` is the value, or the pointer to it. */
  readonly entries: readonly TiffEntry[]
  /** Offset of the next one; 0: none. */
  readonly next: number
}

export interface Tiff {
  readonly read: Read
  readonly little: boolean
  /** Offset of the first directory. */
  readonly first: number
}

/** Bytes of a value, by type. */
const sizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4]
/** No sound directory is larger; a hostile one would have us read for ever. */
const maxEntries = 2000
const maxPages = 10_000
/** MakerNotes are the largest of what is read. */
const maxBytes = 4 << 20

/** Null where this is no TIFF, or a BigTIFF, whose directories are laid out otherwise. */
export function openTiff(read: Read): Tiff | null {
  const header = read(0, 8)
  const magic = header?.toString('latin1', 0, 4)
  if (header === null || (magic !== 'II*\0' && magic !== 'MM\0*')) return null
  const little = magic === 'II*\0'
  return { read, little, first: little ? header.readUInt32LE(4) : header.readUInt32BE(4) }
}

export function readDirectory({ read, little }: Tiff, offset: number): Directory | null {
  const head = read(offset, 2)
  if (head === null) return null
  const count = little ? head.readUInt16LE() : head.readUInt16BE()
  const body = count > maxEntries ? null : read(offset + 2, count * 12 + 4)
  if (body === null) return null
  const short = (at: number): number => (little ? body.readUInt16LE(at) : body.readUInt16BE(at))
  const long = (at: number): number => (little ? body.readUInt32LE(at) : body.readUInt32BE(at))
  const entries = Array.from({ length: count }, (_, index) => {
    const at = index * 12
    return { tag: short(at), type: short(at + 2), count: long(at + 4), data: body.subarray(at + 8, at + 12) }
  })
  return { entries, next: long(count * 12) }
}

/** Where its value lies outside of the directory, and how long it is; null where it stands in the entry. */
export function placeOfValue(
  { little }: Tiff,
  { type, count, data }: TiffEntry,
): { readonly from: number; readonly to: number } | null {
  const bytes = (sizes[type] ?? 0) * count
  const from = little ? data.readUInt32LE() : data.readUInt32BE()
  return bytes <= 4 ? null : { from, to: from + bytes }
}

/** The entry with its value at hand, little-endian; null where it is damaged or too large. */
export function loaded({ read, little }: Tiff, entry: TiffEntry): TiffEntry | null {
  const size = sizes[entry.type] ?? 0
  const bytes = size * entry.count
  if (bytes === 0 || bytes > maxBytes) return null
  const pointer = little ? entry.data.readUInt32LE() : entry.data.readUInt32BE()
  const found = bytes <= 4 ? entry.data.subarray(0, bytes) : read(pointer, bytes)
  if (found === null) return null
  const data = Buffer.from(found)
  // A rational is two numbers of four bytes.
  const word = entry.type === 5 || entry.type === 10 ? 4 : size
  if (!little && word === 2) data.swap16()
  if (!little && word === 4) data.swap32()
  if (!little && word === 8) data.swap64()
  return { ...entry, data }
}

/** A directory as bytes that will stand at `start`, its longer values behind it. */
export function directoryBytes(entries: readonly TiffEntry[], start: number, next: number): Buffer {
  const sorted = entries.toSorted((one, other) => one.tag - other.tag)
  const table = Buffer.alloc(2 + sorted.length * 12 + 4)
  const behind: Buffer[] = []
  let end = start + table.length
  table.writeUInt16LE(sorted.length)
  for (const [index, { tag, type, count, data }] of sorted.entries()) {
    const at = 2 + index * 12
    table.writeUInt16LE(tag, at)
    table.writeUInt16LE(type, at + 2)
    table.writeUInt32LE(count, at + 4)
    if (data.length <= 4) {
      data.copy(table, at + 8)
      continue
    }
    table.writeUInt32LE(end, at + 8)
    const padded = data.length % 2 === 0 ? data : Buffer.concat([data, Buffer.alloc(1)])
    behind.push(padded)
    end += padded.length
  }
  table.writeUInt32LE(next, table.length - 4)
  return Buffer.concat([table, ...behind])
}

export interface Sheet {
  readonly width: number
  readonly height: number
  /** A smaller copy of another page: a preview, or a level of a pyramid. */
  readonly isReduced: boolean
}

/** The pages of a TIFF file in order; null where they cannot be listed. */
export function sheetsOf(path: string): readonly Sheet[] | null {
  return withFile(path, (read) => {
    const tiff = openTiff(read)
    const sheets: Sheet[] = []
    for (let offset = tiff?.first ?? 0; offset !== 0 && sheets.length < maxPages;) {
      const directory = tiff === null ? null : readDirectory(tiff, offset)
      if (tiff === null || directory === null) return null
      const number = (tag: number): number => {
        const entry = directory.entries.find((other) => other.tag === tag)
        const value = entry === undefined ? null : loaded(tiff, entry)
        return value === null ? 0 : value.data.readUIntLE(0, Math.min(value.data.length, 4))
      }
      sheets.push({ width: number(256), height: number(257), isReduced: (number(254) & 1) === 1 })
      offset = directory.next
    }
    return sheets
  })
}

const placeTags: ReadonlySet<number> = new Set([273, 324])
const longType = 4

/** One file of pages that came as a file each, in the byte order that this machine's are written in. */
export function joinedPages(files: readonly Buffer[]): Buffer {
  const parts: Buffer[] = []
  let end = 0
  let link: { readonly bytes: Buffer; readonly at: number } | null = null
  for (const file of files) {
    const pixels = Buffer.concat([file, Buffer.alloc(file.length % 2)])
    const start = end + pixels.length
    const directory = directoryBytes(entriesMoved(file, end), start, 0)
    // The header says where the first page is, and each page where the next.
    link ??= { bytes: pixels, at: 4 }
    link.bytes.writeUInt32LE(start, link.at)
    link = { bytes: directory, at: 2 + directory.readUInt16LE(0) * 12 }
    parts.push(pixels, directory)
    end = start + directory.length
  }
  return Buffer.concat(parts)
}

/** With the places of the pixels as they are once something stands before them. */
function entriesMoved(file: Buffer, by: number): readonly TiffEntry[] {
  const tiff = openTiff(inMemory(file))
  const entries = tiff === null ? [] : (readDirectory(tiff, tiff.first)?.entries ?? [])
  return entries.flatMap((entry) => {
    const value = tiff === null ? null : loaded(tiff, entry)
    if (value === null) return []
    if (!placeTags.has(value.tag)) return [value]
    const size = sizes[value.type] ?? longType
    const data = Buffer.alloc(value.count * 4)
    for (let n = 0; n < value.count; n += 1) data.writeUInt32LE(value.data.readUIntLE(n * size, Math.min(size, 4)) + by, n * 4)
    return [{ ...value, type: longType, data }]
  })
}

const densityTags = { x: 282, y: 283, unit: 296 } as const

/** Pixels an inch of the first page; null where it says nothing. */
export function densityOfTiff(read: Read): Density | null {
  const tiff = openTiff(read)
  const directory = tiff === null ? null : readDirectory(tiff, tiff.first)
  const value = (tag: number): Buffer | null => {
    const entry = directory?.entries.find((other) => other.tag === tag)
    return tiff === null || entry === undefined ? null : (loaded(tiff, entry)?.data ?? null)
  }
  const [x, y] = [value(densityTags.x), value(densityTags.y)].map((data) =>
    data === null || data.length < 8 ? 0 : data.readUInt32LE(0) / data.readUInt32LE(4),
  )
  const unit = value(densityTags.unit)?.readUInt16LE() ?? 2
  return densityOf(x ?? 0, y ?? 0, { 2: 1, 3: perCentimetre }[unit] ?? null)
}

/** In every page of a file that libvips has written: that says 25.4 where it knows nothing, and one number for both ways. */
export function setDensityOfTiff(path: string, density: Density | null): void {
  const values = [density?.x ?? 1, density?.y ?? 1].map((value) => {
    const data = Buffer.alloc(8)
    for (const [n, part] of rational(value).entries()) data.writeUInt32LE(part, n * 4)
    return data
  })
  const file = openSync(path, 'r+')
  try {
    const read = readingFrom(file)
    const tiff = openTiff(read)
    for (let offset = tiff?.first ?? 0, pages = 0; tiff !== null && offset !== 0 && pages < maxPages; pages += 1) {
      const directory = readDirectory(tiff, offset)
      for (const [index, { tag, data }] of (directory?.entries ?? []).entries()) {
        const value = tag === densityTags.x ? values[0] : tag === densityTags.y ? values[1] : undefined
        if (value !== undefined) writeSync(file, value, 0, 8, data.readUInt32LE())
        const unit = Buffer.from([density === null ? 1 : 2, 0, 0, 0])
        if (tag === densityTags.unit) writeSync(file, unit, 0, 4, offset + 2 + index * 12 + 8)
      }
      offset = directory?.next ?? 0
    }
  } finally {
    closeSync(file)
  }
}

export function inMemory(bytes: Buffer): Read {
  return (offset, length) => (offset + length <= bytes.length ? bytes.subarray(offset, offset + length) : null)
}

export function withFile<T>(path: string, use: (read: Read, bytes: number) => T): T {
  const file = openSync(path, 'r')
  try {
    return use(readingFrom(file), fstatSync(file).size)
  } finally {
    closeSync(file)
  }
}

function readingFrom(file: number): Read {
  return (offset, length) => {
    const bytes = Buffer.alloc(length)
    return readSync(file, bytes, 0, length, offset) === length ? bytes : null
  }
}
