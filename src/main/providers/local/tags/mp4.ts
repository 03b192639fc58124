/**
 * The tags of MP4: the list of items below `moov`, byte by byte. `moov` is brought before the audio at the same time, so that a player can
 * begin before it has all of the file; what lies behind moves once for both.
 */
import type { Tag } from '../../../../shared/media.ts'
import { moveUp, withBytes, type OpenBytes } from './bytes.ts'
import { frontFirst, pairOf, type Metadata } from './metadata.ts'
import { ownNames } from './vocabulary.ts'

/** Items of their own for names of the vocabulary. */
const items: Readonly<Record<string, string>> = {
  TITLE: '\xa9nam',
  ARTIST: '\xa9ART',
  ALBUM: '\xa9alb',
  COMMENT: '\xa9cmt',
  GENRE: '\xa9gen',
  DATE: '\xa9day',
  COMPOSER: '\xa9wrt',
  GROUPING: '\xa9grp',
  ALBUMARTIST: 'aART',
  COPYRIGHT: 'cprt',
  LYRICS: '\xa9lyr',
  ENCODEDBY: '\xa9enc',
  ALBUMSORT: 'soal',
  ALBUMARTISTSORT: 'soaa',
  ARTISTSORT: 'soar',
  TITLESORT: 'sonm',
  COMPOSERSORT: 'soco',
  SHOWSORT: 'sosn',
  PODCASTCATEGORY: 'catg',
  PODCASTDESC: 'desc',
  PODCASTID: 'egid',
  PODCASTURL: 'purl',
  TVEPISODEID: 'tven',
  TVNETWORK: 'tvnn',
  TVSHOW: 'tvsh',
  WORK: '\xa9wrk',
  MOVEMENTNAME: '\xa9mvn',
}
/** Items that are numbers, with their length in bytes. */
const numbers: Readonly<Record<string, readonly [string, number]>> = {
  BPM: ['tmpo', 2],
  COMPILATION: ['cpil', 1],
  GAPLESSPLAYBACK: ['pgap', 1],
  PODCAST: ['pcst', 1],
  SHOWWORKMOVEMENT: ['shwm', 1],
  MOVEMENTNUMBER: ['\xa9mvi', 2],
  MOVEMENTCOUNT: ['\xa9mvc', 2],
  TVEPISODE: ['tves', 4],
  TVSEASON: ['tvsn', 4],
}
const totals: ReadonlySet<string> = new Set(['TRACKNUMBER', 'TRACKTOTAL', 'DISCNUMBER', 'DISCTOTAL'])

/** Types of values. */
const kinds = { implicit: 0, text: 1, jpeg: 13, png: 14, number: 21 } as const
const roomBytes = 4096

/** The list of items, with some room behind it for programs that edit it in place. */
function itemList(metadata: Metadata): Buffer {
  const list = box('ilst', Buffer.concat(itemsFor(metadata)))
  const handler = Buffer.concat([Buffer.alloc(8), Buffer.from('mdirappl', 'latin1'), Buffer.alloc(9)])
  return box('meta', Buffer.concat([Buffer.alloc(4), box('hdlr', handler), list, box('free', Buffer.alloc(roomBytes))]))
}

function itemsFor({ tags, pictures }: Metadata): readonly Buffer[] {
  const pairs = [
    ['trkn', pairOf(tags, 'TRACKNUMBER', 'TRACKTOTAL'), 8],
    ['disk', pairOf(tags, 'DISCNUMBER', 'DISCTOTAL'), 6],
  ] as const
  const numbered = pairs.flatMap(([name, pair, length]) => {
    const [own = 0, of = 0] = (pair ?? '').split('/').map((part) => Number.parseInt(part, 10) || 0)
    if (own === 0 && of === 0) return []
    const data = Buffer.alloc(length)
    data.writeUInt16BE(Math.min(own, 0xffff), 2)
    data.writeUInt16BE(Math.min(of, 0xffff), 4)
    return [box(name, value(kinds.implicit, data))]
  })
  const covers = frontFirst(pictures).map(({ type, data }) =>
    value(type === 'image/png' ? kinds.png : kinds.jpeg, Buffer.from(data)),
  )
  return [
    ...tags.filter(({ name }) => !totals.has(name)).map(itemOf),
    ...numbered,
    ...(covers.length === 0 ? [] : [box('covr', Buffer.concat(covers))]),
  ]
}

function itemOf({ name, values }: Tag): Buffer {
  const [number, length = 0] = numbers[name] ?? []
  const figures = values.map(Number)
  const isNumber = figures.every((figure) => Number.isInteger(figure) && figure >= 0 && figure < 256 ** length)
  if (number !== undefined && isNumber && values.length === 1) {
    const data = Buffer.alloc(length)
    data.writeUIntBE(figures[0] ?? 0, 0, length)
    return box(number, value(kinds.number, data))
  }
  const texts = values.map((text) => value(kinds.text, Buffer.from(text)))
  const own = items[name]
  if (own !== undefined) return box(own, Buffer.concat(texts))
  const [mean, title] = ['com.apple.iTunes', ownNames[name] ?? name].map((text) =>
    Buffer.concat([Buffer.alloc(4), Buffer.from(text)]),
  )
  return box('----', Buffer.concat([box('mean', mean ?? Buffer.alloc(0)), box('name', title ?? Buffer.alloc(0)), ...texts]))
}

function value(kind: number, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(kind)
  return box('data', Buffer.concat([head, data]))
}

function box(name: string, body: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(body.length + 8)
  return Buffer.concat([size, Buffer.from(name, 'latin1'), body])
}

export interface Box {
  readonly name: string
  readonly at: number
  readonly bytes: number
}

export function boxesIn(bytes: Buffer, from: number, to: number): readonly Box[] {
  const found: Box[] = []
  for (let at = from; at + 8 <= to;) {
    const length = bytes.readUInt32BE(at)
    if (length < 8) break
    found.push({ name: bytes.toString('latin1', at + 4, at + 8), at, bytes: length })
    at += length
  }
  return found
}

export function fileBoxes(file: OpenBytes): readonly Box[] {
  const found: Box[] = []
  for (let at = 0; at + 8 <= file.length();) {
    const head = file.read(at, 16)
    const short = head.readUInt32BE(0)
    const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short === 0 ? file.length() - at : short
    if (length < 8) break
    found.push({ name: head.toString('latin1', 4, 8), at, bytes: length })
    at += length
  }
  return found
}

/** Without a name in the vocabulary, or read as a part of another; what encoders say of themselves is not missed. */
const itemsRead: ReadonlySet<string> = new Set([
  ...Object.values(items),
  ...Object.values(numbers).map(([name]) => name),
  ...['trkn', 'disk', 'covr', 'gnre', '----', '\xa9too', 'name', 'free'],
])

/** The items of a file that only MP4 has a place for, such as those of the shop that it was bought in. */
export function unnamedItems(path: string): readonly string[] {
  return withBytes(path, 'r', (file) => {
    const place = fileBoxes(file).find(({ name }) => name === 'moov')
    if (place === undefined) return []
    const moov = file.read(place.at, place.bytes)
    const below = (parents: readonly Box[], wanted: string, skipped: number) =>
      parents.flatMap(({ at, bytes }) => boxesIn(moov, at + skipped, at + bytes)).filter(({ name }) => name === wanted)
    const data = boxesIn(moov, 8, moov.length).filter(({ name }) => name === 'udta')
    // Version and flags stand before what the second holds.
    const lists = below(below(data, 'meta', 8), 'ilst', 12)
    const all = lists.flatMap(({ at, bytes }) => boxesIn(moov, at + 8, at + bytes))
    const own = all.filter(({ name }) => name === '----').map((item) => ownName(moov, item))
    const names = [...all.map(({ name }) => name), ...own.filter((name) => name !== null)]
    return [...new Set(names)].filter((name) => !itemsRead.has(name) && /^([\xa9\x20-\x7e]{4}|----:.*)$/.test(name))
  })
}

/** Of a field that a program has in a space of its own; null where it is the one that all share, which the library reads. */
function ownName(moov: Buffer, { at, bytes }: Box): string | null {
  const parts = boxesIn(moov, at + 8, at + bytes)
  const [mean = '', name = ''] = ['mean', 'name'].map((wanted) => {
    const part = parts.find((inside) => inside.name === wanted)
    return part === undefined ? '' : moov.toString('utf8', part.at + 12, part.at + part.bytes)
  })
  return mean === 'com.apple.iTunes' ? null : `----:${mean}:${name}`
}

/** @param path of a file that FFmpeg wrote, with `moov` behind its audio. */
export function writeItems(path: string, metadata: Metadata): void {
  withBytes(path, 'r+', (file) => {
    const boxes = fileBoxes(file)
    const moov = boxes.find(({ name }) => name === 'moov')
    const first = boxes.find(({ name }) => name !== 'ftyp')
    if (moov === undefined || first === undefined) throw new Error('an MP4 without an index')
    const isLast = moov.at + moov.bytes === file.length()
    if (!isLast) throw new Error('an MP4 whose index is not at its end')
    const index = withItems(file.read(moov.at, moov.bytes), itemList(metadata))
    // Written behind the audio first; where offsets would not fit, it stays there.
    if (!moveOffsets(index, index.length, false)) return file.write(moov.at, index)
    moveOffsets(index, index.length, true)
    moveUp(file, first.at, moov.at - first.at, index.length)
    file.write(first.at, index)
  })
}

/** `moov` with the list in `udta`, in the place of one that is there. What phones write has a list of its own, as QuickTime has it. */
function withItems(moov: Buffer, meta: Buffer): Buffer {
  const whole = ({ at, bytes }: Box) => moov.subarray(at, at + bytes)
  const children = boxesIn(moov, 8, moov.length)
  const others = children.filter(({ name }) => name !== 'udta').map(whole)
  const data = children.find(({ name }) => name === 'udta')
  const held = data === undefined ? [] : boxesIn(moov, data.at + 8, data.at + data.bytes)
  const kept = held.filter(({ name }) => name !== 'meta').map(whole)
  // FFmpeg writes keys where items belong, with a version that they have not where they belong.
  const keys = held
    .filter(({ name }) => name === 'meta')
    .map(whole)
    .filter((list) => list.subarray(0, 40).includes('mdta'))
    .map((list) => box('meta', list.subarray(12)))
  return box('moov', Buffer.concat([...others, box('udta', Buffer.concat([...kept, meta])), ...keys]))
}

/** Moves where the index says that audio lies; false, and nothing is changed, where a place would not fit into its 32 bits. */
function moveOffsets(index: Buffer, by: number, isWritten: boolean): boolean {
  let fits = true
  const walk = (from: number, to: number): void => {
    for (const { name, at, bytes } of boxesIn(index, from, to)) {
      if (/^(trak|mdia|minf|stbl)$/.test(name)) walk(at + 8, at + bytes)
      const count = name === 'stco' || name === 'co64' ? index.readUInt32BE(at + 12) : 0
      for (let n = 0; n < count; n += 1) {
        if (name === 'stco') {
          const place = index.readUInt32BE(at + 16 + n * 4) + by
          if (place > 0xffff_ffff) fits = false
          else if (isWritten) index.writeUInt32BE(place, at + 16 + n * 4)
        } else if (isWritten) {
          index.writeBigUInt64BE(index.readBigUInt64BE(at + 16 + n * 8) + BigInt(by), at + 16 + n * 8)
        }
      }
    }
  }
  walk(8, index.length)
  return fits
}
