/** Reads audio files, their tags, art and chapters with music-metadata. Runs in the reading thread. */
import { open } from 'node:fs/promises'
import { parseFromTokenizer, type IAudioMetadata } from 'music-metadata'
import { fromFile } from 'strtok3'
import { formats, type FormatId } from '../../../../shared/formats.ts'
import {
  emptyFacts,
  pictureKinds,
  type AudioStream,
  type Chapter,
  type MediaFacts,
  type PictureKind,
} from '../../../../shared/media.ts'

/** A picture among the tags, whole. */
export interface PictureData {
  readonly type: string
  readonly description: string
  readonly data: Uint8Array
}

/** Null where it is none of the codecs that are told apart here. */
export async function readTaggedAudio(path: string, format: FormatId, bytes: number): Promise<MediaFacts | null> {
  const metadata = await parsed(path, format)
  const found = metadata.format
  const codec = codecOf(format, found.codec ?? '', found.bitsPerSample ?? 0)
  if (codec === null || found.hasVideo === true) return null
  const lastsMs = found.duration === undefined ? null : found.duration * 1000
  const isGuess = codec.startsWith('mp') && lastsMs !== null && !(await statesLength(path))
  const stream: AudioStream = {
    codec,
    sampleRate: found.sampleRate ?? null,
    channels: found.numberOfChannels ?? null,
    bitDepth: found.lossless === true ? (found.bitsPerSample ?? null) : null,
    // What it says of Opus is the rate of the first page.
    bitrate: found.bitrate === undefined || codec === 'opus' ? null : Math.round(found.bitrate / 1000),
  }
  const held = codec === 'alac' ? 'alac' : codec === 'mp2' ? 'mp2' : codec === 'opus' ? 'opus' : format
  return {
    ...emptyFacts(held, bytes),
    durationMs: isGuess ? null : lastsMs,
    ...(isGuess && lastsMs !== null ? { roughMs: lastsMs } : {}),
    audio: [stream],
    pictures: (metadata.common.picture ?? []).map((picture) => ({
      type: pictureType(picture.format),
      kind: pictureKind(picture.type),
      bytes: picture.data.length,
      ...(picture.description !== undefined && picture.description !== '' && { description: picture.description }),
    })),
    chapters: chaptersOf(metadata),
  }
}

export async function readPictures(path: string, format: FormatId): Promise<readonly PictureData[]> {
  const { common } = await parsed(path, format)
  return (common.picture ?? []).map(({ format: type, description, data }) => ({
    type: pictureType(type),
    description: description ?? '',
    data,
  }))
}

async function parsed(path: string, format: FormatId): Promise<IAudioMetadata> {
  const tokenizer = await fromFile(path)
  try {
    // Without this the name decides which parser is taken.
    tokenizer.fileInfo.mimeType = formats[format].mime
    return await parseFromTokenizer(tokenizer, { duration: false, includeChapters: true })
  } finally {
    await tokenizer.close()
  }
}

/** FFmpeg's name for what music-metadata calls a codec. */
function codecOf(format: FormatId, codec: string, bits: number): string | null {
  if (/layer 3$/i.test(codec)) return 'mp3'
  if (/layer 2$/i.test(codec)) return 'mp2'
  if (format === 'wv') return 'wavpack'
  if (format === 'ape') return 'ape'
  if (format === 'aiff') return codec === 'PCM' ? (bits === 8 ? 'pcm_s8' : `pcm_s${bits}be`) : null
  const names: Readonly<Record<string, string>> = {
    FLAC: 'flac',
    'Vorbis I': 'vorbis',
    Opus: 'opus',
    'MPEG-4/AAC': 'aac',
    ALAC: 'alac',
  }
  return names[codec] ?? null
}

function chaptersOf({ format, native }: IAudioMetadata): readonly Chapter[] {
  const comments = (native['vorbis'] ?? []).flatMap(({ id, value }) => {
    const number = /^CHAPTER(\d+)$/i.exec(id)?.[1]
    if (number === undefined) return []
    const name = (native['vorbis'] ?? []).find((other) => other.id.toUpperCase() === `CHAPTER${number}NAME`)
    return [{ startMs: clockMs(String(value)), title: String(name?.value ?? '') }]
  })
  if (comments.length > 0) return comments
  const rate = format.sampleRate ?? 1
  return (format.chapters ?? []).map(({ start, sampleOffset, timeScale, title }) => ({
    startMs: timeScale !== undefined && timeScale > 0 ? (start / timeScale) * 1000 : ((sampleOffset ?? 0) / rate) * 1000,
    title,
  }))
}

/** Of `01:02:03.500`. */
function clockMs(text: string): number {
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 1000
}

/** As music-metadata words them, in the order of their numbers. */
const kindWords = [
  'Other',
  "32x32 pixels 'file icon' (PNG only)",
  'Other file icon',
  'Cover (front)',
  'Cover (back)',
  'Leaflet page',
  'Media (e.g. label side of CD)',
  'Lead artist/lead performer/soloist',
  'Artist/performer',
  'Conductor',
  'Band/Orchestra',
  'Composer',
  'Lyricist/text writer',
  'Recording Location',
  'During recording',
  'During performance',
  'Movie/video screen capture',
  'A bright coloured fish',
  'Illustration',
  'Band/artist logotype',
  'Publisher/Studio logotype',
]

function pictureKind(word: string | undefined): PictureKind {
  return pictureKinds[Math.max(0, kindWords.indexOf(word ?? ''))] ?? 'other'
}

function pictureType(type: string): string {
  return type === 'image/jpg' ? 'image/jpeg' : type
}

/** An MPEG stream states its length in its first frame, or nowhere: what is computed from its bitrate then may be far off. */
async function statesLength(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const tag = (await file.read(Buffer.alloc(10), 0, 10, 0)).buffer
    const isTagged = tag.toString('latin1', 0, 3) === 'ID3'
    const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + ((tag[at] ?? 0) & 0x7f), 0)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, isTagged ? size + 10 : 0)
    return /Xing|Info|VBRI/.test(buffer.toString('latin1', 0, bytesRead))
  } finally {
    await file.close()
  }
}
