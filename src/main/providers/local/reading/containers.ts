/** Reads WAV and ADTS with mediabunny: headers only, whatever their size. Runs in the reading thread. */
import { open } from 'node:fs/promises'
import {
  ADTS,
  FilePathSource,
  Input,
  Logging,
  LogLevel,
  WAVE,
  type InputAudioTrack,
  type InputFormat,
  type InputTrack,
} from 'mediabunny'
import { emptyFacts, type AudioStream, type MediaFacts } from '../../../../shared/media.ts'

// What it has to say of a file it says by its answers.
Logging.level = LogLevel.Silent

export type ContainerId = 'wav' | 'aac'

const readers: Readonly<Record<ContainerId, InputFormat[]>> = { wav: [WAVE], aac: [ADTS] }

/** Null where a stream is in a codec that it cannot name. */
export async function readContainer(path: string, format: ContainerId, bytes: number): Promise<MediaFacts | null> {
  const input = new Input({ source: new FilePathSource(path), formats: readers[format] })
  try {
    const tracks = await input.getTracks()
    const audio = await Promise.all(tracks.filter((track) => track.isAudioTrack()).map(audioStream))
    const known = audio.filter((stream) => stream !== null)
    if (known.length < audio.length || tracks.length === 0) return null
    return { ...emptyFacts(format, bytes), durationMs: await lasts(input, tracks, path, format, bytes), audio: known }
  } finally {
    input.dispose()
  }
}

async function lasts(input: Input, tracks: InputTrack[], path: string, format: ContainerId, bytes: number): Promise<number> {
  const seconds = (await input.getDurationFromMetadata(tracks)) ?? (await input.computeDuration(tracks))
  if (format !== 'wav') return seconds * 1000
  // A WAV that was cut off still states how long it was meant to be; the library tells what is left.
  return seconds * 1000 * Math.max(1, (await statedBytes(path)) / bytes)
}

/** Size of the whole file as a RIFF header states it; 0 where it states none, as written by programs that could not go back. */
async function statedBytes(path: string): Promise<number> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0)
    const size = bytesRead === 8 && buffer.toString('latin1', 0, 4) === 'RIFF' ? buffer.readUInt32LE(4) : 0
    return size >= 0x7fff_ff00 ? 0 : size + 8
  } finally {
    await file.close()
  }
}

/** FFmpeg's names of mediabunny's codecs. */
const audioNames: Readonly<Record<string, string>> = {
  aac: 'aac',
  mp3: 'mp3',
  opus: 'opus',
  vorbis: 'vorbis',
  ac3: 'ac3',
  eac3: 'eac3',
  dts: 'dts',
  ulaw: 'pcm_mulaw',
  alaw: 'pcm_alaw',
}
async function audioStream(track: InputAudioTrack): Promise<AudioStream | null> {
  const name = (await track.getCodec()) ?? ''
  // FLAC and ALAC are left to others: their depth is what counts, and it is not told here.
  const pcm = /^pcm-([suf])(\d+)(be)?$/.exec(name)
  const [, kind, depth, be] = pcm ?? []
  const codec = pcm === null ? audioNames[name] : `pcm_${kind}${depth}${depth === '8' ? '' : (be ?? 'le')}`
  if (codec === undefined) return null
  return {
    codec,
    sampleRate: await track.getSampleRate(),
    channels: await track.getNumberOfChannels(),
    bitDepth: depth === undefined ? null : Number(depth),
    ...(kind === 'f' && { isFloat: true as const }),
    bitrate: await kilobits(track),
  }
}

async function kilobits(track: InputAudioTrack): Promise<number | null> {
  const bits = await track.getBitrate()
  return bits === null ? null : Math.round(bits / 1000)
}
