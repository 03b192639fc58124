/** What no library here tells of an ID3v2 tag: its chapters, whatever file they are in, and the frames that it knows no name for. */
import type { Chapter, Tag } from '../../../../shared/media.ts'
import { withBytes } from './bytes.ts'
import type { Piece } from './metadata.ts'

const headBytes = 10
const maxTagBytes = 256 * 2 ** 20

/** The tag that a file begins with, head and all; null where it begins with none. */
export function leadingTag(path: string): Buffer | null {
  return withBytes(path, 'r', (file) => {
    const head = file.read(0, headBytes)
    if (head.length < headBytes || head.toString('latin1', 0, 3) !== 'ID3') return null
    const length = syncsafe(head, 6)
    return length > maxTagBytes ? null : file.read(0, headBytes + length)
  })
}

/** The frames of a tag of version 2.3 or 2.4, with bodies as 2.4 has them; none where it is of another. */
export function framesOf(tag: Buffer): readonly Piece[] {
  const version = tag[3] ?? 0
  const flags = tag[5] ?? 0
  if (version !== 3 && version !== 4) return []
  const isUnsynchronised = (flags & 0x80) !== 0
  // Of 2.3 all is to be restored before it is cut into frames; of 2.4 each frame by itself.
  const body = isUnsynchronised && version === 3 ? resynchronised(tag.subarray(headBytes)) : tag.subarray(headBytes)
  const extended = (flags & 0x40) === 0 ? 0 : version === 3 ? body.readUInt32BE(0) + 4 : syncsafe(body, 0)
  return cut(body.subarray(extended), version, isUnsynchronised)
}

function cut(body: Buffer, version: 3 | 4, isUnsynchronised: boolean): readonly Piece[] {
  const frames: Piece[] = []
  for (let at = 0; at + headBytes <= body.length && /^[A-Z0-9]{4}$/.test(body.toString('latin1', at, at + 4));) {
    const length = version === 4 ? syncsafe(body, at + 4) : body.readUInt32BE(at + 4)
    const format = body[at + 9] ?? 0
    const data = body.subarray(at + headBytes, at + headBytes + length)
    const isPacked = version === 4 ? (format & 0x0c) !== 0 : (format & 0xc0) !== 0
    // A frame may say its length once more in front.
    const plain = version === 4 && (format & 0x01) !== 0 ? data.subarray(4) : data
    const isMarked = version === 4 && ((format & 0x02) !== 0 || isUnsynchronised)
    if (!isPacked) frames.push({ id: body.toString('latin1', at, at + 4), data: isMarked ? resynchronised(plain) : plain })
    at += headBytes + length
  }
  return frames
}

function resynchronised(bytes: Buffer): Buffer {
  return Buffer.from(bytes.filter((byte, n) => byte !== 0 || n === 0 || bytes[n - 1] !== 0xff))
}

function syncsafe(bytes: Buffer, at: number): number {
  return [0, 1, 2, 3].reduce((sum, n) => sum * 128 + ((bytes[at + n] ?? 0) & 0x7f), 0)
}

export function chaptersIn(frames: readonly Piece[]): readonly Chapter[] {
  return frames
    .filter(({ id }) => id === 'CHAP')
    .flatMap(({ data }) => {
      const at = data.indexOf(0) + 1
      if (at === 0 || at + 16 > data.length) return []
      const [startMs, endMs] = [data.readUInt32BE(at), data.readUInt32BE(at + 4)]
      // Frames within a frame: both versions count lengths below 128 alike, and a title is short.
      const title = cut(data.subarray(at + 16), 4, false).find(({ id }) => id === 'TIT2')
      return [{ startMs, ...(endMs > startMs && { endMs }), title: title === undefined ? '' : textOf(title.data) }]
    })
    .toSorted((one, other) => one.startMs - other.startMs)
}

/** The second number of `3/9`, which not every reader tells. */
export function totalsIn(frames: readonly Piece[]): readonly Tag[] {
  return frames.flatMap(({ id, data }) => {
    const name = id === 'TRCK' ? 'TRACKTOTAL' : id === 'TPOS' ? 'DISCTOTAL' : null
    const total = /\/\s*(\d+)/.exec(textOf(data))?.[1]
    return name === null || total === undefined ? [] : [{ name, values: [total] }]
  })
}

/** Of the recording, as they are written. */
export function datesIn(frames: readonly Piece[]): readonly string[] {
  return frames.filter(({ id }) => id === 'TDRC').map(({ data }) => textOf(data))
}

function textOf(data: Buffer): string {
  const [encoding] = data
  const text = data.subarray(1)
  if (encoding === 0) return text.toString('latin1').replace(/\0.*$/s, '')
  if (encoding === 3) return text.toString('utf8').replace(/\0.*$/s, '')
  const isBig = encoding === 2 || (text[0] === 0xfe && text[1] === 0xff)
  const even = text.subarray(0, text.length - (text.length % 2))
  return (isBig ? Buffer.from(even).swap16() : even)
    .toString('utf16le')
    .replace(/^\uFEFF/, '')
    .replace(/\0.*$/s, '')
}

/** Frames that a library gives names to, that hold for the old audio alone, or without which the rest cannot be read. */
const known = /^(T...|W...|COMM|USLT|APIC|CHAP|CTOC|PCST|GRP1|MV(NM|IN)|IPLS|MLLT|ASPI|SEEK|AENC|ENCR|GRID|RBUF|LINK|SIGN)$/
const maxFrameBytes = 16 * 2 ** 20

export function unknownFrames(frames: readonly Piece[]): readonly Piece[] {
  return frames.filter(
    ({ id, data }) =>
      !known.test(id) &&
      data.length <= maxFrameBytes &&
      !(id === 'UFID' && data.toString('latin1', 0, 22) === 'http://musicbrainz.org'),
  )
}
