/** What this machine encodes audio with, as data: each codec's encoder, the rates, layouts and bitrates that it takes, what qualities are in it. */
import type { Options } from '../../../../shared/options.ts'

type Quality = NonNullable<Options['quality']>
export type AudioCodecId =
  | 'mp3'
  | 'mp2'
  | 'aac'
  | 'ac3'
  | 'vorbis'
  | 'opus'
  | 'wma'
  | 'amr'
  | 'flac'
  | 'alac'
  | 'wavpack'
  | 'tta'
  | 'pcm-le'
  | 'pcm-be'
  | 'pcm-16'
  | 'pcm-studio'

export interface AudioCodec {
  /** Hz; null: any that occurs. */
  readonly sampleRates: readonly number[] | null
  /** Hz, where any below it will do. */
  readonly maxRate?: number
  /** FFmpeg's layout for 1, 2, … channels; null: the encoder takes whatever layout comes. The length is the most channels. */
  readonly layouts: readonly (string | null)[]
  /** How many it takes beyond that, as long as nobody asks what they are for. */
  readonly maxLoose?: number
  readonly encoding: Lossy | Lossless
}

export interface Lossy {
  readonly kind: 'lossy'
  readonly encoder: string
  /** Many builds of FFmpeg lack it: whoever wants it is to ask first, and nothing is missing without it. */
  readonly isRare?: true
  /** Where it refuses all but a few bitrates, those, kbit/s; the nearest is taken. */
  steps?(sampleRate: number): readonly number[]
  /** Lowest and highest kbit/s that the encoder can keep; null: it keeps none at this sample rate. */
  bitrates(channels: number, sampleRate: number): readonly [number, number] | null
  /** FFmpeg's switch by which an encoder of fixed steps keeps any bitrate on average. */
  readonly meanRate?: string
  /** `-q` of an encoder with a variable bitrate, with the kbit/s that its makers expect of music in stereo; or kbit/s for two channels. */
  readonly quality: Readonly<Record<Quality, number>> &
    ({ readonly unit: 'kbit/s' } | { readonly unit: 'q'; readonly about: Readonly<Record<Quality, number>> })
}

interface Lossless {
  readonly kind: 'lossless'
  /** Its blocks are long, and FFmpeg counts the last one as a whole one: up to two seconds that nobody hears. */
  readonly isCountedLong?: true
  readonly depths: readonly number[]
  /** FFmpeg's options for a depth in bits; `float` where the source counts in floating point and nothing else is asked. */
  encoder(depth: number | 'float'): readonly string[]
}

export const defaultQuality = 'high' satisfies Quality
/** What `normalize` aims at: LUFS, dBTP. */
export const defaultLoudness = { loudness: -16, truePeak: -1.5 } as const

const any = (channels: number): readonly null[] => Array.from({ length: channels }, () => null)

export const audioCodecs: Readonly<Record<AudioCodecId, AudioCodec>> = {
  mp3: {
    sampleRates: [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000],
    layouts: any(2),
    encoding: {
      kind: 'lossy',
      encoder: 'libmp3lame',
      meanRate: '-abr',
      bitrates: () => [8, 320],
      quality: { unit: 'q', low: 6, medium: 4, high: 2, extreme: 0, about: { low: 115, medium: 165, high: 190, extreme: 245 } },
    },
  },
  aac: {
    sampleRates: [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000],
    // Without these, 5.1 with side speakers (what every video has) becomes a layout that players cannot name.
    layouts: ['mono', 'stereo', '3.0', '4.0', '5.0', '5.1', '7.1', '7.1'],
    encoding: {
      kind: 'lossy',
      encoder: 'aac',
      bitrates: (channels) => [8, 288 * channels],
      quality: { unit: 'kbit/s', low: 96, medium: 128, high: 192, extreme: 256 },
    },
  },
  vorbis: {
    sampleRates: null,
    maxRate: 200_000,
    layouts: any(8),
    encoding: {
      kind: 'lossy',
      encoder: 'libvorbis',
      bitrates: vorbisBitrates,
      quality: { unit: 'q', low: 2, medium: 4, high: 6, extreme: 8, about: { low: 96, medium: 128, high: 192, extreme: 256 } },
    },
  },
  opus: {
    sampleRates: [8000, 12000, 16000, 24000, 48000],
    // libopus refuses every other layout instead of taking the nearest.
    layouts: ['mono', 'stereo', '3.0', 'quad', '5.0', '5.1', '6.1', '7.1'],
    encoding: {
      kind: 'lossy',
      encoder: 'libopus',
      bitrates: (channels) => [6, Math.min(510, 256 * channels)],
      quality: { unit: 'kbit/s', low: 64, medium: 96, high: 128, extreme: 192 },
    },
  },
  mp2: {
    sampleRates: [16_000, 22_050, 24_000, 32_000, 44_100, 48_000],
    layouts: any(2),
    encoding: {
      kind: 'lossy',
      encoder: 'mp2',
      steps: (sampleRate) => (sampleRate < 32_000 ? lowLayerTwo : layerTwo),
      bitrates: (_, sampleRate) => (sampleRate < 32_000 ? [8, 160] : [32, 384]),
      quality: { unit: 'kbit/s', low: 128, medium: 192, high: 256, extreme: 384 },
    },
  },
  ac3: {
    sampleRates: [32_000, 44_100, 48_000],
    layouts: ['mono', 'stereo', '3.0', '4.0', '5.0', '5.1'],
    encoding: {
      kind: 'lossy',
      encoder: 'ac3',
      bitrates: (channels) => [32 * channels, 640],
      quality: { unit: 'kbit/s', low: 128, medium: 160, high: 192, extreme: 256 },
    },
  },
  wma: {
    sampleRates: [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000],
    layouts: any(2),
    encoding: {
      kind: 'lossy',
      encoder: 'wmav2',
      bitrates: () => [24, 320],
      quality: { unit: 'kbit/s', low: 96, medium: 128, high: 192, extreme: 256 },
    },
  },
  // Speech on telephones, and nothing else.
  amr: {
    sampleRates: [8000],
    layouts: any(1),
    encoding: {
      kind: 'lossy',
      encoder: 'libopencore_amrnb',
      isRare: true,
      bitrates: () => [4.75, 12.2],
      quality: { unit: 'kbit/s', low: 10, medium: 13, high: 20.4, extreme: 20.4 },
    },
  },
  flac: {
    sampleRates: null,
    layouts: any(8),
    encoding: {
      kind: 'lossless',
      depths: [16, 24],
      encoder: (depth) => ['flac', '-sample_fmt', bits(depth) <= 16 ? 's16' : 's32'],
    },
  },
  alac: {
    sampleRates: null,
    layouts: any(8),
    encoding: {
      kind: 'lossless',
      depths: [16, 24],
      encoder: (depth) => ['alac', '-sample_fmt', bits(depth) <= 16 ? 's16p' : 's32p'],
    },
  },
  wavpack: {
    sampleRates: null,
    layouts: any(8),
    encoding: {
      kind: 'lossless',
      isCountedLong: true,
      depths: [16, 24, 32],
      encoder: (depth) => ['wavpack', '-sample_fmt', depth === 'float' ? 'fltp' : depth <= 16 ? 's16p' : 's32p'],
    },
  },
  tta: {
    sampleRates: null,
    layouts: any(8),
    encoding: {
      kind: 'lossless',
      isCountedLong: true,
      depths: [16, 24],
      encoder: (depth) => ['tta', '-sample_fmt', bits(depth) <= 16 ? 's16' : 's32'],
    },
  },
  'pcm-le': {
    sampleRates: null,
    layouts: any(8),
    maxLoose: 64,
    encoding: {
      kind: 'lossless',
      depths: [16, 24, 32],
      encoder: (depth) => [depth === 'float' ? 'pcm_f32le' : depth <= 8 ? 'pcm_u8' : `pcm_s${upTo([16, 24, 32], depth)}le`],
    },
  },
  'pcm-be': {
    sampleRates: null,
    layouts: any(8),
    maxLoose: 64,
    encoding: {
      kind: 'lossless',
      depths: [16, 24, 32],
      encoder: (depth) => [depth === 'float' ? 'pcm_f32be' : depth <= 8 ? 'pcm_s8' : `pcm_s${upTo([16, 24, 32], depth)}be`],
    },
  },
  // What the oldest sound cards played.
  'pcm-16': { sampleRates: null, layouts: any(2), encoding: { kind: 'lossless', depths: [16], encoder: () => ['pcm_s16le'] } },
  // What studios and their machines agree on.
  'pcm-studio': {
    sampleRates: [48_000],
    layouts: any(8),
    encoding: {
      kind: 'lossless',
      depths: [16, 24],
      encoder: (depth) => [bits(depth) <= 16 ? 'pcm_s16le' : 'pcm_s24le'],
    },
  },
}

/** The rate to encode at where none is asked for: the source's where that is legal, else the one that loses least. */
export function nearestRate(codec: AudioCodec, source: number): number {
  const { sampleRates, maxRate = Infinity } = codec
  if (source > maxRate) return nearestRate(codec, source / 2)
  if (sampleRates === null || sampleRates.includes(source)) return source
  const even = sampleRates.filter((rate) => rate >= 32_000 && source % rate === 0)
  return even.at(-1) ?? sampleRates.find((rate) => rate >= source) ?? sampleRates.at(-1) ?? source
}

const layerTwo = [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384]
/** At half the sample rates. */
const lowLayerTwo = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]

function bits(depth: number | 'float'): number {
  return depth === 'float' ? 24 : depth
}

function upTo(sizes: readonly number[], depth: number): number {
  return sizes.find((size) => size >= depth) ?? 32
}

/** libvorbis keeps a bitrate only within its tables and refuses to start outside of them. kbit/s a channel, by sample rate. */
function vorbisBitrates(channels: number, sampleRate: number): readonly [number, number] | null {
  const row = vorbisRows.find(({ below }) => sampleRate < below)
  if (row === undefined) return null
  const [lowest, highest] = channels === 2 ? row.coupled : row.single
  return [lowest * channels, highest * channels]
}

const vorbisRows = [
  { below: 9_000, coupled: [6, 42], single: [8, 42] },
  { below: 15_000, coupled: [8, 50], single: [12, 50] },
  { below: 19_000, coupled: [12, 100], single: [16, 100] },
  { below: 26_000, coupled: [16, 88], single: [16, 90] },
  { below: 40_000, coupled: [18, 190], single: [30, 190] },
  { below: 50_000, coupled: [23, 250], single: [32, 240] },
] as const

/** kbit/s of an encoder whose qualities are bitrates. */
export function kbitsFor({ quality, bitrates }: Lossy, wanted: Quality, channels: number): number {
  const stereo = quality[wanted]
  const [lowest, highest] = bitrates(channels, 48_000) ?? [stereo, stereo]
  return Math.min(highest, Math.max(lowest, stereo * (channels === 1 ? 0.6 : channels / 2)))
}
