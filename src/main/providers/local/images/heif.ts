/**
 * HEIF and AVIF as boxes: which pictures a file holds and what they are to each other, colours said by numbers, and sequences of frames.
 * Read here and not by a decoder, as none tells all of it.
 */
import { closeSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs'
import { JobError } from '../../../../shared/failure.ts'
import { inMemory, type Read } from './tiff.ts'

interface Box {
  readonly type: string
  /** Of the payload. */
  readonly from: number
  readonly to: number
}

export interface Cicp {
  readonly primaries: number
  readonly transfer: number
  readonly matrix: number
}

export interface Sequence {
  readonly width: number
  readonly height: number
  readonly delaysMs: readonly number[]
}

export interface HeifFacts {
  /** Of the primary picture; null where it says none. */
  readonly cicp: Cicp | null
  readonly hasGainMap: boolean
  readonly hasThumbnail: boolean
  /** A picture of how far everything is away. */
  readonly hasDepthMap: boolean
  /** How many pictures there are besides the primary one that are no part, copy or map of another. */
  readonly otherPictures: number
  /** A short film beside the picture. */
  readonly hasMotion: boolean
  readonly sequence: Sequence | null
  /** Whether there is a picture besides the frames. */
  readonly hasPicture: boolean
}

const maxBoxes = 100_000
const maxTable = 4 << 20

function boxesIn(read: Read, from: number, to: number): readonly Box[] {
  const boxes: Box[] = []
  for (let at = from; at + 8 <= to && boxes.length < maxBoxes;) {
    const head = read(at, 8)
    if (head === null) break
    const short = head.readUInt32BE()
    const large = short === 1 ? read(at + 8, 8) : null
    const size = large === null ? short : Number(large.readBigUInt64BE())
    const end = size === 0 ? to : at + size
    if (size !== 0 && size < 8) break
    boxes.push({ type: head.toString('latin1', 4), from: at + (large === null ? 8 : 16), to: Math.min(end, to) })
    at = end
  }
  return boxes
}

interface Items {
  readonly primary: number
  /** Type of each item by its number, e.g. `hvc1`, `Exif`, `tmap`. */
  readonly types: ReadonlyMap<number, string>
  readonly references: readonly { readonly type: string; readonly from: number; readonly to: readonly number[] }[]
  readonly properties: (item: number) => readonly (Box & { readonly data: Buffer })[]
  readonly locations: Buffer | null
  readonly locationsAt: number
}

function itemsIn(read: Read, bytes: number): Items | null {
  const meta = boxesIn(read, 0, bytes).find(({ type }) => type === 'meta')
  if (meta === undefined) return null
  const boxes = boxesIn(read, meta.from + 4, meta.to)
  const box = (type: string) => boxes.find((other) => other.type === type)
  const dataOf = (found: Box | undefined): Buffer | null =>
    found === undefined || found.to - found.from > maxTable ? null : read(found.from, found.to - found.from)
  const pitm = dataOf(box('pitm'))
  const primary = pitm === null ? 0 : pitm[0] === 0 ? pitm.readUInt16BE(4) : pitm.readUInt32BE(4)
  const iloc = box('iloc')
  return {
    primary,
    types: typesIn(read, box('iinf')),
    references: referencesIn(read, box('iref')),
    properties: propertiesIn(read, box('iprp')),
    locations: dataOf(iloc),
    locationsAt: iloc?.from ?? 0,
  }
}

function typesIn(read: Read, iinf: Box | undefined): ReadonlyMap<number, string> {
  const version = iinf === undefined ? null : read(iinf.from, 1)
  if (iinf === undefined || version === null) return new Map()
  const entries = boxesIn(read, iinf.from + (version[0] === 0 ? 6 : 8), iinf.to).flatMap(({ type, from, to }) => {
    const data = type === 'infe' ? read(from, Math.min(20, to - from)) : null
    if (data === null || (data[0] ?? 0) < 2) return []
    const isWide = data[0] === 3
    return [
      [isWide ? data.readUInt32BE(4) : data.readUInt16BE(4), data.toString('latin1', isWide ? 10 : 8, isWide ? 14 : 12)] as const,
    ]
  })
  return new Map(entries)
}

function referencesIn(read: Read, iref: Box | undefined): Items['references'] {
  const version = iref === undefined ? null : read(iref.from, 1)
  if (iref === undefined || version === null) return []
  const width = version[0] === 0 ? 2 : 4
  return boxesIn(read, iref.from + 4, iref.to).flatMap(({ type, from, to }) => {
    const data = to - from > maxTable ? null : read(from, to - from)
    if (data === null || data.length < width + 2) return []
    const count = Math.min(data.readUInt16BE(width), Math.floor((data.length - width - 2) / width))
    const targets = Array.from({ length: count }, (_, n) => data.readUIntBE(width + 2 + n * width, width))
    return [{ type, from: data.readUIntBE(0, width), to: targets }]
  })
}

function propertiesIn(read: Read, iprp: Box | undefined): Items['properties'] {
  const boxes = iprp === undefined ? [] : boxesIn(read, iprp.from, iprp.to)
  const ipco = boxes.find(({ type }) => type === 'ipco')
  const all = ipco === undefined ? [] : boxesIn(read, ipco.from, ipco.to)
  const numbers = new Map<number, number[]>()
  for (const { from, to } of boxes.filter(({ type }) => type === 'ipma')) {
    const data = to - from > maxTable ? null : read(from, to - from)
    if (data === null || data.length < 8) continue
    const idBytes = (data[0] ?? 0) < 1 ? 2 : 4
    const indexBytes = ((data[3] ?? 0) & 1) === 1 ? 2 : 1
    let at = 8
    for (let left = data.readUInt32BE(4); left > 0 && at + idBytes < data.length; left -= 1) {
      const item = data.readUIntBE(at, idBytes)
      const count = data[at + idBytes] ?? 0
      at += idBytes + 1
      const own = numbers.get(item) ?? []
      for (let n = 0; n < count && at + indexBytes <= data.length; n += 1, at += indexBytes)
        own.push(data.readUIntBE(at, indexBytes) & (indexBytes === 2 ? 0x7fff : 0x7f))
      numbers.set(item, own)
    }
  }
  return (item) =>
    (numbers.get(item) ?? []).flatMap((number) => {
      const found = all[number - 1]
      const data = found === undefined || found.to - found.from > maxTable ? null : read(found.from, found.to - found.from)
      return found === undefined || data === null ? [] : [{ ...found, data }]
    })
}

/** What auxiliary pictures are for, by the names that makers and standards gave. */
const gainMapNames = /:aux:hdrgainmap|21496/i
const depthNames = /:aux:(disparity|depth)|auxid:2\b/i

export function heifFacts(read: Read, bytes: number): HeifFacts {
  const items = itemsIn(read, bytes)
  const top = boxesIn(read, 0, bytes)
  const moov = top.find(({ type }) => type === 'moov')
  const auxiliary = (items?.references ?? [])
    .filter(({ type }) => type === 'auxl')
    .flatMap(({ from }) => items?.properties(from) ?? [])
    .filter(({ type }) => type === 'auxC')
    .map(({ data }) => data.toString('latin1', 4).replace(/\0.*$/s, ''))
  return {
    cicp: items === null ? null : cicpOf(items),
    hasGainMap: auxiliary.some((name) => gainMapNames.test(name)) || [...(items?.types.values() ?? [])].includes('tmap'),
    hasThumbnail: items?.references.some(({ type, to }) => type === 'thmb' && to.includes(items.primary)) === true,
    hasDepthMap: auxiliary.some((name) => depthNames.test(name)),
    otherPictures: items === null ? 0 : othersIn(items),
    hasMotion: top.some(({ type }) => type === 'mpvd'),
    sequence: moov === undefined ? null : sequenceIn(read, moov),
    hasPicture: (items?.primary ?? 0) > 0,
  }
}

const pictureTypes: ReadonlySet<string> = new Set(['hvc1', 'hev1', 'av01', 'avc1', 'jpeg', 'grid', 'iovl'])

function othersIn({ primary, types, references }: Items): number {
  const parts = references.filter(({ type }) => type === 'dimg').flatMap(({ to }) => to)
  const companions = references.filter(({ type }) => type === 'thmb' || type === 'auxl').map(({ from }) => from)
  const known = new Set([primary, ...parts, ...companions])
  return [...types].filter(([item, type]) => pictureTypes.has(type) && !known.has(item)).length
}

function cicpOf({ primary, properties, references }: Items): Cicp | null {
  const tiles = references.find(({ type, from }) => type === 'dimg' && from === primary)?.to ?? []
  for (const item of [primary, ...tiles.slice(0, 1)]) {
    const colr = properties(item).find(({ type, data }) => type === 'colr' && data.toString('latin1', 0, 4) === 'nclx')?.data
    if (colr !== undefined && colr.length >= 10)
      return { primaries: colr.readUInt16BE(4), transfer: colr.readUInt16BE(6), matrix: colr.readUInt16BE(8) }
  }
  return null
}

/** The first track of pictures. */
function sequenceIn(read: Read, moov: Box): Sequence | null {
  for (const trak of boxesIn(read, moov.from, moov.to).filter(({ type }) => type === 'trak')) {
    const inside = (outer: Box, ...path: readonly string[]): Box | undefined =>
      path.reduce<Box | undefined>(
        (box, type) => (box === undefined ? undefined : boxesIn(read, box.from, box.to).find((other) => other.type === type)),
        outer,
      )
    const dataOf = (box: Box | undefined) =>
      box === undefined || box.to - box.from > maxTable ? null : read(box.from, box.to - box.from)
    const [tkhd, mdhd, hdlr, stts] = [
      dataOf(inside(trak, 'tkhd')),
      dataOf(inside(trak, 'mdia', 'mdhd')),
      dataOf(inside(trak, 'mdia', 'hdlr')),
      dataOf(inside(trak, 'mdia', 'minf', 'stbl', 'stts')),
    ]
    if (tkhd === null || mdhd === null || hdlr === null || stts === null) continue
    if (!/^(pict|vide)$/.test(hdlr.toString('latin1', 8, 12))) continue
    const scale = mdhd[0] === 1 ? mdhd.readUInt32BE(20) : mdhd.readUInt32BE(12)
    const delaysMs: number[] = []
    for (let at = 8; at + 8 <= stts.length && delaysMs.length < maxBoxes; at += 8) {
      const delay = (stts.readUInt32BE(at + 4) * 1000) / Math.max(1, scale)
      for (let n = 0; n < stts.readUInt32BE(at) && delaysMs.length < maxBoxes; n += 1) delaysMs.push(Math.round(delay))
    }
    const sizeAt = tkhd.length - 8
    return { width: tkhd.readUInt16BE(sizeAt), height: tkhd.readUInt16BE(sizeAt + 4), delaysMs }
  }
  return null
}

/** The EXIF item of an AVIF that libvips has written gets this content, as that which libvips writes is not the one that was read. */
export function describeAvif(path: string, exif: Buffer): void {
  const bytes = readFileSync(path)
  const read = inMemory(bytes)
  const items = itemsIn(read, bytes.length)
  const item = [...(items?.types ?? [])].find(([, type]) => type === 'Exif')?.[0]
  const place = items === null || item === undefined || items.locations === null ? null : placeIn(items.locations, item)
  if (items === null || place === null) return
  // A box of its own at the end; four bytes say how far it is to the first of the TIFF.
  const payload = Buffer.concat([Buffer.alloc(4), exif])
  const head = Buffer.alloc(8)
  head.writeUInt32BE(payload.length + 8)
  head.write('mdat', 4, 'latin1')
  bytes.fill(0, place.from, place.from + place.length)
  bytes.writeUIntBE(bytes.length + 8 - place.base, items.locationsAt + place.offsetAt, place.offsetBytes)
  bytes.writeUIntBE(payload.length, items.locationsAt + place.lengthAt, place.lengthBytes)
  const file = openSync(path, 'r+')
  try {
    const whole = Buffer.concat([bytes, head, payload])
    if (writeSync(file, whole, 0, whole.length, 0) < whole.length || fstatSync(file).size < whole.length)
      throw new JobError('disk-full', { reason: 'ENOSPC' })
  } finally {
    closeSync(file)
  }
}

interface Place {
  /** What its offset counts from. */
  readonly base: number
  readonly from: number
  readonly length: number
  readonly offsetAt: number
  readonly offsetBytes: number
  readonly lengthAt: number
  readonly lengthBytes: number
}

/** Where the table of places says where an item is; null where that is said in a way that nobody writes for EXIF. */
function placeIn(iloc: Buffer, wanted: number): Place | null {
  const version = iloc[0] ?? 0
  const sizes = iloc.readUInt16BE(4)
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15]
  const indexBytes = version === 0 ? 0 : sizes & 15
  const idBytes = version < 2 ? 2 : 4
  const count = iloc.readUIntBE(6, idBytes)
  let at = 6 + idBytes
  for (let n = 0; n < count; n += 1) {
    const item = iloc.readUIntBE(at, idBytes)
    at += idBytes + (version === 0 ? 0 : 2) + 2
    const base = baseBytes === 0 ? 0 : iloc.readUIntBE(at, Math.min(baseBytes, 6))
    at += baseBytes
    const extents = iloc.readUInt16BE(at)
    at += 2
    const offsetAt = at + indexBytes
    const lengthAt = offsetAt + offsetBytes
    if (item === wanted) {
      if (extents !== 1 || offsetBytes !== 4 || lengthBytes !== 4) return null
      const [from, length] = [iloc.readUInt32BE(offsetAt), iloc.readUInt32BE(lengthAt)]
      return { base, from: base + from, length, offsetAt, offsetBytes, lengthAt, lengthBytes }
    }
    at += extents * (indexBytes + offsetBytes + lengthBytes)
  }
  return null
}
