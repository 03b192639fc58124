/**
 * What FFmpeg is told where the options say nothing, as data for whoever asks. Every figure is taken from the tables from which its
 * arguments are made, so that what is said is what is done.
 */
import type { OptionDefault, OptionDefaults } from '../../../../shared/option-defaults.ts'
import { qualities } from '../../../../shared/options.ts'
import { audioCodecs, defaultLoudness, defaultQuality, kbitsFor, type AudioCodec, type Lossy } from './audio-codecs.ts'
import { fpsUnlessAsked, heightUnlessAsked } from './gif.ts'
import type { AudioHolder, VideoTarget } from './targets.ts'
import { videoCodecs } from './video-codecs.ts'

const asSource = { kind: 'source' } as const
/** What every conversion of audio and video takes. */
const ofAll = {
  preserveMetadata: { kind: 'value', value: true },
  preserveLocation: { kind: 'value', value: true },
  trimStart: { kind: 'value', value: 0 },
  trimEnd: { kind: 'none' },
  maxSize: { kind: 'none' },
} as const satisfies OptionDefaults

export function audioDefaults({ encode }: AudioHolder): OptionDefaults {
  const codec = audioCodecs[encode]
  const { encoding } = codec
  return {
    ...ofAll,
    sampleRate: { kind: 'source', ...upTo(highestRate(codec)) },
    channels: { kind: 'source', ...upTo(codec.maxLoose === undefined ? codec.layouts.length : null) },
    normalize: { kind: 'value', value: false },
    loudness: { kind: 'value', value: defaultLoudness.loudness },
    truePeak: { kind: 'value', value: defaultLoudness.truePeak },
    ...(encoding.kind === 'lossy'
      ? { quality: ofQuality, bitrate: byQuality((quality) => bitrateOf(encoding, quality, codec.layouts.length)) }
      : { bitDepth: { kind: 'source', ...upTo(Math.max(...encoding.depths)) } }),
  }
}

export function videoDefaults({ audio, video }: Pick<VideoTarget, 'audio' | 'video'>): OptionDefaults {
  const crf = Object.fromEntries(
    video.encode.flatMap((id) => {
      const { scale } = videoCodecs[id]
      if (scale.option !== 'crf') return []
      return [[id, byQuality((quality) => ({ kind: 'value', value: scale.of[quality] }))]]
    }),
  )
  return {
    ...audioDefaults(audio),
    videoCodec: { kind: 'value', value: video.encode[0] },
    quality: ofQuality,
    ...(Object.keys(crf).length > 0 && { crf: { kind: 'by', option: 'videoCodec', of: crf }, matchQuality: { kind: 'none' } }),
    fps: asSource,
    maxHeight: asSource,
    speed: { kind: 'value', value: 'balanced' },
    encoder: { kind: 'value', value: 'auto' },
  }
}

export const gifDefaults: OptionDefaults = {
  ...ofAll,
  fps: { kind: 'source', upTo: fpsUnlessAsked },
  maxHeight: { kind: 'source', upTo: heightUnlessAsked },
}

type Quality = (typeof qualities)[number]
const ofQuality = { kind: 'value', value: defaultQuality, unlessCopied: true } as const

function byQuality(figure: (quality: Quality) => OptionDefault): OptionDefault {
  return { kind: 'by', option: 'quality', of: Object.fromEntries(qualities.map((quality) => [quality, figure(quality)])) }
}

/** kbit/s for so many channels; in stereo, as long as only the source knows. */
function bitrateOf(encoding: Lossy, quality: Quality, maxChannels: number): OptionDefault {
  const figure = (channels: number): OptionDefault =>
    encoding.quality.unit === 'q'
      ? { kind: 'varies', about: channels === 2 ? encoding.quality.about[quality] : null }
      : { kind: 'value', value: kbitsFor(encoding, quality, channels) }
  const of = Object.fromEntries(Array.from({ length: maxChannels }, (_, n) => [n + 1, figure(n + 1)]))
  return { kind: 'by', option: 'channels', of, otherwise: figure(2) }
}

function highestRate({ sampleRates, maxRate }: AudioCodec): number | null {
  return sampleRates?.at(-1) ?? maxRate ?? null
}

function upTo(max: number | null): { readonly upTo?: number } {
  return max === null ? {} : { upTo: max }
}
