/**
 * EXIF is a small TIFF: a directory of the picture, and one each of the exposure and the place. libvips carries it between all
 * containers but TIFF itself, where it neither reads nor writes it; and in HEIC its orientation must not count. Hence this reader and
 * writer. MakerNotes are kept byte for byte; those few that hold absolute offsets are not understood.
 */
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs'
import { JobError } from '../../../../shared/failure.ts'
import { directoryBytes, inMemory, loaded, openTiff, readDirectory, withFile, type TiffEntry, type Read } from './tiff.ts'

const orientationTag = 0x0112
const exposureTag = 0x8769
const placeTag = 0x8825
const iptcTag = 0x83bb
const xmpTag = 0x02bc
const makerNoteTag = 0x927c
/** Latitude and longitude. */
const placeTags = new Set([2, 4])
/** Of the picture's directory: what people and cameras say of it, not how its pixels are stored. */
const describing = new Set([
  0x000b, 0x010d, 0x010e, 0x010f, 0x0110, 0x0131, 0x0132, 0x013b, 0x013c, 0x4746, 0x4749, 0x8298, 0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e,
  0x9c9f,
])
/** Sizes that need no longer hold, and a pointer to a directory that is not carried. */
const notCarried = new Set([0xa002, 0xa003, 0xa005])
const prefix = Buffer.from('Exif\0\0', 'latin1')

interface Exif {
  readonly picture: readonly TiffEntry[]
  /** How the picture has to be turned, where it says so. */
  readonly orientation: readonly TiffEntry[]
  readonly exposure: readonly TiffEntry[]
  readonly place: readonly TiffEntry[]
}

const nothing: Exif = { picture: [], orientation: [], exposure: [], place: [] }

/** The EXIF of a TIFF file, in the form that other containers hold it; null where there is nothing but an orientation. */
export function exifOfTiff(read: Read): Buffer | null {
  const exif = readExif(read)
  if (exif === null || exif.picture.length + exif.exposure.length + exif.place.length === 0) return null
  return blobOf(exif)
}

/** What of it counts: a file may hold EXIF that says nothing. */
export function exifFacts(blob: Buffer): { readonly isTelling: boolean; readonly hasPlace: boolean } {
  const { picture, exposure, place } = readExif(inMemory(bareExif(blob))) ?? nothing
  return { isTelling: picture.length + exposure.length + place.length > 0, hasPlace: place.some(({ tag }) => placeTags.has(tag)) }
}

/** Without what a maker wrote in a way of its own, which may be larger than all the rest; null where nothing can be read. */
export function withoutMakerNote(blob: Buffer): Buffer | null {
  const exif = readExif(inMemory(bareExif(blob)))
  return exif === null ? null : blobOf({ ...exif, exposure: exif.exposure.filter(({ tag }) => tag !== makerNoteTag) })
}

/** Without the mark that JPEG and HEIF put before it. */
export function bareExif(blob: Buffer): Buffer {
  return blob.subarray(0, prefix.length).equals(prefix) ? blob.subarray(prefix.length) : blob
}

export interface TiffWords {
  readonly exif: Buffer | null
  readonly xmp: string | null
  /** Bare data sets. */
  readonly iptc: Buffer | null
}

/**
 * Puts them into a TIFF file that libvips has written: a new first directory at its end, and the header led there. The IPTC that libvips
 * writes is not whole, and goes.
 */
export function describeTiff(path: string, { exif: blob, xmp, iptc }: TiffWords): void {
  if (blob === null && xmp === null && iptc === null) return
  const exif = (blob === null ? null : readExif(inMemory(bareExif(blob)))) ?? nothing
  const tiff = withFile(path, (read) => {
    const main = openTiff(read)
    return main === null ? null : readDirectory(main, main.first)
  })
  if (tiff === null) return
  const kept = tiff.entries.filter(({ tag }) => tag !== iptcTag && tag !== xmpTag)
  const own = new Set(kept.map(({ tag }) => tag))
  const press = [...(iptc === null ? [] : [iptcEntry(iptc)]), ...(xmp === null ? [] : [xmpEntry(xmp)])]
  const picture = [...kept, ...press, ...exif.picture.filter(({ tag }) => !own.has(tag))]
  const file = openSync(path, 'r+')
  try {
    // Directories begin at even offsets.
    const { size } = fstatSync(file)
    const start = size + (size % 2)
    const bytes = tree({ ...exif, picture, orientation: [] }, start, tiff.next)
    if (writeSync(file, bytes, 0, bytes.length, start) < bytes.length) throw new JobError('disk-full', { reason: 'ENOSPC' })
    // Byte 4 of the header says where the first directory is.
    writeSync(file, pointer(0, start).data, 0, 4, 4)
  } finally {
    closeSync(file)
  }
}

/** As numbers of four bytes, after the custom; in the byte order of our files they stand as they are. */
function iptcEntry(sets: Buffer): TiffEntry {
  const data = Buffer.concat([sets, Buffer.alloc((4 - (sets.length % 4)) % 4)])
  return { tag: iptcTag, type: 4, count: data.length / 4, data }
}

function xmpEntry(xmp: string): TiffEntry {
  const data = Buffer.from(xmp)
  return { tag: xmpTag, type: 1, count: data.length, data }
}

function readExif(read: Read): Exif | null {
  const tiff = openTiff(read)
  const main = tiff === null ? null : readDirectory(tiff, tiff.first)
  if (tiff === null || main === null) return null
  const value = (entry: TiffEntry): readonly TiffEntry[] => {
    const found = loaded(tiff, entry)
    return found === null ? [] : [found]
  }
  const below = (tag: number): readonly TiffEntry[] => {
    const led = main.entries.filter((entry) => entry.tag === tag).flatMap(value)[0]
    const entries = led?.data.length === 4 ? readDirectory(tiff, led.data.readUInt32LE())?.entries : undefined
    return (entries ?? []).filter((entry) => !notCarried.has(entry.tag)).flatMap(value)
  }
  return {
    picture: main.entries.filter(({ tag }) => describing.has(tag)).flatMap(value),
    orientation: main.entries.filter(({ tag }) => tag === orientationTag).flatMap(value),
    exposure: below(exposureTag),
    place: below(placeTag),
  }
}

function blobOf(exif: Exif): Buffer {
  const header = Buffer.from('II*\0\x08\0\0\0', 'latin1')
  return Buffer.concat([header, tree(exif, header.length, 0)])
}

/** All directories one after the other, the first at `start`. */
function tree({ picture, orientation, exposure, place }: Exif, start: number, next: number): Buffer {
  const first = (exposureAt: number, placeAt: number): Buffer => {
    const pointers = [
      ...(exposure.length > 0 ? [pointer(exposureTag, exposureAt)] : []),
      ...(place.length > 0 ? [pointer(placeTag, placeAt)] : []),
    ]
    return directoryBytes([...picture, ...orientation, ...pointers], start, next)
  }
  const exposureAt = start + first(0, 0).length
  const exposureBytes = directoryBytes(exposure, exposureAt, 0)
  const placeAt = exposureAt + exposureBytes.length
  return Buffer.concat([first(exposureAt, placeAt), exposureBytes, directoryBytes(place, placeAt, 0)])
}

function pointer(tag: number, offset: number): TiffEntry {
  const data = Buffer.alloc(4)
  data.writeUInt32LE(offset)
  return { tag, type: 4, count: 1, data }
}
