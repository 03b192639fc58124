/** What no library here tells of an ID3v2 tag: its chapters, whatever file they are in, and the frames that it knows no name for. */
import type { Chapter, Tag } from '../../../../shared/media.ts'
import { withBytes } from './bytes.ts'
import type { Piece } from './metadata.ts'
import { tidied } from './vocabulary.ts'

const headBytes = 10
const maxTagBytes = 256 * 2 ** 20
const maxTags = 8

/** The tag that a file begins with, head and all; null where it begins with none. */
export function leadingTag(path: string): Buffer | null {
  return leadingTags(path)[0] ?? null
}

/** All tags that a file begins with: there are programs that put theirs in front of another's. */
export function leadingTags(path: string): readonly Buffer[] {
  return withBytes(path, 'r', (file) => {
    const tags: Buffer[] = []
    for (let at = 0; tags.length < maxTags;) {
      const head = file.read(at, headBytes)
      if (head.length < headBytes || head.toString('latin1', 0, 3) !== 'ID3') break
      const length = syncsafe(head, 6)
      if (length > maxTagBytes) break
      tags.push(file.read(at, headBytes + length))
      at += headBytes + length
    }
    return tags
  })
}

interface Frames {
  readonly version: 2 | 3 | 4
  readonly frames: readonly Piece[]
}

export const noFrames: Frames = { version: 4, frames: [] }

/** The frames of a tag, with bodies and names as 2.4 has them. */
export function framesOf(tag: Buffer): Frames {
  const version = tag[3] ?? 0
  const flags = tag[5] ?? 0
  if (version === 2)
    return {
      version,
      frames: shortFrames((flags & 0x80) === 0 ? tag.subarray(headBytes) : resynchronised(tag.subarray(headBytes))),
    }
  if (version !== 3 && version !== 4) return noFrames
  const isUnsynchronised = (flags & 0x80) !== 0
  // Of 2.3 all is to be restored before it is cut into frames; of 2.4 each frame by itself.
  const body = isUnsynchronised && version === 3 ? resynchronised(tag.subarray(headBytes)) : tag.subarray(headBytes)
  const extended = (flags & 0x40) === 0 ? 0 : version === 3 ? body.readUInt32BE(0) + 4 : syncsafe(body, 0)
  return { version, frames: cut(body.subarray(extended), version, isUnsynchronised) }
}

/** Frames of 2.2 whose bodies are what they are in 2.4, under another name; the rest a library reads. */
const longNames: Readonly<Record<string, string>> = {
  ...{
    CNT: 'PCNT',
    GEO: 'GEOB',
    POP: 'POPM',
    SLT: 'SYLT',
    UFI: 'UFID',
    MCI: 'MCDI',
    ETC: 'ETCO',
    REV: 'RVRB',
    STC: 'SYTC',
    WCM: 'WCOM',
  },
  ...{ TRK: 'TRCK', TPA: 'TPOS' },
}

function shortFrames(body: Buffer): readonly Piece[] {
  const frames: Piece[] = []
  for (let at = 0; at + 6 <= body.length && /^[A-Z0-9]{3}$/.test(body.toString('latin1', at, at + 3));) {
    const length = body.readUIntBE(at + 3, 3)
    const id = longNames[body.toString('latin1', at, at + 3)]
    if (id !== undefined) frames.push({ id, data: body.subarray(at + 6, at + 6 + length) })
    at += 6 + length
  }
  return frames
}

function cut(body: Buffer, version: 3 | 4, isUnsynchronised: boolean): readonly Piece[] {
  const frames: Piece[] = []
  for (let at = 0; at + headBytes <= body.length && /^[A-Z0-9]{4}$/.test(body.toString('latin1', at, at + 4));) {
    const length = version === 4 && !isPlain(body, at) ? syncsafe(body, at + 4) : body.readUInt32BE(at + 4)
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

/** Whether a frame of 2.4 states its length as 2.3 does: FFmpeg does so of chapters, and old programs of everything. */
function isPlain(body: Buffer, at: number): boolean {
  const leadsOn = (length: number) => {
    const next = at + headBytes + length
    return next === body.length || (next < body.length && /^([A-Z0-9]{4}|\0{1,4})$/.test(body.toString('latin1', next, next + 4)))
  }
  return !leadsOn(syncsafe(body, at + 4)) && leadsOn(body.readUInt32BE(at + 4))
}

function resynchronised(bytes: Buffer): Buffer {
  return Buffer.from(bytes.filter((byte, n) => byte !== 0 || n === 0 || bytes[n - 1] !== 0xff))
}

function syncsafe(bytes: Buffer, at: number): number {
  return [0, 1, 2, 3].reduce((sum, n) => sum * 128 + ((bytes[at + n] ?? 0) & 0x7f), 0)
}

export function chaptersIn({ version, frames }: Frames): readonly Chapter[] {
  return frames
    .filter(({ id }) => id === 'CHAP')
    .flatMap(({ data }) => {
      const at = data.indexOf(0) + 1
      if (at === 0 || at + 16 > data.length) return []
      const [startMs, endMs] = [data.readUInt32BE(at), data.readUInt32BE(at + 4)]
      const title = version === 2 ? undefined : cut(data.subarray(at + 16), version, false).find(({ id }) => id === 'TIT2')
      return [{ startMs, ...(endMs > startMs && { endMs }), title: title === undefined ? '' : textOf(title.data) }]
    })
    .toSorted((one, other) => one.startMs - other.startMs)
}

/** What chapters have besides a title, as podcasts have pictures and links. */
export function chapterExtras({ version, frames }: Frames): readonly string[] {
  const within = frames
    .filter(({ id }) => id === 'CHAP' && version !== 2)
    .flatMap(({ data }) => cut(data.subarray(data.indexOf(0) + 17), version === 4 ? 4 : 3, false))
  return [...new Set(within.map(({ id }) => `CHAP ${id}`))].filter((name) => name !== 'CHAP TIT2')
}

/** What is written where others read a number: of `A3/9` its first part and its second. */
export function numbersIn(frames: readonly Piece[]): readonly Tag[] {
  const text = (id: string) => textOf(frames.find((frame) => frame.id === id)?.data ?? Buffer.alloc(1))
  const [track = '', tracks = ''] = text('TRCK').split('/')
  const [disc = '', discs = ''] = text('TPOS').split('/')
  const found = { TRACKNUMBER: track, TRACKTOTAL: tracks, DISCNUMBER: disc, DISCTOTAL: discs, BPM: text('TBPM') }
  return tidied(Object.entries(found).map(([name, value]) => ({ name, values: [value.trim()] })))
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
const known =
  /^(T...|W(COP|FED|OA[FRS]|ORS|PAY|PUB|XXX)|COMM|USLT|APIC|CHAP|CTOC|PCST|GRP1|MV(NM|IN)|IPLS|MLLT|ASPI|SEEK|AENC|ENCR|GRID|RBUF|LINK|SIGN)$/
const maxFrameBytes = 16 * 2 ** 20

export function unknownFrames(frames: readonly Piece[]): readonly Piece[] {
  return frames.filter(
    ({ id, data }) =>
      !known.test(id) &&
      data.length <= maxFrameBytes &&
      !(id === 'UFID' && data.toString('latin1', 0, 22) === 'http://musicbrainz.org'),
  )
}
