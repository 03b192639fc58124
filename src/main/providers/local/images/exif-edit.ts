/**
 * Changes in EXIF that leave every value where it is. MakerNotes point to places within the whole, so nothing that is kept may move:
 * numbers are changed in place, and a directory that grows is written anew behind the rest.
 */
import { densityOf, perCentimetre, rational, type Density } from './density.ts'
import { bareExif } from './exif.ts'
import type { PixelSize } from './size.ts'
import { inMemory, openTiff, readDirectory, type TiffEntry } from './tiff.ts'

const tag = {
  width: 0x0100,
  height: 0x0101,
  strips: 0x0111,
  orientation: 0x0112,
  stripBytes: 0x0117,
  densityX: 0x011a,
  densityY: 0x011b,
  densityUnit: 0x0128,
  thumbnail: 0x0201,
  thumbnailBytes: 0x0202,
  exposure: 0x8769,
  userComment: 0x9286,
  pixelWidth: 0xa002,
  pixelHeight: 0xa003,
} as const
const typeBytes: Readonly<Record<number, number>> = { 3: 2, 4: 4, 5: 8, 7: 1 }

export interface ExifChange {
  /** Of the picture that it goes with, which stands upright. */
  readonly size: PixelSize
  /** Null leaves what is there. */
  readonly density: Density | null
  /** Text for a comment, where there is none yet; null: none. */
  readonly comment: string | null
}

/**
 * For a picture that stands upright, without a small copy, which may lie on its side or show what has been cut off.
 * @param blob null: there is none yet, and none comes of it unless there is something to say. Null also where it cannot be read.
 */
export function changedExif(blob: Buffer | null, { size, density, comment }: ExifChange): Buffer | null {
  if (blob === null && density === null && comment === null) return null
  const edit = openEdit(blob === null ? Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1') : Buffer.from(bareExif(blob)))
  if (edit === null) return null
  const { main, number, setNumber } = edit
  edit.dropThumbnail()
  for (const entry of main.entries) {
    if (entry.tag === tag.orientation) setNumber(entry, 1)
    if (entry.tag === tag.width) setNumber(entry, size.width)
    if (entry.tag === tag.height) setNumber(entry, size.height)
  }
  const exposureAt = main.entries.find((entry) => entry.tag === tag.exposure)
  const exposure = exposureAt === undefined ? null : edit.directory(number(exposureAt))
  for (const entry of exposure?.entries ?? []) {
    if (entry.tag === tag.pixelWidth) setNumber(entry, size.width)
    if (entry.tag === tag.pixelHeight) setNumber(entry, size.height)
  }
  const hasComment = exposure?.entries.some((entry) => entry.tag === tag.userComment && entry.count > 8) === true
  const commented =
    comment !== null && !hasComment ? [{ tag: tag.userComment, type: 7, data: encoded(comment, edit.isLittle) }] : []
  const dotted = density === null ? [] : densityValues(density, edit)
  if (commented.length === 0 && dotted.length === 0) return edit.bytes()
  const exposureMoved =
    commented.length === 0
      ? []
      : [{ tag: tag.exposure, type: 4, data: edit.long(edit.appended(exposure?.entries ?? [], commented)) }]
  edit.lead(edit.appended(main.entries, [...dotted, ...exposureMoved], main.next))
  return edit.bytes()
}

/** Whether a comment can be put in: one that is there stays. */
export function hasRoomForComment(blob: Buffer | null): boolean {
  const edit = blob === null ? null : openEdit(bareExif(blob))
  const at = edit?.main.entries.find((entry) => entry.tag === tag.exposure)
  if (edit === null || at === undefined) return true
  const entries = edit.directory(edit.number(at))?.entries ?? []
  return !entries.some((entry) => entry.tag === tag.userComment && entry.count > 8)
}

/** Pixels an inch; null where it says nothing. */
export function densityOfExif(blob: Buffer): Density | null {
  const edit = openEdit(bareExif(blob))
  if (edit === null) return null
  const { main, number, ratio } = edit
  const found = (wanted: number) => main.entries.find((entry) => entry.tag === wanted)
  const [across, down, unit] = [found(tag.densityX), found(tag.densityY), found(tag.densityUnit)]
  const [x, y] = [across, down].map((entry) => (entry === undefined ? 0 : ratio(entry)))
  const units = unit === undefined ? 2 : number(unit)
  return densityOf(x ?? 0, y ?? 0, { 2: 1, 3: perCentimetre }[units] ?? null)
}

/** Whether a small copy of the picture is inside. */
export function hasExifThumbnail(blob: Buffer): boolean {
  const edit = openEdit(bareExif(blob))
  const entries = edit === null || edit.main.next === 0 ? [] : (edit.directory(edit.main.next)?.entries ?? [])
  return entries.some((entry) => entry.tag === tag.thumbnail || entry.tag === tag.strips)
}

interface NewValue {
  readonly tag: number
  readonly type: number
  /** In the order of bytes of the whole. */
  readonly data: Buffer
}

type Edit = NonNullable<ReturnType<typeof openEdit>>

function densityValues({ x, y }: Density, { long, short }: Edit): readonly NewValue[] {
  const ratioOf = (value: number) => Buffer.concat(rational(value).map(long))
  return [
    { tag: tag.densityX, type: 5, data: ratioOf(x) },
    { tag: tag.densityY, type: 5, data: ratioOf(y) },
    { tag: tag.densityUnit, type: 3, data: short(2) },
  ]
}

/** Eight bytes say how it is written. */
function encoded(text: string, isLittle: boolean): Buffer {
  if (/^[\0-\x7f]*$/.test(text)) return Buffer.from(`ASCII\0\0\0${text}`, 'latin1')
  const wide = Buffer.from(text, 'utf16le')
  return Buffer.concat([Buffer.from('UNICODE\0', 'latin1'), isLittle ? wide : wide.swap16()])
}

/** @param start bytes of a TIFF, which are changed; null where they are none. */
function openEdit(start: Buffer) {
  const tiff = openTiff(inMemory(start))
  const first = tiff === null ? null : readDirectory(tiff, tiff.first)
  if (tiff === null || first === null) return null
  const main = { ...first, at: tiff.first }
  const isLittle = tiff.little
  let whole = start
  const long = (value: number): Buffer => {
    const data = Buffer.alloc(4)
    return (isLittle ? data.writeUInt32LE(value) : data.writeUInt32BE(value), data)
  }
  const short = (value: number): Buffer => {
    const data = Buffer.alloc(2)
    return (isLittle ? data.writeUInt16LE(value) : data.writeUInt16BE(value), data)
  }
  const longAt = (bytes: Buffer, at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const number = ({ type, data }: TiffEntry): number => {
    if (type === 3) return isLittle ? data.readUInt16LE() : data.readUInt16BE()
    return longAt(data, 0)
  }

  return {
    main,
    isLittle,
    long,
    short,
    number,
    directory: (at: number) => readDirectory(tiff, at),
    bytes: () => whole,
    ratio: (entry: TiffEntry): number => {
      const at = number(entry)
      return entry.type !== 5 || at + 8 > whole.length ? 0 : longAt(whole, at) / longAt(whole, at + 4)
    },
    /** Where the number stands in its directory, which shares the memory of the whole. */
    setNumber: ({ type, count, data }: TiffEntry, value: number): void => {
      if (count !== 1) return
      if (type === 3) short(Math.min(value, 0xffff)).copy(data)
      if (type === 4) long(value).copy(data)
    },
    /** No pointer leads to it any more, nothing of its picture is left, and what was its end is cut off. */
    dropThumbnail: (): void => {
      const below = main.next === 0 ? null : readDirectory(tiff, main.next)
      if (below === null) return
      const value = (wanted: number): number => {
        const entry = below.entries.find((other) => other.tag === wanted)
        return entry === undefined || entry.count !== 1 ? 0 : number(entry)
      }
      const [from, bytes] =
        value(tag.thumbnail) > 0 ? [value(tag.thumbnail), value(tag.thumbnailBytes)] : [value(tag.strips), value(tag.stripBytes)]
      const table = 2 + below.entries.length * 12 + 4
      if (from > 8) whole.fill(0, from, Math.min(whole.length, from + bytes))
      whole.fill(0, main.next, main.next + table)
      long(0).copy(whole, main.at + 2 + main.entries.length * 12)
      if (from > 8 && from + bytes >= whole.length) whole = whole.subarray(0, from)
      main.next = 0
    },
    /** Writes a directory behind the rest, with these values in it; answers where. */
    appended: (entries: readonly TiffEntry[], values: readonly NewValue[], next = 0): number => {
      const fresh = new Set(values.map((value) => value.tag))
      const fields = entries
        .filter((entry) => !fresh.has(entry.tag))
        .map((entry) => ({
          tag: entry.tag,
          field: Buffer.concat([short(entry.tag), short(entry.type), long(entry.count), entry.data]),
        }))
      for (const { tag: own, type, data } of values) {
        const inline = Buffer.concat([data, Buffer.alloc(4)]).subarray(0, 4)
        const at = whole.length + (whole.length % 2)
        if (data.length > 4) whole = Buffer.concat([whole, Buffer.alloc(whole.length % 2), data])
        const count = data.length / (typeBytes[type] ?? 1)
        fields.push({
          tag: own,
          field: Buffer.concat([short(own), short(type), long(count), data.length > 4 ? long(at) : inline]),
        })
      }
      const at = whole.length + (whole.length % 2)
      const sorted = fields.toSorted((one, other) => one.tag - other.tag).map(({ field }) => field)
      whole = Buffer.concat([whole, Buffer.alloc(whole.length % 2), short(fields.length), ...sorted, long(next)])
      return at
    },
    /** Makes a directory the first. */
    lead: (at: number): void => void long(at).copy(whole, 4),
  }
}
