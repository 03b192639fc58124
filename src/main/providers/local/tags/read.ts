/**
 * Reads what describes a recording, of whatever format: TagLib in WebAssembly, which seeks in the file instead of loading it; beside it
 * what that does not tell (chapters, broadcast chunks, frames without a name). Runs in the reading thread.
 */
import { readFileSync, statSync } from 'node:fs'
import { PROPERTIES, TagLib, PICTURE_TYPE_VALUES, type AudioFile } from 'taglib-wasm'
import type { FormatId } from '../../../../shared/formats.ts'
import { pictureKinds, type Chapter, type Tag } from '../../../../shared/media.ts'
import { withBytes } from './bytes.ts'
import { frontFirst, noMetadata, type Metadata, type PictureData, type Piece } from './metadata.ts'
import {
  chapterExtras,
  chaptersIn,
  datesIn,
  framesOf,
  leadingTag,
  leadingTags,
  noFrames,
  numbersIn,
  unknownFrames,
} from './read-id3.ts'
import { unnamedItems } from './mp4.ts'
import { oggTags } from './ogg.ts'
import { infoTags, inUtf8, otherChunks, piecesOf, plainText, tinyWave } from './riff.ts'
import { isTechnical, joined, tidied } from './vocabulary.ts'
import { chunksIn, tagsInBlocks, unwrittenIn, type FlacBlock } from './vorbis.ts'

let loading: Promise<TagLib> | null = null

/** Formats whose tags are read here; raw streams as far as they begin with ID3. */
const viaTagLib: ReadonlySet<FormatId> = new Set([
  ...(['mp3', 'flac', 'ogg', 'opus', 'aiff', 'wav', 'm4a', 'alac', 'ape', 'wv', 'mka', 'wma'] as const),
  ...(['mp4', 'mov', '3gp', 'mkv', 'webm', 'wmv', 'ogv'] as const),
])
const rawStreams: ReadonlySet<FormatId> = new Set(['aac', 'mp2', 'ac3'])
/** Which tell no kinds of pictures apart: the first is the cover. */
const ofOneKind: ReadonlySet<FormatId> = new Set(['m4a', 'alac', 'mp4', 'mov', '3gp', 'mka', 'mkv', 'webm'])

/** @param format by content. */
export async function readMetadata(path: string, format: FormatId): Promise<Metadata> {
  if (format === 'wav') {
    const found = await readChunks(piecesOf(path).map(inUtf8))
    return { ...found, unwritten: [...found.unwritten, ...otherChunks(path)] }
  }
  if (rawStreams.has(format)) {
    const tag = leadingTag(path)
    return tag === null ? noMetadata : await readChunks([{ id: 'id3 ', data: tag }])
  }
  if (!viaTagLib.has(format)) return noMetadata
  // Network names of Windows are none to TagLib.
  const source = path.startsWith('\\\\') ? readFileSync(path) : path
  if (format === 'ogg' || format === 'opus') return await readWhole(source, format, oggTags(path))
  const blocks = format === 'flac' ? blocksOf(path) : []
  const found = await readWhole(source, format, tagsInBlocks(blocks))
  if (format === 'flac') {
    return { ...found, broadcast: chunksIn(blocks), unwritten: unwrittenIn(blocks) }
  }
  if (format === 'mp3') {
    const [tag = null, ...others] = leadingTags(path)
    const whole = withFrames(found, tag)
    // Where both are there, the first is the one that is read.
    const unwritten = tag !== null && hasApeTag(path) ? [...whole.unwritten, 'APEv2'] : whole.unwritten
    let all = { ...whole, unwritten }
    for (const data of others) all = completed(all, await readChunks([{ id: 'id3 ', data }]))
    return all
  }
  if (format === 'm4a' || format === 'alac') return { ...found, unwritten: unnamedItems(path) }
  if (format !== 'aiff') return found
  const pieces = piecesOf(path)
  const whole = withFrames(found, pieces.find(({ id }) => /^id3 $/i.test(id))?.data ?? null)
  return withTexts({ ...whole, unwritten: [...whole.unwritten, ...otherChunks(path)] }, pieces)
}

/** @param written the tags, where they are read already. */
async function readWhole(
  source: string | Uint8Array,
  format: FormatId,
  written: readonly Tag[] | null = null,
): Promise<Metadata> {
  const file = await opened(source, format)
  try {
    const tags = written === null ? tagsOf(file) : tidied(written).filter(({ name }) => !isTechnical(name))
    const pictures = picturesOf(file, ofOneKind.has(format))
    const chapters = chapterComments(tags)
    return { ...noMetadata, tags: tags.filter(({ name }) => !chapterName.test(name)), pictures, chapters }
  } finally {
    file.dispose()
  }
}

/**
 * By its path TagLib takes any file for FLAC that has FLAC in it and no ending of another kind, as a result has none yet: what lies in
 * memory it tells by its first bytes.
 */
async function opened(source: string | Uint8Array, format: FormatId): Promise<AudioFile> {
  loading ??= TagLib.initialize({ forceWasmType: 'wasi' })
  const library = await loading
  const file = await library.open(source)
  const isMistaken = typeof source === 'string' && matroska.has(format) && file.getFormat() === 'FLAC'
  if (!isMistaken || statSync(source).size > maxBytesInMemory) return file
  file.dispose()
  return await library.open(readFileSync(source))
}

const matroska: ReadonlySet<FormatId> = new Set(['mka', 'mkv', 'webm'])
const maxBytesInMemory = 2 ** 28

/** Of a WAV, or of a stream with a tag in front, without the audio. */
async function readChunks(pieces: readonly Piece[]): Promise<Metadata> {
  const own = pieces.length === 0 ? noMetadata : await readWhole(tinyWave(pieces), 'wav')
  const found = { ...own, tags: joined(own.tags, tidied(infoTags(pieces))) }
  const tag = pieces.find(({ id }) => /^id3 $/i.test(id))?.data ?? null
  const isMark = ({ id, data }: Piece) => id === 'LIST' && data.toString('latin1', 0, 4) === 'adtl'
  const broadcast = pieces.filter((piece) => /^(bext|iXML|cue )$/.test(piece.id) || isMark(piece))
  return { ...withFrames(found, tag), broadcast }
}

function withFrames(metadata: Metadata, tag: Buffer | null): Metadata {
  const whole = tag === null ? noFrames : framesOf(tag)
  const { frames } = whole
  const numbers = numbersIn(frames)
  const others = metadata.tags.filter(({ name }) => !numbers.some((number) => number.name === name))
  const tags = [...others, ...numbers].map((named) => (named.name === 'DATE' ? asWritten(named, frames) : named))
  return { ...metadata, tags, chapters: chaptersIn(whole), frames: unknownFrames(frames), unwritten: chapterExtras(whole) }
}

/** With what a second tag says of which the first says nothing. */
function completed(first: Metadata, second: Metadata): Metadata {
  const either = <T>(one: readonly T[], other: readonly T[]) => (one.length > 0 ? one : other)
  return {
    ...first,
    tags: joined(first.tags, second.tags),
    pictures: either(first.pictures, second.pictures),
    chapters: either(first.chapters, second.chapters),
    frames: either(first.frames, second.frames),
  }
}

/** TagLib takes the first T of any date for the one before its time, were it that of `Tuesday`. */
function asWritten({ name, values }: Tag, frames: readonly Piece[]): Tag {
  const written = datesIn(frames).filter((date) => !/\dT\d/.test(date))
  return { name, values: values.map((value) => written.find((date) => date.replace('T', ' ') === value) ?? value) }
}

/** The texts of AIFF that are older than ID3. */
const texts: Readonly<Record<string, string>> = { NAME: 'TITLE', AUTH: 'ARTIST', ANNO: 'COMMENT', '(c) ': 'COPYRIGHT' }

function withTexts(metadata: Metadata, pieces: readonly Piece[]): Metadata {
  const found = pieces.flatMap(({ id, data }) => {
    const name = texts[id]
    return name === undefined || metadata.tags.some((tag) => tag.name === name) ? [] : [{ name, values: [plainText(data)] }]
  })
  return { ...metadata, tags: [...metadata.tags, ...tidied(found)] }
}

function tagsOf(file: AudioFile): readonly Tag[] {
  const known: Readonly<Record<string, { readonly key: string } | undefined>> = PROPERTIES
  const lyrics = file.getLyrics().map(({ text }) => text)
  const own = Object.entries(file.properties()).flatMap(([name, values]): Tag[] =>
    values === undefined ? [] : [{ name: known[name]?.key ?? name, values }],
  )
  return tidied([...own, ...(lyrics.length === 0 ? [] : [{ name: 'LYRICS', values: lyrics }])]).filter(
    ({ name }) => !isTechnical(name),
  )
}

function picturesOf(file: AudioFile, isOfOneKind: boolean): readonly PictureData[] {
  const found = file.getPictures().flatMap(({ mimeType, type, description, data }, n): PictureData[] => {
    // A link is no picture.
    if (data.length === 0 || mimeType === '-->') return []
    const kinds: Readonly<Record<string, number | undefined>> = PICTURE_TYPE_VALUES
    const kind = isOfOneKind ? (n === 0 ? 'front-cover' : 'other') : (pictureKinds[kinds[type] ?? 0] ?? 'other')
    return [{ type: pictureType(data) ?? mimeType, kind, description: description ?? '', data }]
  })
  return isOfOneKind ? found : frontFirst(found)
}

/** By their first bytes: what files say of their pictures is wrong more often than not. */
function pictureType(data: Uint8Array): string | null {
  const head = Buffer.from(data.subarray(0, 12)).toString('latin1')
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (head.startsWith('\x89PNG')) return 'image/png'
  if (head.startsWith('GIF8')) return 'image/gif'
  if (head.startsWith('BM')) return 'image/bmp'
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'image/webp' : null
}

const chapterName = /^CHAPTER(\d+)(NAME|URL)?$/

function chapterComments(tags: readonly Tag[]): readonly Chapter[] {
  return tags
    .flatMap(({ name, values }) => {
      const [, number, part] = chapterName.exec(name) ?? []
      if (number === undefined || part !== undefined) return []
      const title = tags.find((other) => other.name === `CHAPTER${number}NAME`)?.values[0] ?? ''
      return [{ startMs: clockMs(values[0] ?? ''), title }]
    })
    .toSorted((one, other) => one.startMs - other.startMs)
}

/** Of `01:02:03.500`. */
function clockMs(text: string): number {
  return Math.round(text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 1000)
}

/** Behind the audio, where ID3v1 may follow. */
function hasApeTag(path: string): boolean {
  return withBytes(path, 'r', (file) => {
    const tail = file.read(Math.max(0, file.length() - 160), 160).toString('latin1')
    return [tail.length - 32, tail.length - 160].some((at) => at >= 0 && tail.startsWith('APETAGEX', at))
  })
}

/** All blocks in front of the audio of a FLAC, whatever stands before its four letters. */
export function blocksOf(path: string): readonly FlacBlock[] {
  return withBytes(path, 'r', (file) => {
    const blocks: FlacBlock[] = []
    let at = (leadingTag(path)?.length ?? 0) + 4
    for (let isLast = false; !isLast;) {
      const head = file.read(at, 4)
      if (head.length < 4) break
      isLast = (head.readUInt8(0) & 0x80) !== 0
      const length = head.readUIntBE(1, 3)
      blocks.push({ type: head.readUInt8(0) & 0x7f, data: file.read(at + 4, length) })
      at += 4 + length
    }
    return blocks
  })
}
