/** Reads what audio files say of their stream, with music-metadata. Runs in the reading thread. */
import { open } from 'node:fs/promises'
import { parseFromTokenizer, type IAudioMetadata } from 'music-metadata'
import { fromFile } from 'strtok3'
import { formats, type FormatId } from '../../../../shared/formats.ts'
import { emptyFacts, type AudioStream, type MediaFacts, type Tag } from '../../../../shared/media.ts'
import { aacConfig } from './aac-config.ts'

/** Null where it is none of the codecs that are told apart here. */
export async function readTaggedAudio(path: string, format: FormatId, bytes: number): Promise<MediaFacts | null> {
  const metadata = await parsed(path, format)
  const found = metadata.format
  const codec = codecOf(format, found.codec ?? '', found.bitsPerSample ?? 0)
  if (codec === null || found.hasVideo === true) return null
  const config = codec === 'aac' ? aacConfig(path) : { sampleRate: found.sampleRate, channels: found.numberOfChannels }
  if (config === null) return null
  const lastsMs = found.duration === undefined ? null : found.duration * 1000
  const isGuess = codec.startsWith('mp') && lastsMs !== null && !(await statesLength(path))
  const stream: AudioStream = {
    codec,
    sampleRate: config.sampleRate ?? null,
    channels: config.channels ?? null,
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
    tags: totalsOf(metadata),
  }
}

async function parsed(path: string, format: FormatId): Promise<IAudioMetadata> {
  const tokenizer = await fromFile(path)
  try {
    // Without this the name decides which parser is taken.
    tokenizer.fileInfo.mimeType = formats[format].mime
    return await parseFromTokenizer(tokenizer, { duration: false, skipCovers: true })
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

/** The second number of `3/9`, which the reader of tags does not tell everywhere. */
function totalsOf({ common: { track, disk } }: IAudioMetadata): readonly Tag[] {
  const total = (name: string, of: number | null | undefined) =>
    of === null || of === undefined || of === 0 ? [] : [{ name, values: [String(of)] }]
  return [...total('TRACKTOTAL', track.of), ...total('DISCTOTAL', disk.of)]
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
