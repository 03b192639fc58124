/** Vorbis comments and the blocks of FLAC, byte by byte: the tags of FLAC, Ogg Vorbis and Opus. */
import type { Chapter, Tag } from '../../../../shared/media.ts'
import { kindNumber, type Metadata, type PictureData, type Piece } from './metadata.ts'

/** A packet of comments without what stands around it in each format: maker, count, `NAME=value` after `NAME=value`. */
export function commentBody(maker: Buffer, comments: readonly string[]): Buffer {
  const parts = comments.map((comment) => sized(Buffer.from(comment)))
  return Buffer.concat([sized(maker), little(comments.length), ...parts])
}

/** Who wrote the packet, and what it says of the encoder and of the speakers; the rest is Beside's to write. */
export function readComments(body: Buffer): { readonly maker: Buffer; readonly encoder: readonly string[] } {
  const { maker, comments } = allComments(body)
  return { maker, encoder: comments.filter((comment) => /^(encoder|WAVEFORMATEXTENSIBLE_CHANNEL_MASK)=/i.test(comment)) }
}

/** Each as it is written: a library would make numbers of some. Pictures among them are not. */
export function commentTags(body: Buffer): readonly Tag[] {
  return allComments(body).comments.flatMap((comment) => {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(comment) ?? []
    return name === '' || pictureNames.test(name) ? [] : [{ name: name.toUpperCase(), values: [value] }]
  })
}

const pictureNames = /^(METADATA_BLOCK_PICTURE|COVERART(MIME)?)$/i

function allComments(body: Buffer): { readonly maker: Buffer; readonly comments: readonly string[] } {
  const makerBytes = body.readUInt32LE(0)
  let at = 8 + makerBytes
  const comments = Array.from({ length: body.readUInt32LE(4 + makerBytes) }, () => {
    const length = body.readUInt32LE(at)
    const comment = body.toString('utf8', at + 4, at + 4 + length)
    at += 4 + length
    return comment
  })
  return { maker: body.subarray(4, 4 + makerBytes), comments }
}

/** What Ogg holds all of, FLAC without its pictures and chunks. */
export function commentsFor({ tags, chapters }: Metadata): readonly string[] {
  return tags.flatMap(({ name, values }) => values.map((value) => `${nameOf(name)}=${value}`)).concat(chapterComments(chapters))
}

export function pictureComment(picture: PictureData): string {
  return `METADATA_BLOCK_PICTURE=${pictureBlock(picture).toString('base64')}`
}

/** A name may hold anything printable but the sign that ends it. */
function nameOf(name: string): string {
  return name.replaceAll(/[^\x20-\x7d]|=/g, '_')
}

function chapterComments(chapters: readonly Chapter[]): readonly string[] {
  return chapters.flatMap(({ startMs, title }, index) => {
    const name = `CHAPTER${String(index).padStart(3, '0')}`
    return [`${name}=${clockTime(startMs)}`, `${name}NAME=${title}`]
  })
}

/** `01:02:03.500` */
function clockTime(ms: number): string {
  const whole = Math.round(ms)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${two((whole / 1000) % 60)}.${String(whole % 1000).padStart(3, '0')}`
}

/** Size and depth of the picture may be 0 for "look into it". */
function pictureBlock({ type, kind, description, data }: PictureData): Buffer {
  const [mime, said] = [Buffer.from(type, 'latin1'), Buffer.from(description)]
  const words = [big(kindNumber(kind)), big(mime.length), mime, big(said.length), said, Buffer.alloc(16), big(data.length), data]
  return Buffer.concat(words)
}

const blockTypes = { padding: 1, application: 2, comment: 4, picture: 6 } as const
/** For programs that edit tags in place. */
const roomBytes = 8192
const leastRoomBytes = 1024

export interface FlacBlock {
  readonly type: number
  readonly data: Buffer
}

/** The blocks in front of the audio of a FLAC, without the four letters before them; what is kept of those that FFmpeg wrote, then Beside's. */
export function flacBlocks(written: readonly FlacBlock[], metadata: Metadata): Buffer {
  const own = written.filter(({ type }) => !Object.values<number>(blockTypes).includes(type))
  const before = written.find(({ type }) => type === blockTypes.comment)
  const { maker, encoder } = before === undefined ? { maker: Buffer.alloc(0), encoder: [] } : readComments(before.data)
  const speakers = encoder.filter((comment) => !/^encoder=/i.test(comment))
  const filled: readonly FlacBlock[] = [
    ...own,
    { type: blockTypes.comment, data: commentBody(maker, [...speakers, ...commentsFor(metadata)]) },
    ...metadata.pictures.map((picture) => ({ type: blockTypes.picture, data: pictureBlock(picture) })),
    // As the reference encoder keeps the chunks of a WAV.
    ...metadata.broadcast.map(({ id, data }) => ({
      type: blockTypes.application,
      data: Buffer.concat([Buffer.from(`riff${id}`, 'latin1'), sized(data)]),
    })),
  ]
  const sum = (all: readonly FlacBlock[]) => all.reduce((bytes, { data }) => bytes + 4 + data.length, 0)
  // Where FFmpeg left room enough nothing behind it has to move.
  const room = sum(written) - sum(filled) - 4
  const blocks = [...filled, { type: blockTypes.padding, data: Buffer.alloc(room >= leastRoomBytes ? room : roomBytes) }]
  return Buffer.concat(
    blocks.flatMap(({ type, data }, n) => {
      const head = big(data.length)
      head[0] = type | (n === blocks.length - 1 ? 0x80 : 0)
      return [head, data]
    }),
  )
}

/** The chunks of a WAV that blocks of FLAC hold. */
export function chunksIn(blocks: readonly FlacBlock[]): readonly Piece[] {
  return blocks
    .filter(({ type, data }) => type === blockTypes.application && data.toString('latin1', 0, 4) === 'riff' && data.length >= 12)
    .map(({ data }) => ({ id: data.toString('latin1', 4, 8), data: data.subarray(12, 12 + data.readUInt32LE(8)) }))
}

/** Null where there are none. */
export function tagsInBlocks(blocks: readonly FlacBlock[]): readonly Tag[] | null {
  const found = blocks.find(({ type }) => type === blockTypes.comment)
  return found === undefined ? null : commentTags(found.data)
}

const cueSheetType = 5

/** What nobody carries over: a cue sheet, links in the place of pictures, and pictures where Ogg has them. */
export function unwrittenIn(blocks: readonly FlacBlock[]): readonly string[] {
  const comments = blocks.filter(({ type }) => type === blockTypes.comment).flatMap(({ data }) => allComments(data).comments)
  const isLink = ({ type, data }: FlacBlock) => type === blockTypes.picture && data.toString('latin1', 4, 11) === '\0\0\0\x03-->'
  return [
    ...(blocks.some(({ type }) => type === cueSheetType) ? ['CUESHEET'] : []),
    ...(blocks.some(isLink) ? ['PICTURE -->'] : []),
    ...(comments.some((comment) => pictureNames.test(comment.split('=', 1)[0] ?? '')) ? ['COVERART'] : []),
  ]
}

function sized(data: Buffer): Buffer {
  return Buffer.concat([little(data.length), data])
}

function little(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function big(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
