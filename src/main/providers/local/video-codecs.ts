/** The video encoders as data: what a quality of the vocabulary means to each, its range of crf, and the pixels it takes. */
import type { Options } from '../../../shared/options.ts'

type Quality = NonNullable<Options['quality']>
export type VideoCodecId = NonNullable<Options['videoCodec']>

export interface VideoCodec {
  /** FFmpeg's name of the codec in a file. */
  readonly codec: string
  /** Encoders with their settings, the best first; a build of FFmpeg need not have all. */
  readonly encoders: readonly (readonly [string, ...string[]])[]
  readonly mostCrf: number
  readonly crf: Readonly<Record<Quality, number>>
  /** The first of these that loses nothing is taken. H.264 stays at 8 bits, 4:2:0: most players know nothing else. */
  readonly pixels: readonly string[]
}

const upTo10Bits = ['yuv420p', 'yuv420p10le']

export const videoCodecs: Readonly<Record<VideoCodecId, VideoCodec>> = {
  h264: {
    codec: 'h264',
    encoders: [['libx264']],
    mostCrf: 51,
    crf: { low: 28, medium: 23, high: 20, extreme: 17 },
    pixels: ['yuv420p'],
  },
  h265: {
    codec: 'hevc',
    encoders: [['libx265', '-x265-params', 'log-level=error']],
    mostCrf: 51,
    crf: { low: 30, medium: 26, high: 23, extreme: 19 },
    pixels: upTo10Bits,
  },
  vp9: {
    codec: 'vp9',
    // A bitrate of 0 is what turns constant quality on.
    encoders: [['libvpx-vp9', '-b:v:0', '0', '-deadline', 'good', '-cpu-used', '4', '-row-mt', '1']],
    mostCrf: 63,
    crf: { low: 40, medium: 34, high: 31, extreme: 24 },
    pixels: upTo10Bits,
  },
  av1: {
    codec: 'av1',
    encoders: [
      ['libsvtav1', '-preset', '8'],
      ['libaom-av1', '-b:v:0', '0', '-cpu-used', '6', '-row-mt', '1'],
    ],
    mostCrf: 63,
    crf: { low: 45, medium: 38, high: 32, extreme: 24 },
    pixels: upTo10Bits,
  },
}
