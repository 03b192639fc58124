/**
 * JPEG as a list of segments: what a file says besides its pixels, how that is put in, and how the harmless faults of cameras and programs
 * are repaired so that a strict decoder takes the picture and still refuses one that is cut off.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { densityOf, perCentimetre, type Density } from './density.ts'
import { iptcIn } from './iptc.ts'
import { wordsIn } from './png.ts'
import { inMemory, type Read } from './tiff.ts'

export interface Segment {
  readonly marker: number
  /** Without marker and length. */
  readonly body: Buffer
  /** Offset of the body. */
  readonly at: number
}

const marks = { app0: 0xe0, app1: 0xe1, app2: 0xe2, app13: 0xed, app14: 0xee, comment: 0xfe, scan: 0xda, end: 0xd9 } as const
const exifStart = Buffer.from('Exif\0\0', 'latin1')
const xmpStart = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1')
const moreXmpStart = Buffer.from('http://ns.adobe.com/xmp/extension/\0', 'latin1')
const resourcesStart = Buffer.from('Photoshop 3.0\0', 'latin1')
const jfifStart = Buffer.from('JFIF\0', 'latin1')
const profileStart = Buffer.from('ICC_PROFILE\0', 'latin1')
const adobeStart = Buffer.from('Adobe', 'latin1')
/** A segment tells its length in two bytes, which count themselves. */
const maxBody = 0xffff - 2
/** A portion of long XMP, behind its name, its digest and two numbers. */
const xmpPortion = 65_400

/** Those before the pixels. Bytes between them that belong to none are passed over, as decoders do. */
export function segmentsOf(read: Read): readonly Segment[] {
  const segments: Segment[] = []
  for (let at = 2; ;) {
    const head = read(at, 4)
    if (head === null) return segments
    const [first = 0, marker = 0] = head
    if (first !== 0xff || marker === 0xff || marker < 0xc0) {
      at += 1
      continue
    }
    const length = head.readUInt16BE(2)
    if (marker === marks.scan || marker === marks.end || length < 2) return segments
    const body = read(at + 4, length - 2)
    if (body === null) return segments
    segments.push({ marker, body, at: at + 4 })
    at += 2 + length
  }
}

function begins(body: Buffer, start: Buffer): boolean {
  return body.subarray(0, start.length).equals(start)
}

/** As it stands in the file, with long XMP put together; null where there is none. */
export function xmpOfJpeg(segments: readonly Segment[]): string | null {
  const ofKind = (start: Buffer) => segments.filter(({ marker, body }) => marker === marks.app1 && begins(body, start))
  const [main] = ofKind(xmpStart)
  const xmp = main?.body.toString('utf8', xmpStart.length).replaceAll('\0', '') ?? null
  const guid = /HasExtendedXMP(?:="|>)([0-9A-F]{32})/i.exec(xmp ?? '')?.[1]
  if (xmp === null || guid === undefined) return xmp
  const portions = ofKind(moreXmpStart)
    .map(({ body }) => body.subarray(moreXmpStart.length))
    .filter((portion) => portion.toString('latin1', 0, 32) === guid)
    .toSorted((one, other) => one.readUInt32BE(36) - other.readUInt32BE(36))
    .map((portion) => portion.subarray(40))
  const more = /<rdf:RDF[^>]*>(.*)<\/rdf:RDF>/s.exec(Buffer.concat(portions).toString('utf8'))?.[1] ?? ''
  const whole = xmp.replace(/\s+[\w.-]+:HasExtendedXMP="[^"]*"|<([\w.-]+):HasExtendedXMP>[^<]*<\/\1:HasExtendedXMP>/g, '')
  const end = whole.lastIndexOf('</rdf:RDF>')
  return end < 0 ? whole : whole.slice(0, end) + more + whole.slice(end)
}

/** What programs wrote as comments. */
export function commentsOfJpeg(segments: readonly Segment[]): readonly string[] {
  return segments
    .filter(({ marker }) => marker === marks.comment)
    .map(({ body }) => wordsIn(body).replace(/\0+$/, ''))
    .filter((text) => text !== '')
}

/** By the JFIF header; null where it says nothing. */
export function densityOfJpeg(segments: readonly Segment[]): Density | null {
  const jfif = segments.find(({ marker, body }) => marker === marks.app0 && begins(body, jfifStart) && body.length >= 12)?.body
  if (jfif === undefined) return null
  return densityOf(jfif.readUInt16BE(8), jfif.readUInt16BE(10), [null, 1, perCentimetre][jfif[7] ?? 0] ?? null)
}

export interface JpegWords {
  /** Without prefix. */
  readonly exif: Buffer | null
  readonly xmp: string | null
  /** Bare data sets. */
  readonly iptc: Buffer | null
  readonly comments: readonly string[]
  readonly density: Density | null
}

/** Whether EXIF of this length fits in. */
export function fitsInJpeg(exif: Buffer): boolean {
  return exif.length + exifStart.length <= maxBody
}

/** All that a file says of itself, but for its density, which stays in its JFIF header. */
export function wordsOfJpeg(segments: readonly Segment[]): Omit<JpegWords, 'density'> {
  const body = (wanted: number, start: Buffer) =>
    segments.find((one) => one.marker === wanted && begins(one.body, start))?.body ?? null
  const exif = body(marks.app1, exifStart)
  return {
    exif: exif === null ? null : exif.subarray(exifStart.length),
    xmp: xmpOfJpeg(segments),
    iptc: iptcIn(body(marks.app13, resourcesStart) ?? undefined),
    comments: commentsOfJpeg(segments),
  }
}

/**
 * The same picture bit by bit, with these words in the place of its own. What nobody here can read goes: segments that makers have for
 * themselves, and whatever lies behind the picture, as films and further pictures do.
 */
export function rewordedJpeg(bytes: Buffer, words: Omit<JpegWords, 'density'>): Buffer {
  const before: Buffer[] = []
  const after: Buffer[] = []
  for (const { marker, body, scan } of partsOf(bytes)) {
    const isJfif = marker === marks.app0 && begins(body, jfifStart)
    const isShown = (marker === marks.app2 && begins(body, profileStart)) || (marker === marks.app14 && begins(body, adobeStart))
    const isWord = (marker >= marks.app0 && marker <= 0xef) || marker === marks.comment
    if (isJfif) before.push(segment(marker, body))
    else if (!isWord || isShown) after.push(segment(marker, body), scan)
  }
  return Buffer.concat([bytes.subarray(0, 2), ...before, ...wordSegments(words), ...after, Buffer.from([0xff, marks.end])])
}

/** Puts them into a JPEG that libvips has written; what that says of these things by itself goes. */
export function describeJpeg(path: string, { density, ...words }: JpegWords): void {
  const jpeg = readFileSync(path)
  const written = segmentsOf(inMemory(jpeg))
  const own: ReadonlySet<number> = new Set([marks.app0, marks.app1, marks.app13, marks.comment])
  const kept = written.filter(({ marker }) => !own.has(marker)).map(({ marker, body }) => segment(marker, body))
  const last = written.at(-1)
  const pixels = jpeg.subarray(last === undefined ? 2 : last.at + last.body.length)
  const added = [segment(marks.app0, jfifBody(density)), ...wordSegments(words)]
  writeFileSync(path, Buffer.concat([jpeg.subarray(0, 2), ...added, ...kept, pixels]))
}

function wordSegments({ exif, xmp, iptc, comments }: Omit<JpegWords, 'density'>): readonly Buffer[] {
  return [
    ...(exif === null ? [] : [segment(marks.app1, Buffer.concat([exifStart, exif]))]),
    ...(xmp === null ? [] : xmpSegments(xmp)),
    ...(iptc === null ? [] : iptcSegments(iptc)),
    ...comments.map((text) => segment(marks.comment, Buffer.from(text).subarray(0, maxBody))),
  ]
}

function segment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}

/** To the whole dot: EXIF says it more exactly. */
function jfifBody(density: Density | null): Buffer {
  const body = Buffer.concat([jfifStart, Buffer.from([1, 2, density === null ? 0 : 1, 0, 1, 0, 1, 0, 0])])
  if (density === null) return body
  body.writeUInt16BE(Math.min(0xffff, Math.max(1, Math.round(density.x))), 8)
  body.writeUInt16BE(Math.min(0xffff, Math.max(1, Math.round(density.y))), 10)
  return body
}

/** What does not fit into one segment goes into several, named by the digest of the whole. */
function xmpSegments(xmp: string): readonly Buffer[] {
  const packet = Buffer.from(xmp)
  if (xmpStart.length + packet.length <= maxBody) return [segment(marks.app1, Buffer.concat([xmpStart, packet]))]
  const whole = Buffer.from(xmp.replaceAll(/<\?xpacket.*?\?>/gs, '').trim())
  const guid = createHash('md5').update(whole).digest('hex').toUpperCase()
  const main = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="${guid}"/></rdf:RDF></x:xmpmeta>`
  const portions = Array.from({ length: Math.ceil(whole.length / xmpPortion) }, (_, n) => {
    const numbers = Buffer.alloc(8)
    numbers.writeUInt32BE(whole.length, 0)
    numbers.writeUInt32BE(n * xmpPortion, 4)
    const portion = whole.subarray(n * xmpPortion, (n + 1) * xmpPortion)
    return segment(marks.app1, Buffer.concat([moreXmpStart, Buffer.from(guid, 'latin1'), numbers, portion]))
  })
  return [segment(marks.app1, Buffer.concat([xmpStart, Buffer.from(main)])), ...portions]
}

/** Among Photoshop's resources, where everybody looks for them. */
function iptcSegments(sets: Buffer): readonly Buffer[] {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(sets.length)
  const resource = [Buffer.from('8BIM\x04\x04\0\0', 'latin1'), size, sets, Buffer.alloc(sets.length % 2)]
  const body = Buffer.concat([resourcesStart, ...resource])
  return body.length > maxBody ? [] : [segment(marks.app13, body)]
}

/**
 * A copy without the faults that every viewer passes over: bytes between segments, scans of a sequential picture that say they are parts
 * of a progressive one, a last marker that is missing, versions and transforms that no standard names. Pixels are left alone, so a
 * decoder still complains where some are missing.
 */
export function repairedJpeg(bytes: Buffer): Buffer {
  const parts: Buffer[] = [bytes.subarray(0, 2)]
  let isSequential = false
  for (const { marker, body: written, scan } of partsOf(bytes)) {
    const body = Buffer.from(written)
    if (marker === 0xc0 || marker === 0xc1) isSequential = true
    repairBody(marker, body, isSequential)
    parts.push(segment(marker, body), scan)
  }
  return Buffer.concat([...parts, Buffer.from([0xff, marks.end])])
}

/** Up to the end of the picture, each with the pixels behind it where it begins a scan. Bytes that belong to none are passed over. */
function* partsOf(bytes: Buffer): Generator<Omit<Segment, 'at'> & { readonly scan: Buffer }> {
  for (let at = 2; at + 4 <= bytes.length;) {
    const marker = bytes[at + 1] ?? 0
    if (bytes[at] !== 0xff || marker === 0xff || marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 1
      continue
    }
    if (marker === marks.end) return
    const end = at + 2 + bytes.readUInt16BE(at + 2)
    const scanEnd = marker === marks.scan ? endOfScan(bytes, end) : end
    yield { marker, body: bytes.subarray(at + 4, end), scan: bytes.subarray(end, scanEnd) }
    at = scanEnd
  }
}

function repairBody(marker: number, body: Buffer, isSequential: boolean): void {
  if (marker === marks.scan && isSequential && body.length >= 6) Buffer.from([0, 63, 0]).copy(body, body.length - 3)
  if (marker === marks.app0 && begins(body, jfifStart) && body.length >= 7) Buffer.from([1, 2]).copy(body, 5)
  const isAdobe = marker === marks.app14 && body.toString('latin1', 0, 5) === 'Adobe' && body.length >= 12
  if (isAdobe && (body[11] ?? 0) > 2) body[11] = 1
}

/** Where the pixels of a scan end: at the next marker that is no part of them. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next === undefined) return at
    const isPart = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7)
    if (!isPart) return at
  }
  return bytes.length
}
