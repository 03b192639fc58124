/**
 * The audio encoders and what each can hold, as data: legal sample rates, channel layouts, bit depths, and what the perceptual
 * qualities of the vocabulary mean to it.
 */
import type { Options } from '../../../shared/options.ts'

type Quality = NonNullable<Options['quality']>
export type AudioCodecId = 'mp3' | 'aac' | 'vorbis' | 'opus' | 'flac' | 'alac' | 'pcm-le' | 'pcm-be'

export interface AudioCodec {
  /** Hz; null: any that occurs. */
  readonly sampleRates: readonly number[] | null
  /** FFmpeg's layout for 1, 2, … channels; null: the encoder takes whatever layout comes. The length is the most channels. */
  readonly layouts: readonly (string | null)[]
  readonly sound: Lossy | Lossless
}

interface Lossy {
  readonly kind: 'lossy'
  readonly encoder: string
  /** Lowest and highest kbit/s that the encoder can keep; null: it keeps none at this sample rate. */
  bitrates(channels: number, sampleRate: number): readonly [number, number] | null
  /** `-q` of an encoder with a variable bitrate, or kbit/s for two channels. */
  readonly quality: { readonly unit: 'q' | 'kbit/s' } & Readonly<Record<Quality, number>>
}

interface Lossless {
  readonly kind: 'lossless'
  readonly depths: readonly number[]
  /** FFmpeg's options for a depth in bits; `float` where the source counts in floating point and nothing else is asked. */
  encoder(depth: number | 'float'): readonly string[]
}

export const defaultQuality = 'high' satisfies Quality

const any = (channels: number): readonly null[] => Array.from({ length: channels }, () => null)

export const audioCodecs: Readonly<Record<AudioCodecId, AudioCodec>> = {
  mp3: {
    sampleRates: [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000],
    layouts: any(2),
    sound: {
      kind: 'lossy',
      encoder: 'libmp3lame',
      bitrates: () => [8, 320],
      quality: { unit: 'q', low: 6, medium: 4, high: 2, extreme: 0 },
    },
  },
  aac: {
    sampleRates: [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000],
    // Without these, 5.1 with side speakers (what every film has) becomes a layout that players cannot name.
    layouts: ['mono', 'stereo', '3.0', '4.0', '5.0', '5.1', '7.1', '7.1'],
    sound: {
      kind: 'lossy',
      encoder: 'aac',
      bitrates: (channels) => [8, 288 * channels],
      quality: { unit: 'kbit/s', low: 96, medium: 128, high: 192, extreme: 256 },
    },
  },
  vorbis: {
    sampleRates: null,
    layouts: any(8),
    sound: {
      kind: 'lossy',
      encoder: 'libvorbis',
      bitrates: vorbisBitrates,
      quality: { unit: 'q', low: 2, medium: 4, high: 6, extreme: 8 },
    },
  },
  opus: {
    sampleRates: [8000, 12000, 16000, 24000, 48000],
    // libopus refuses every other layout instead of taking the nearest.
    layouts: ['mono', 'stereo', '3.0', 'quad', '5.0', '5.1', '6.1', '7.1'],
    sound: {
      kind: 'lossy',
      encoder: 'libopus',
      bitrates: (channels) => [6, Math.min(510, 256 * channels)],
      quality: { unit: 'kbit/s', low: 64, medium: 96, high: 128, extreme: 192 },
    },
  },
  flac: {
    sampleRates: null,
    layouts: any(8),
    sound: { kind: 'lossless', depths: [16, 24], encoder: (depth) => ['flac', '-sample_fmt', bits(depth) <= 16 ? 's16' : 's32'] },
  },
  alac: {
    sampleRates: null,
    layouts: any(8),
    sound: {
      kind: 'lossless',
      depths: [16, 24],
      encoder: (depth) => ['alac', '-sample_fmt', bits(depth) <= 16 ? 's16p' : 's32p'],
    },
  },
  'pcm-le': {
    sampleRates: null,
    layouts: any(8),
    sound: {
      kind: 'lossless',
      depths: [16, 24, 32],
      encoder: (depth) => [depth === 'float' ? 'pcm_f32le' : depth <= 8 ? 'pcm_u8' : `pcm_s${upTo([16, 24, 32], depth)}le`],
    },
  },
  'pcm-be': {
    sampleRates: null,
    layouts: any(8),
    sound: {
      kind: 'lossless',
      depths: [16, 24, 32],
      encoder: (depth) => [depth === 'float' ? 'pcm_f32be' : depth <= 8 ? 'pcm_s8' : `pcm_s${upTo([16, 24, 32], depth)}be`],
    },
  },
}

/** The rate to encode at where none is asked for: the source's where that is legal, else the one that loses least. */
export function nearestRate({ sampleRates }: AudioCodec, source: number): number {
  if (sampleRates === null || sampleRates.includes(source)) return source
  const even = sampleRates.filter((rate) => rate >= 32_000 && source % rate === 0)
  return even.at(-1) ?? sampleRates.find((rate) => rate >= source) ?? sampleRates.at(-1) ?? source
}

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
  const [least, most] = channels === 2 ? row.coupled : row.single
  return [least * channels, most * channels]
}

const vorbisRows = [
  { below: 9_000, coupled: [6, 42], single: [8, 42] },
  { below: 15_000, coupled: [8, 50], single: [12, 50] },
  { below: 19_000, coupled: [12, 100], single: [16, 100] },
  { below: 26_000, coupled: [16, 88], single: [16, 90] },
  { below: 40_000, coupled: [18, 190], single: [30, 190] },
  { below: 50_000, coupled: [23, 250], single: [32, 240] },
] as const
