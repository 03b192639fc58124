/**
 * Tags that FFmpeg cannot write by itself into Ogg and FLAC: cover art as a comment (the picture block of FLAC in base64) and chapter marks.
 * They go in as a second input in FFmpeg's own text format, by its standard input, so that a large picture needs no argument.
 * Apart, as a format of its own.
 */
import type { Chapter } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import type { PictureData } from '../reading/tagged-audio.ts'

/** A picture this large would make every player read megabytes of tags before the first audio. */
const maxPictureBytes = 16 * 2 ** 20

/** Null where there is nothing to write. */
export function commentsText(
  { pictures, chapters }: { readonly pictures: readonly PictureData[]; readonly chapters: readonly Chapter[] },
  options: Options,
  lastsMs: number | null,
): string | null {
  const lines = [
    ...pictures
      .filter(({ data }) => data.length <= maxPictureBytes)
      .map((picture) => `METADATA_BLOCK_PICTURE=${escaped(pictureBlock(picture))}`),
    ...chapterLines(trimmed(chapters, options, lastsMs)),
  ]
  return lines.length === 0 ? null : [';FFMETADATA1', ...lines, ''].join('\n')
}

export const commentsInput: readonly string[] = ['-protocol_whitelist', 'pipe', '-f', 'ffmetadata', '-i', 'pipe:0']

const frontCover = 3

/** The layout is that of a PICTURE block of FLAC; size and depth of the picture may be 0 for "look into it". */
function pictureBlock({ type, description, data }: PictureData): string {
  const words = [frontCover, ...sized(type), ...sized(description), 0, 0, 0, 0, data.length]
  const parts = words.map((word) => (typeof word === 'number' ? uint32(word) : word))
  return Buffer.concat([...parts, data]).toString('base64')
}

function sized(text: string): readonly [number, Buffer] {
  const bytes = Buffer.from(text)
  return [bytes.length, bytes]
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Chapters as they lie after the cut; the one that is running when it begins stays, from its beginning. */
function trimmed(
  chapters: readonly Chapter[],
  { trimStart = 0, trimEnd = Infinity }: Options,
  lastsMs: number | null,
): readonly Chapter[] {
  const endMs = Math.min(trimEnd, lastsMs ?? Infinity)
  return chapters
    .filter(({ startMs }, index) => startMs < endMs && (chapters[index + 1]?.startMs ?? Infinity) > trimStart)
    .map(({ startMs, title }) => ({ startMs: Math.max(0, startMs - trimStart), title }))
}

function chapterLines(chapters: readonly Chapter[]): readonly string[] {
  return chapters.flatMap(({ startMs, title }, index) => {
    const name = `CHAPTER${String(index).padStart(3, '0')}`
    return [`${name}=${clockTime(startMs)}`, `${name}NAME=${escaped(title)}`]
  })
}

/** `01:02:03.500` */
function clockTime(ms: number): string {
  const whole = Math.round(ms)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${two((whole / 1000) % 60)}.${String(whole % 1000).padStart(3, '0')}`
}

function escaped(text: string): string {
  return text.replaceAll(/[=;#\\\n]/g, (found) => `\\${found}`)
}
