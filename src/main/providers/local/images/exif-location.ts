/**
 * EXIF without the place. What is kept stays at its offset, since MakerNotes point into the whole: entries are taken out of their
 * directories, and where their values stood are zeros. MakerNotes in which nobody can look for a place go as well.
 */
import { bareExif } from './exif.ts'
import { segmentsOf } from './jpeg.ts'
import { inMemory, openTiff, placeOfValue, readDirectory, type Tiff, type TiffEntry } from './tiff.ts'

const tag = {
  thumbnail: 0x0201,
  thumbnailBytes: 0x0202,
  exposure: 0x8769,
  place: 0x8825,
  makerNote: 0x927c,
  interoperability: 0xa005,
} as const

/** Besides the place itself: XMP, IPTC, Photoshop's resources and what raw converters keep, each of which has a place of its own elsewhere; further pictures; where a map lies. */
const foreign: ReadonlySet<number> = new Set([
  ...[tag.place, 0x014a, 0x02bc, 0x83bb, 0x8649, 0xc634],
  ...[0x830e, 0x8480, 0x8482, 0x85d8, 0x87af, 0x87b0, 0x87b1, 0xa480, 0xa481],
])

/** Bytes of no type that are longer than this may hold anything; those named are described by the standard or by everybody. */
const maxPlainBytes = 64
const knownBytes: ReadonlySet<number> = new Set([0x8773, 0x8828, 0x9286, 0xa20c, 0xa302, 0xa40b, 0xc4a5, 0xea1c])

interface Range {
  readonly from: number
  readonly to: number
}

interface Directory {
  readonly at: number
  readonly entries: readonly TiffEntry[]
  readonly next: number
}

/** @param blob with or without its prefix. Null where it cannot be read, so that nobody knows what it tells. */
export function exifWithoutPlace(blob: Buffer): Buffer | null {
  const before = bareExif(blob)
  const tiff = openTiff(inMemory(before))
  const main = tiff === null ? null : directoryAt(tiff, tiff.first)
  if (tiff === null || main === null) return null
  const small = main.next === 0 ? null : directoryAt(tiff, main.next)
  const thumbnail = small === null ? null : thumbnailIn(tiff, small)
  const isSmallKept = small !== null && small.at !== main.at && (thumbnail === null || isBare(before, thumbnail))
  const whole = isSmallKept ? [main, small] : [main]
  const directories = [...whole, ...whole.flatMap((directory) => below(tiff, directory))]
  const [kept, left] = [
    directories.flatMap(({ entries }) => entries.filter((entry) => !isLeft(tiff, entry))),
    leftIn(tiff, directories),
  ]
  const after = Buffer.from(before)
  const fill = ({ from, to }: Range) => void (from >= 8 && after.fill(0, from, Math.min(Math.max(from, to), after.length)))
  for (const range of left) fill(range)
  if (small !== null && !isSmallKept) for (const range of [table(small), ...(thumbnail === null ? [] : [thumbnail])]) fill(range)
  // What is kept may share its bytes with what is left.
  for (const range of [
    ...kept.flatMap((entry) => placeOfValue(tiff, entry) ?? []),
    ...(isSmallKept && thumbnail !== null ? [thumbnail] : []),
  ])
    before.copy(after, range.from, range.from, range.to)
  for (const directory of directories) {
    const next = directory === main && isSmallKept ? main.next : 0
    writeDirectory(after, tiff, directory, next)
  }
  return after
}

/** By the name `GPS`; empty where it tells none, or cannot be read. */
export function placesInExif(blob: Buffer): readonly string[] {
  const tiff = openTiff(inMemory(bareExif(blob)))
  const main = tiff === null ? null : directoryAt(tiff, tiff.first)
  if (tiff === null || main === null) return []
  const small = main.next === 0 ? null : directoryAt(tiff, main.next)
  const whole = small === null ? [main] : [main, small]
  const all = [...whole, ...whole.flatMap((directory) => below(tiff, directory))]
  return all.some(({ entries }) => entries.some((entry) => entry.tag === tag.place)) ? ['GPS'] : []
}

/** Whether a maker has written something in a way of its own. */
export function hasMakerNote(blob: Buffer): boolean {
  const tiff = openTiff(inMemory(bareExif(blob)))
  const main = tiff === null ? null : directoryAt(tiff, tiff.first)
  if (tiff === null || main === null) return false
  return below(tiff, main).some(({ entries }) => entries.some((entry) => entry.tag === tag.makerNote && entry.count > 4))
}

function directoryAt(tiff: Tiff, at: number): Directory | null {
  const found = readDirectory(tiff, at)
  return found === null ? null : { at, ...found }
}

/** Of the exposure, and what leads on from there. */
function below(tiff: Tiff, { at, entries }: Directory): readonly Directory[] {
  const led = (found: readonly TiffEntry[], wanted: number): readonly Directory[] =>
    found
      .filter((entry) => entry.tag === wanted)
      .flatMap((entry) => directoryAt(tiff, numberIn(tiff, entry)) ?? [])
      .filter((directory) => directory.at !== at)
  const exposure = led(entries, tag.exposure)
  return [...exposure, ...exposure.flatMap((directory) => led(directory.entries, tag.interoperability))]
}

function isLeft(tiff: Tiff, entry: TiffEntry): boolean {
  if (foreign.has(entry.tag)) return true
  if (entry.tag === tag.makerNote) return !isApples(tiff, entry)
  return entry.type === 7 && entry.count > maxPlainBytes && !knownBytes.has(entry.tag)
}

/** Apple's are of known kinds, none of which tells a place. Those of others hold city names, or parts that are encrypted. */
function isApples(tiff: Tiff, entry: TiffEntry): boolean {
  const place = placeOfValue(tiff, entry)
  return place !== null && tiff.read(place.from, 10)?.toString('latin1') === 'Apple iOS\0'
}

function leftIn(tiff: Tiff, directories: readonly Directory[]): readonly Range[] {
  return directories.flatMap(({ entries }) =>
    entries
      .filter((entry) => isLeft(tiff, entry))
      .flatMap((entry) => {
        const places = entry.tag === tag.place ? directoryAt(tiff, numberIn(tiff, entry)) : null
        const inPlaces = places === null ? [] : [table(places), ...places.entries.flatMap((one) => placeOfValue(tiff, one) ?? [])]
        return [...inPlaces, ...[placeOfValue(tiff, entry) ?? []].flat()]
      }),
  )
}

function table({ at, entries }: Directory): Range {
  return { from: at, to: at + 2 + entries.length * 12 + 4 }
}

function thumbnailIn(tiff: Tiff, { entries }: Directory): Range | null {
  const [from, bytes] = [tag.thumbnail, tag.thumbnailBytes].map((wanted) => {
    const entry = entries.find((other) => other.tag === wanted)
    return entry === undefined ? 0 : numberIn(tiff, entry)
  })
  return from === undefined || bytes === undefined || from < 8 || bytes === 0 ? null : { from, to: from + bytes }
}

/** Whether the small picture says nothing of itself. */
function isBare(exif: Buffer, { from, to }: Range): boolean {
  const segments = segmentsOf(inMemory(exif.subarray(from, to)))
  return segments.every(({ marker }) => marker < 0xe1 || marker > 0xef || marker === 0xee)
}

function numberIn({ little }: Tiff, { data }: TiffEntry): number {
  return little ? data.readUInt32LE() : data.readUInt32BE()
}

function writeDirectory(exif: Buffer, tiff: Tiff, directory: Directory, next: number): void {
  const { at, entries } = directory
  const kept = entries.filter((entry) => !isLeft(tiff, entry))
  const field = (value: number, bytes: 2 | 4): Buffer => {
    const data = Buffer.alloc(bytes)
    if (tiff.little) data.writeUIntLE(value, 0, bytes)
    else data.writeUIntBE(value, 0, bytes)
    return data
  }
  const lines = kept.flatMap(({ tag: own, type, count, data }) => [field(own, 2), field(type, 2), field(count, 4), data])
  const { from, to } = table(directory)
  exif.fill(0, from, Math.min(to, exif.length))
  Buffer.concat([field(kept.length, 2), ...lines, field(next, 4)]).copy(exif, at)
}
