/**
 * What stands behind the picture in a JPEG: a gain map, by which screens show more light, and the film of a motion photo. Neither can be
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

/** Whether a gain map is in the file. What describes one that is not there counts for nothing. */
export function hasGainMap(read: Read, bytes: number, segments: readonly Segment[]): boolean {
  const others = picturesOf(segments)
  if (others.some((at) => isGainMap(read, at))) return true
  // The first phones that wrote them said only how long it is.
  const said = xmpOfJpeg(segments)
  const isTold = said !== null && xmpFacts(said).tellsGainMap
  const length = Number(/Semantic(?:="|>)GainMap.{0,400}?Length(?:="|>)(\d+)/s.exec(said ?? '')?.[1] ?? 0)
  return others.length === 0 && isTold && length > 0 && isPicture(read, bytes - length)
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

/** Where the pictures behind the first one begin. */
function picturesOf(segments: readonly Segment[]): readonly number[] {
  const list = segments.find(({ marker, body }) => marker === app2 && body.toString('latin1', 0, 4) === severalStart)
  if (list === undefined) return []
  const { body } = list
  const inside: Read = (offset, length) =>
    offset + 4 + length <= body.length ? body.subarray(offset + 4, offset + 4 + length) : null
  const tiff = openTiff(inside)
  const entry = tiff === null ? undefined : readDirectory(tiff, tiff.first)?.entries.find(({ tag }) => tag === picturesTag)
  const data = tiff === null || entry === undefined ? null : loaded(tiff, entry)?.data
  if (tiff === null || data === null || data === undefined) return []
  const offsets = Array.from({ length: Math.min(maxPictures, Math.floor(data.length / entryBytes)) }, (_, n) =>
    tiff.little ? data.readUInt32LE(n * entryBytes + 8) : data.readUInt32BE(n * entryBytes + 8),
  )
  // They count from the beginning of this list; the first picture says 0.
  return offsets.filter((offset) => offset > 0).map((offset) => list.at + 4 + offset)
}
