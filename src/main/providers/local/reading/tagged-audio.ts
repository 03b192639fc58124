/** Reads what audio files say of their stream, with music-metadata. Runs in the reading thread. */
import { parseFromTokenizer, type IAudioMetadata } from 'music-metadata'
import { type FormatId, factsOf } from '../../../../shared/formats.ts'
import { emptyFacts, type AudioStream, type MediaFacts, type Tag } from '../../../../shared/media.ts'
import { withBytes } from '../tags/bytes.ts'
import { boxesIn, fileBoxes } from '../tags/mp4.ts'
import { leadingTag } from '../tags/read-id3.ts'
import { chunksOf } from '../tags/riff.ts'
import { aacConfig } from './aac-config.ts'
import { tokenizerOf } from './tokenizer.ts'

/** Null where it is none of the codecs that are told apart here. */
export async function readTaggedAudio(path: string, format: FormatId, bytes: number): Promise<MediaFacts | null> {
  if (format === 'm4a' && holdsMore(path)) return null
  const metadata = await parsed(path, format)
  const found = metadata.format
  const codec = codecOf(format, found.codec ?? '', found.bitsPerSample ?? 0)
  if (codec === null || found.hasVideo === true) return null
  const config = codec === 'aac' ? aacConfig(path) : { sampleRate: found.sampleRate, channels: found.numberOfChannels }
  if (config === null) return null
  const isChained = (format === 'ogg' || format === 'opus') && endsAsAnother(path, bytes)
  // Nothing is what a header says that was never filled in; of a chain one link is known.
  const lastsMs = found.duration === undefined || found.duration === 0 || isChained ? null : found.duration * 1000
  const stated = codec.startsWith('mp') ? statedBytes(path, bytes) : bytes
  const isGuess = stated === null || stated < bytes * leastShare
  const share = stated === null || stated === 0 ? 1 : bytes / stated
  const stream: AudioStream = {
    codec,
    sampleRate: config.sampleRate ?? null,
    channels: config.channels ?? null,
    bitDepth: found.lossless === true ? (found.bitsPerSample ?? null) : null,
    // What it says of Opus is the rate of the first page.
    bitrate: found.bitrate === undefined || codec === 'opus' ? null : Math.round(found.bitrate / 1000),
    ...(isChained && { isChained }),
  }
  const held = codec === 'alac' ? 'alac' : codec === 'mp2' ? 'mp2' : codec === 'opus' ? 'opus' : format
  return {
    ...emptyFacts(held, bytes),
    durationMs: isGuess ? null : lastsMs,
    ...(isGuess && lastsMs !== null ? { roughMs: lastsMs * share } : {}),
    ...(isCutOff(path, format, bytes, stated) && { isCutOff: true as const }),
    audio: [stream],
    tags: totalsOf(metadata),
  }
}

/** Whether an MP4 has chapters, or further tracks, of which this library tells nothing. */
function holdsMore(path: string): boolean {
  return withBytes(path, 'r', (file) => {
    const place = fileBoxes(file).find(({ name }) => name === 'moov')
    if (place === undefined) return false
    const moov = file.read(place.at, place.bytes)
    const children = boxesIn(moov, 8, moov.length)
    const data = children.filter(({ name }) => name === 'udta').flatMap(({ at, bytes }) => boxesIn(moov, at + 8, at + bytes))
    return children.filter(({ name }) => name === 'trak').length > 1 || data.some(({ name }) => name === 'chpl')
  })
}

async function parsed(path: string, format: FormatId): Promise<IAudioMetadata> {
  const tokenizer = tokenizerOf(path)
  try {
    // Without this the name decides which parser is taken.
    tokenizer.fileInfo.mimeType = factsOf(format).mime
    return await parseFromTokenizer(tokenizer, { duration: false, skipCovers: true })
  } finally {
    await tokenizer.close()
  }
}

/** FFmpeg's name for what music-metadata calls a codec. */
function codecOf(format: FormatId, codec: string, bits: number): string | null {
  if (/layer 3$/i.test(codec)) return 'mp3'
  if (/layer 2$/i.test(codec)) return 'mp2'
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

/** The second number of `3/9`, which the reader of tags does not tell everywhere. */
function totalsOf({ common: { track, disk } }: IAudioMetadata): readonly Tag[] {
  const total = (name: string, of: number | null | undefined) =>
    of === null || of === undefined || of === 0 ? [] : [{ name, values: [String(of)] }]
  return [...total('TRACKTOTAL', track.of), ...total('DISCTOTAL', disk.of)]
}

/** Files glued behind one another have the header of the first. */
const leastShare = 0.95

/**
 * An MPEG stream states its length in its first frame, or nowhere: what is computed from its bitrate then may be far off.
 * @returns bytes of the audio as they are stated, all of them where nothing is said of bytes; null where no length is stated.
 */
function statedBytes(path: string, bytes: number): number | null {
  const tag = leadingTag(path)?.length ?? 0
  const head = withBytes(path, 'r', (file) => file.read(tag, 4096))
  const at = head.toString('latin1').search(/Xing|Info|VBRI/)
  if (at < 0) return null
  if (head.toString('latin1', at, at + 4) === 'VBRI') return head.length < at + 14 ? bytes : head.readUInt32BE(at + 10) + tag
  const flags = head.readUInt32BE(at + 4)
  const field = at + 8 + ((flags & 1) === 0 ? 0 : 4)
  return (flags & 2) === 0 || head.length < field + 4 ? bytes : head.readUInt32BE(field) + tag
}

/** Whether less is there than the file says. */
function isCutOff(path: string, format: FormatId, bytes: number, stated: number | null): boolean {
  if (format !== 'aiff') return stated !== null && stated * leastShare > bytes
  const samples = withBytes(path, 'r', (file) => chunksOf(file)?.chunks.find(({ id }) => id === 'SSND'))
  return samples !== undefined && samples.at + samples.bytes > bytes + 1
}

/** Whether an Ogg ends as another stream than it began: several were put one behind the other. */
function endsAsAnother(path: string, bytes: number): boolean {
  return withBytes(path, 'r', (file) => {
    const serial = (page: Buffer, at: number) => page.subarray(at + 14, at + 18)
    const first = file.read(0, 64)
    const last = file.read(Math.max(0, bytes - 131_072), 131_072)
    const at = last.lastIndexOf('OggS')
    return at >= 0 && at + 18 <= last.length && !serial(first, 0).equals(serial(last, at))
  })
}
