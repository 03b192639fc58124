/** What this machine encodes moving pictures with, as data: each codec's encoders, what qualities are in it, and the pixels that it takes. */
import { JobError } from '../../../../shared/failure.ts'
import type { Options } from '../../../../shared/options.ts'
import { defaultQuality } from './audio-codecs.ts'

type Quality = NonNullable<Options['quality']>
export type PaceName = NonNullable<Options['speed']>
export type VideoCodecId = NonNullable<Options['videoCodec']>

export interface VideoCodec {
  /** FFmpeg's name of the codec in a file. */
  readonly codec: string
  /** The best first; a build of FFmpeg need not have all. */
  readonly encoders: readonly VideoEncoder[]
  readonly scale: Scale
  /** The first of these that loses nothing is taken. H.264 stays at 8 bits, 4:2:0: most players know nothing else. */
  readonly pixels: readonly string[]
  /** Where a quality has others. */
  readonly pixelsOf?: Readonly<Partial<Record<Quality, readonly string[]>>>
  /** Its frames all last equally long. */
  readonly isSteady?: true
  /** It has no word, or a few words only, for pixels that are not square. */
  readonly isSquare?: true
  /** Width and height below which it takes no picture. */
  readonly least?: readonly [number, number]
}

/** What a quality is to an encoder. */
type Scale =
  | { readonly option: 'crf'; readonly max: number; readonly of: Readonly<Record<Quality, number>> }
  | { readonly option: 'q'; readonly of: Readonly<Record<Quality, number>> }
  /** For editors: each with the bits a pixel that its makers have set, and no other figure. */
  | { readonly option: 'profile'; readonly of: Readonly<Record<Quality, string>> }

export interface VideoEncoder {
  /** As FFmpeg calls it. */
  readonly name: string
  readonly settings: readonly string[]
  /** What the option `speed` is to it; null: it knows one pace. */
  readonly paces: Readonly<Record<PaceName, EncoderPace>> | null
  /** What makes it keep a quality rather than a bitrate, besides the figure. */
  readonly byQuality: readonly string[]
  /** How it is told where its notes of a first pass are; null: it takes one pass alone. */
  readonly notes: 'file' | 'params' | null
}

/** `balanced` is what is done where nobody asks. Measured in docs/ENCODING.md. */
export interface EncoderPace {
  readonly settings: readonly string[]
  /** At this pace it goes over a film once, whatever is to be kept. */
  readonly isOnce?: true
}

/** A bitrate of 0 is what turns constant quality on. */
const unlimited = ['-b:v:0', '0']
/** The names that x264 and x265 have for it; medium is what they are unless told. */
function byPreset(fast: string, small: string): Readonly<Record<PaceName, EncoderPace>> {
  return { fast: { settings: ['-preset', fast] }, balanced: { settings: [] }, small: { settings: ['-preset', small] } }
}
const upTo10Bits = ['yuv420p', 'yuv420p10le']

export const videoCodecs: Readonly<Record<VideoCodecId, VideoCodec>> = {
  h264: {
    codec: 'h264',
    encoders: [{ name: 'libx264', settings: [], paces: byPreset('veryfast', 'slower'), byQuality: [], notes: 'file' }],
    scale: { option: 'crf', max: 51, of: { low: 28, medium: 23, high: 20, extreme: 17 } },
    pixels: ['yuv420p'],
  },
  h265: {
    codec: 'hevc',
    encoders: [{ name: 'libx265', settings: [], paces: byPreset('veryfast', 'slow'), byQuality: [], notes: 'params' }],
    scale: { option: 'crf', max: 51, of: { low: 30, medium: 26, high: 23, extreme: 19 } },
    pixels: upTo10Bits,
  },
  vp9: {
    codec: 'vp9',
    encoders: [
      {
        name: 'libvpx-vp9',
        settings: ['-row-mt', '1'],
        paces: {
          fast: { settings: ['-deadline', 'realtime', '-cpu-used', '8'], isOnce: true },
          balanced: { settings: ['-deadline', 'good', '-cpu-used', '4'] },
          small: { settings: ['-deadline', 'good', '-cpu-used', '2'] },
        },
        byQuality: unlimited,
        notes: 'file',
      },
    ],
    scale: { option: 'crf', max: 63, of: { low: 40, medium: 34, high: 31, extreme: 24 } },
    pixels: upTo10Bits,
  },
  av1: {
    codec: 'av1',
    encoders: [
      {
        name: 'libsvtav1',
        settings: [],
        paces: {
          fast: { settings: ['-preset', '10'] },
          balanced: { settings: ['-preset', '8'] },
          small: { settings: ['-preset', '5'] },
        },
        byQuality: [],
        notes: null,
      },
      {
        name: 'libaom-av1',
        settings: ['-row-mt', '1'],
        paces: {
          fast: { settings: ['-usage', 'realtime', '-cpu-used', '8'], isOnce: true },
          balanced: { settings: ['-cpu-used', '6'] },
          small: { settings: ['-cpu-used', '4'] },
        },
        byQuality: unlimited,
        notes: 'file',
      },
    ],
    scale: { option: 'crf', max: 63, of: { low: 45, medium: 38, high: 32, extreme: 24 } },
    pixels: upTo10Bits,
  },
  mpeg4: {
    codec: 'mpeg4',
    encoders: [{ name: 'mpeg4', settings: [], paces: null, byQuality: [], notes: null }],
    scale: { option: 'q', of: { low: 8, medium: 5, high: 3, extreme: 2 } },
    pixels: ['yuv420p'],
    isSteady: true,
  },
  mpeg2: {
    codec: 'mpeg2video',
    encoders: [{ name: 'mpeg2video', settings: [], paces: null, byQuality: [], notes: null }],
    scale: { option: 'q', of: { low: 8, medium: 5, high: 3, extreme: 2 } },
    pixels: ['yuv420p'],
    isSteady: true,
    isSquare: true,
  },
  wmv: {
    codec: 'wmv2',
    encoders: [{ name: 'wmv2', settings: [], paces: null, byQuality: [], notes: null }],
    scale: { option: 'q', of: { low: 8, medium: 5, high: 3, extreme: 2 } },
    pixels: ['yuv420p'],
    isSteady: true,
    isSquare: true,
  },
  theora: {
    codec: 'theora',
    encoders: [{ name: 'libtheora', settings: [], paces: null, byQuality: [], notes: null }],
    scale: { option: 'q', of: { low: 5, medium: 7, high: 8, extreme: 10 } },
    pixels: ['yuv420p'],
    isSteady: true,
  },
  prores: {
    codec: 'prores',
    encoders: [{ name: 'prores_ks', settings: ['-vendor', 'apl0'], paces: null, byQuality: [], notes: null }],
    scale: { option: 'profile', of: { low: 'proxy', medium: 'lt', high: 'standard', extreme: 'hq' } },
    pixels: ['yuv422p10le'],
    isSteady: true,
  },
  dnxhr: {
    codec: 'dnxhd',
    encoders: [{ name: 'dnxhd', settings: [], paces: null, byQuality: [], notes: null }],
    scale: { option: 'profile', of: { low: 'dnxhr_lb', medium: 'dnxhr_sq', high: 'dnxhr_hq', extreme: 'dnxhr_hqx' } },
    pixels: ['yuv422p'],
    pixelsOf: { extreme: ['yuv422p10le'] },
    isSteady: true,
    least: [256, 120],
  },
}

/**
 * By which figure a quality is kept where the codec has one.
 * @throws JobError `option-invalid` where one is asked for that it does not have.
 */
export function crfOf(id: VideoCodecId, { crf, quality = defaultQuality }: Pick<Options, 'crf' | 'quality'>): number {
  const { scale } = videoCodecs[id]
  if (scale.option !== 'crf')
    throw new JobError('option-invalid', { option: 'crf', value: String(crf), allowed: `no figure for ${id}; give quality` })
  if (crf === undefined) return scale.of[quality]
  if (crf <= scale.max) return crf
  throw new JobError('option-invalid', { option: 'crf', value: String(crf), allowed: `0 to ${scale.max} for ${id}` })
}
