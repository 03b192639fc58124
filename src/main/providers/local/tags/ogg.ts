/** The comments of Ogg Vorbis and Opus: their packet is cut into pages anew, and the pages behind it get their new numbers. */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs'
import { withBytes, type OpenBytes } from './bytes.ts'
import { commentBody, commentsFor, commentTags, pictureComment, readComments } from './vorbis.ts'
import { rewritePath } from '../../../files/names.ts'
import type { Tag } from '../../../../shared/media.ts'
import type { Metadata } from './metadata.ts'

interface Page {
  readonly head: Buffer
  readonly body: Buffer
  readonly bytes: number
}

const headBytes = 27
const numberAt = 18
const checksumAt = 22
const writeBytes = 2 ** 20

/** @param path of a file that FFmpeg wrote: one stream, and each packet of its header on pages of its own or behind one another. */
export function writeOggComments(path: string, metadata: Metadata): void {
  const fresh = rewritePath(path)
  withBytes(path, 'r', (file) => {
    const { packets, end, pages } = headerOf(file)
    const [first, comments, ...rest] = packets
    if (first === undefined || comments === undefined) throw new Error('an Ogg without a header')
    const serial = file.read(14, 4)
    const changed = packetOf(comments.data, metadata)
    // Audio begins on a page of its own, and so does everything behind the first packet.
    const header = [
      ...pagesOf([first.data], serial, 0, true),
      ...pagesOf([changed, ...rest.map(({ data }) => data)], serial, 1, false),
    ]
    const out = openSync(fresh, 'wx')
    try {
      const waiting: Buffer[] = [...header]
      const flush = () => {
        const all = Buffer.concat(waiting.splice(0))
        for (let done = 0; done < all.length;) done += writeSync(out, all, done)
      }
      const moved = header.length - pages
      let held = 0
      for (let at = end; at < file.length();) {
        const page = pageAt(file, at)
        waiting.push(renumbered(page, moved))
        at += page.bytes
        held += page.bytes
        if (held >= writeBytes) {
          flush()
          held = 0
        }
      }
      flush()
    } finally {
      closeSync(out)
    }
  })
  renameSync(fresh, path)
}

/** The comments of an Ogg Vorbis or Opus as they are written; null of any other. */
export function oggTags(path: string): readonly Tag[] | null {
  return withBytes(path, 'r', (file) => {
    const packet = headerOf(file).packets[1]?.data
    const magic = packet?.toString('latin1', 0, 8) ?? ''
    if (packet === undefined || (magic !== 'OpusTags' && !magic.startsWith('\x03vorbis'))) return null
    return commentTags(packet.subarray(magic === 'OpusTags' ? 8 : 7))
  })
}

function packetOf(packet: Buffer, metadata: Metadata): Buffer {
  const isOpus = packet.toString('latin1', 0, 8) === 'OpusTags'
  const magic = packet.subarray(0, isOpus ? 8 : 7)
  const { maker, encoder } = readComments(packet.subarray(magic.length))
  const comments = [...encoder, ...commentsFor(metadata), ...metadata.pictures.map(pictureComment)]
  const framing = isOpus ? Buffer.alloc(0) : Buffer.from([1])
  return Buffer.concat([magic, commentBody(maker, comments), framing])
}

function pageAt(file: OpenBytes, at: number): Page {
  const start = file.read(at, headBytes + 255)
  if (start.toString('latin1', 0, 4) !== 'OggS') throw new Error('an Ogg with something between its pages')
  const segments = start[26] ?? 0
  const head = start.subarray(0, headBytes + segments)
  const length = head.subarray(headBytes).reduce((sum, segment) => sum + segment, 0)
  return { head, body: file.read(at + head.length, length), bytes: head.length + length }
}

/** The packets of the header, where the audio begins, and how many pages were before that. */
function headerOf(file: OpenBytes) {
  const packets: { data: Buffer }[] = []
  let open: Buffer[] = []
  let at = 0
  let pages = 0
  const wanted = (): number => (packets[0]?.data.toString('latin1', 1, 7) === 'vorbis' ? 3 : 2)
  while (packets.length < wanted()) {
    const page = pageAt(file, at)
    let from = 0
    for (let segment = headBytes; segment < page.head.length; segment += 1) {
      const length = page.head[segment] ?? 0
      open.push(page.body.subarray(from, from + length))
      from += length
      if (length === 255) continue
      packets.push({ data: Buffer.concat(open) })
      open = []
    }
    at += page.bytes
    pages += 1
  }
  return { packets, end: at, pages }
}

/** As pages of one stream, numbered from `number` on; no time has passed at the end of any. */
function pagesOf(packets: readonly Buffer[], serial: Buffer, number: number, isFirst: boolean): readonly Buffer[] {
  const body = Buffer.concat(packets)
  const lacing = packets.flatMap(({ length }) => [...Array.from({ length: Math.floor(length / 255) }, () => 255), length % 255])
  const pages: Buffer[] = []
  let from = 0
  for (let at = 0; at < lacing.length; at += 255) {
    const segments = lacing.slice(at, at + 255)
    const length = segments.reduce((sum, segment) => sum + segment, 0)
    const head = Buffer.alloc(headBytes)
    head.write('OggS', 'latin1')
    const isContinued = at > 0 && lacing[at - 1] === 255
    head[5] = (isContinued ? 1 : 0) | (isFirst ? 2 : 0)
    // A page on which no packet ends says so instead of a time.
    if (segments.every((segment) => segment === 255)) head.fill(0xff, 6, 14)
    serial.copy(head, 14)
    head.writeUInt32LE(number + pages.length, numberAt)
    head[26] = segments.length
    const page = Buffer.concat([head, Buffer.from(segments), body.subarray(from, from + length)])
    page.writeUInt32LE(checksum(page), checksumAt)
    pages.push(page)
    from += length
  }
  return pages
}

function renumbered({ head, body }: Page, by: number): Buffer {
  const page = Buffer.concat([head, body])
  page.writeUInt32LE(page.readUInt32LE(numberAt) + by, numberAt)
  page.writeUInt32LE(0, checksumAt)
  page.writeUInt32LE(checksum(page), checksumAt)
  return page
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x8000_0000 ? (value << 1) ^ 0x04c1_1db7 : value << 1
  return value >>> 0
})

function checksum(bytes: Buffer): number {
  let value = 0
  for (const byte of bytes) value = ((value << 8) ^ (table[((value >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0
  return value
}
