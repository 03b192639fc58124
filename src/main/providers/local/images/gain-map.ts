/**
 * What stands behind the picture in a JPEG: a gain map, by which screens show more light, and further pictures. Neither can be
 * written here; this tells whether they are there, so that it is said that they were left. Apart, as no conversion needs it.
 */
import { segmentsOf, xmpOfJpeg, type Segment } from './jpeg.ts'
import { openTiff, readDirectory, loaded, type Read } from './tiff.ts'
import { xmpFacts } from './xmp.ts'

const app2 = 0xe2
const severalStart = 'MPF\0'
/** ISO 21496-1 in its segment. */
const standardName = 'urn:iso:std:iso:ts:21496'
/** List of the pictures in a file of several. */
const picturesTag = 0xb002
const entryBytes = 16
const maxPictures = 100
const kindMask = 0xff_ffff
/** First byte of the kinds that are taken of one thing: panorama, stereo, several angles. */
const severalOfOne = 2

/** Whether a gain map is in the file. What describes one that is not there counts for nothing. */
export function hasGainMap(read: Read, bytes: number, segments: readonly Segment[]): boolean {
  const others = picturesOf(segments)
  if (others.some(({ at }) => isGainMap(read, at))) return true
  // The first phones that wrote them said only how long it is.
  const said = xmpOfJpeg(segments)
  const isTold = said !== null && xmpFacts(said).tellsGainMap
  const length = Number(/Semantic(?:="|>)GainMap.{0,400}?Length(?:="|>)(\d+)/s.exec(said ?? '')?.[1] ?? 0)
  return others.length === 0 && isTold && length > 0 && isPicture(read, bytes - length)
}

/** How many more photos there are: the other half of a stereo photo, parts of a panorama; no previews of the first. */
export function otherPictures(read: Read, segments: readonly Segment[]): number {
  const size = sizeIn(segments)
  const isPhoto = ({ at, kind }: OtherPicture) => {
    if (!isPicture(read, at) || isGainMap(read, at)) return false
    if (kind >> 16 === severalOfOne) return true
    return kind === 0 && size !== null && sizeIn(segmentsOf((offset, length) => read(at + offset, length))) === size
  }
  return picturesOf(segments).filter(isPhoto).length
}

/** As its header has it; null where it has none. */
function sizeIn(segments: readonly Segment[]): string | null {
  const header = segments.find(({ marker }) => marker >= 0xc0 && marker <= 0xc2)
  return header === undefined ? null : header.body.toString('hex', 1, 5)
}

function isGainMap(read: Read, at: number): boolean {
  if (!isPicture(read, at)) return false
  const segments = segmentsOf((offset, length) => read(at + offset, length))
  const xmp = xmpOfJpeg(segments)
  const isStandard = segments.some(({ marker, body }) => marker === app2 && body.toString('latin1', 0, 24) === standardName)
  return isStandard || (xmp !== null && xmpFacts(xmp).tellsGainMap)
}

function isPicture(read: Read, at: number): boolean {
  return at > 0 && read(at, 2)?.readUInt16BE() === 0xffd8
}

interface OtherPicture {
  readonly at: number
  /** What the list says of it; 0: nothing. */
  readonly kind: number
}

/** The pictures behind the first one. */
function picturesOf(segments: readonly Segment[]): readonly OtherPicture[] {
  const list = segments.find(({ marker, body }) => marker === app2 && body.toString('latin1', 0, 4) === severalStart)
  if (list === undefined) return []
  const { body } = list
  const inside: Read = (offset, length) =>
    offset + 4 + length <= body.length ? body.subarray(offset + 4, offset + 4 + length) : null
  const tiff = openTiff(inside)
  const entry = tiff === null ? undefined : readDirectory(tiff, tiff.first)?.entries.find(({ tag }) => tag === picturesTag)
  const data = tiff === null || entry === undefined ? null : loaded(tiff, entry)?.data
  if (tiff === null || data === null || data === undefined) return []
  const long = (at: number) => (tiff.little ? data.readUInt32LE(at) : data.readUInt32BE(at))
  const count = Math.min(maxPictures, Math.floor(data.length / entryBytes))
  // They count from the beginning of this list; the first picture says 0.
  return Array.from({ length: count }, (_, n) => ({ at: long(n * entryBytes + 8), kind: long(n * entryBytes) & kindMask }))
    .filter(({ at }) => at > 0)
    .map(({ at, kind }) => ({ at: list.at + 4 + at, kind }))
}
