/**
 * ID3v2, byte by byte: the tag of MP3, ADTS, AIFF and WAV. Written as 2.3, which everything reads, wherever that can hold what there is;
 * as 2.4 where a tag has several values, or a date has a month and no day.
 */
import type { Chapter, Tag } from '../../../../shared/media.ts'
import { kindNumber, pairOf, type Metadata, type PictureData, type Piece } from './metadata.ts'
import { ownNames } from './vocabulary.ts'

type Version = 3 | 4

/** Names of the vocabulary that have a frame of their own. */
const textFrames: Readonly<Record<string, string>> = {
  ALBUM: 'TALB',
  BPM: 'TBPM',
  COMPOSER: 'TCOM',
  GENRE: 'TCON',
  COPYRIGHT: 'TCOP',
  ENCODINGTIME: 'TDEN',
  PLAYLISTDELAY: 'TDLY',
  ORIGINALDATE: 'TDOR',
  DATE: 'TDRC',
  RELEASEDATE: 'TDRL',
  TAGGINGDATE: 'TDTG',
  ENCODEDBY: 'TENC',
  LYRICIST: 'TEXT',
  FILETYPE: 'TFLT',
  WORK: 'TIT1',
  TITLE: 'TIT2',
  SUBTITLE: 'TIT3',
  INITIALKEY: 'TKEY',
  LANGUAGE: 'TLAN',
  MEDIA: 'TMED',
  MOOD: 'TMOO',
  ORIGINALALBUM: 'TOAL',
  ORIGINALFILENAME: 'TOFN',
  ORIGINALLYRICIST: 'TOLY',
  ORIGINALARTIST: 'TOPE',
  OWNER: 'TOWN',
  ARTIST: 'TPE1',
  ALBUMARTIST: 'TPE2',
  CONDUCTOR: 'TPE3',
  REMIXER: 'TPE4',
  PRODUCEDNOTICE: 'TPRO',
  LABEL: 'TPUB',
  RADIOSTATION: 'TRSN',
  RADIOSTATIONOWNER: 'TRSO',
  ALBUMSORT: 'TSOA',
  COMPOSERSORT: 'TSOC',
  ARTISTSORT: 'TSOP',
  TITLESORT: 'TSOT',
  ALBUMARTISTSORT: 'TSO2',
  ISRC: 'TSRC',
  DISCSUBTITLE: 'TSST',
  PODCASTCATEGORY: 'TCAT',
  PODCASTDESC: 'TDES',
  PODCASTID: 'TGID',
  PODCASTURL: 'WFED',
  MOVEMENTNAME: 'MVNM',
  MOVEMENTNUMBER: 'MVIN',
  GROUPING: 'GRP1',
  COMPILATION: 'TCMP',
  COPYRIGHTURL: 'WCOP',
  FILEWEBPAGE: 'WOAF',
  ARTISTWEBPAGE: 'WOAR',
  AUDIOSOURCEWEBPAGE: 'WOAS',
  RADIOSTATIONWEBPAGE: 'WORS',
  PAYMENTWEBPAGE: 'WPAY',
  PUBLISHERWEBPAGE: 'WPUB',
}
const peoplesRoles: Readonly<Record<string, string>> = {
  ARRANGER: 'arranger',
  ENGINEER: 'engineer',
  PRODUCER: 'producer',
  DJMIXER: 'DJ-mix',
  MIXER: 'mix',
}
/** Said by `TRACKNUMBER` and `DISCNUMBER` together with these. */
const totals: ReadonlySet<string> = new Set(['TRACKNUMBER', 'TRACKTOTAL', 'DISCNUMBER', 'DISCTOTAL'])
const trackOwner = 'http://musicbrainz.org'

/** Null where there is nothing to write. */
export function id3Tag(metadata: Metadata): Buffer | null {
  const version = versionFor(metadata.tags)
  const frames = framesFor(metadata, version)
  if (frames.length === 0) return null
  const body = Buffer.concat(frames.map(({ id, data }) => frame(id, data, version)))
  return Buffer.concat([Buffer.from([0x49, 0x44, 0x33, version, 0, 0]), syncsafe(body.length), body])
}

/** What 2.3 has room for. */
const plainDates: Readonly<Record<string, RegExp>> = {
  DATE: /^\d{4}(-\d\d-\d\d([T ]\d\d:\d\d)?)?$/,
  ORIGINALDATE: /^\d{4}$/,
}

function versionFor(tags: readonly Tag[]): Version {
  const fits = ({ name, values }: Tag) =>
    values.length === 1 && plainDates[name]?.test(values[0] ?? '') !== false && !peopleOf(name)
  return tags.every(fits) ? 3 : 4
}

function peopleOf(name: string): boolean {
  return name in peoplesRoles || name.startsWith('PERFORMER:')
}

function framesFor({ tags, pictures, chapters, frames }: Metadata, version: Version): readonly Piece[] {
  const numbers = [
    ['TRCK', pairOf(tags, 'TRACKNUMBER', 'TRACKTOTAL')],
    ['TPOS', pairOf(tags, 'DISCNUMBER', 'DISCTOTAL')],
  ] as const
  const of = (names: (name: string) => string | null) =>
    tags.flatMap(({ name, values }) => {
      const role = names(name)
      return role === null ? [] : values.flatMap((value) => [role, value])
    })
  const involved = of((name) => peoplesRoles[name] ?? null)
  const players = of((name) => (name.startsWith('PERFORMER:') ? name.slice('PERFORMER:'.length).toLowerCase() : null))
  return [
    ...tags.filter(({ name }) => !totals.has(name) && !peopleOf(name)).flatMap((tag) => framesOfTag(tag, version)),
    ...numbers.flatMap(([id, value]) => (value === null ? [] : [{ id, data: text([value]) }])),
    ...(involved.length === 0 ? [] : [{ id: 'TIPL', data: text(involved) }]),
    ...(players.length === 0 ? [] : [{ id: 'TMCL', data: text(players) }]),
    ...pictures.map((picture, n) => ({ id: 'APIC', data: pictureBody(picture, pictures.slice(0, n)) })),
    ...chapterFrames(chapters, version),
    ...frames,
  ]
}

function framesOfTag({ name, values }: Tag, version: Version): readonly Piece[] {
  const [base = '', ...rest] = name.split(':')
  const description = rest.join(':')
  if (base === 'COMMENT') return values.map((value, n) => ({ id: 'COMM', data: described(numbered(description, n), value) }))
  if (base === 'LYRICS') return values.map((value, n) => ({ id: 'USLT', data: described(numbered(description, n), value) }))
  if (name === 'MUSICBRAINZ_TRACKID')
    return values.map((value) => ({ id: 'UFID', data: Buffer.from(`${trackOwner}\0${value}`, 'latin1') }))
  const id = textFrames[name]
  if (id === undefined)
    return [{ id: 'TXXX', data: Buffer.concat([utf16, wide(ownNames[name] ?? name), wideNull, many(values)]) }]
  // Of these one is a text, as its maker has it.
  if (id.startsWith('W') && id !== 'WFED') return values.map((value) => ({ id, data: Buffer.from(value, 'latin1') }))
  if (version === 3 && id === 'TDRC') return dateFrames(values[0] ?? '')
  if (version === 3 && id === 'TDOR') return [{ id: 'TORY', data: text(values) }]
  if (id.startsWith('TD')) return [{ id, data: text(values.map((value) => value.replace(/(\d) (?=\d\d:)/, '$1T'))) }]
  return [{ id, data: text(values) }]
}

/** Two comments may not be described alike. */
function numbered(description: string, n: number): string {
  return n === 0 ? description : `${description} (${n + 1})`.trim()
}

function dateFrames(date: string): readonly Piece[] {
  const [, year = '', month, day, hour, minute] = /^(\d{4})(?:-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d))?)?/.exec(date) ?? []
  return [
    { id: 'TYER', data: text([year]) },
    ...(month === undefined ? [] : [{ id: 'TDAT', data: text([`${day}${month}`]) }]),
    ...(hour === undefined ? [] : [{ id: 'TIME', data: text([`${hour}${minute}`]) }]),
  ]
}

function chapterFrames(chapters: readonly Chapter[], version: Version): readonly Piece[] {
  if (chapters.length === 0) return []
  const ids = chapters.map((_, n) => `ch${n}\0`)
  const contents = Buffer.concat([
    Buffer.from(`toc\0\x03${String.fromCharCode(Math.min(255, chapters.length))}${ids.slice(0, 255).join('')}`, 'latin1'),
  ])
  const marks = chapters.map(({ startMs, endMs, title }, n) => {
    const times = Buffer.alloc(16, 0xff)
    times.writeUInt32BE(Math.round(startMs), 0)
    times.writeUInt32BE(Math.round(endMs ?? chapters[n + 1]?.startMs ?? startMs), 4)
    const named = title === '' ? Buffer.alloc(0) : frame('TIT2', text([title]), version)
    return { id: 'CHAP', data: Buffer.concat([Buffer.from(ids[n] ?? '', 'latin1'), times, named]) }
  })
  return [{ id: 'CTOC', data: contents }, ...marks]
}

const utf16 = Buffer.from([1])
const wideNull = Buffer.alloc(2)

function wide(value: string): Buffer {
  return Buffer.from(`\uFEFF${value}`, 'utf16le')
}

function many(values: readonly string[]): Buffer {
  return Buffer.concat(values.flatMap((value, n) => (n === 0 ? [wide(value)] : [wideNull, wide(value)])))
}

/** One byte a character where that is enough, as every player can. */
function text(values: readonly string[]): Buffer {
  if (values.every((value) => /^[\x20-\x7e]*$/.test(value))) return Buffer.from(`\0${values.join('\0')}`, 'latin1')
  return Buffer.concat([utf16, many(values)])
}

/** In no language that anybody has said. */
function described(description: string, value: string): Buffer {
  return Buffer.concat([utf16, Buffer.from('XXX'), wide(description), wideNull, wide(value)])
}

/** No two may be described alike. */
function pictureBody({ type, kind, description, data }: PictureData, before: readonly PictureData[]): Buffer {
  const said = before.some((other) => other.description === description)
    ? `${description} ${kind} ${before.length + 1}`.trim()
    : description
  return Buffer.concat([Buffer.from(`\x01${type}\0`, 'latin1'), Buffer.from([kindNumber(kind)]), wide(said), wideNull, data])
}

function frame(id: string, data: Buffer, version: Version): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(data.length)
  return Buffer.concat([Buffer.from(id, 'latin1'), version === 4 ? syncsafe(data.length) : size, Buffer.alloc(2), data])
}

function syncsafe(value: number): Buffer {
  return Buffer.from([21, 14, 7, 0].map((shift) => (value >> shift) & 0x7f))
}
