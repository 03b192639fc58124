/** What FFmpeg makes of what, as data. Apart, so that nothing is loaded for it. */
import { type FormatId, factsOf } from '../../../../shared/formats.ts'
import { sampleRates, type OptionName, type OptionValue } from '../../../../shared/options.ts'
import type { Pairing } from '../../provider.ts'
import { audioCodecs } from './audio-codecs.ts'
import { audioDefaults, gifDefaults, videoDefaults } from './defaults.ts'
import { mediaSources } from './demuxers.ts'
import { isDeviceCodec } from './hardware/devices.ts'
import {
  audioTargets,
  videoTargets,
  type AudioHolder,
  type AudioTargetId,
  type VideoTarget,
  type VideoTargetId,
} from './targets.ts'
import { videoCodecs } from './video-codecs.ts'

const common = ['preserveMetadata', 'preserveLocation', 'trimStart', 'trimEnd'] as const
const audioOptionNames = ['sampleRate', 'channels', 'normalize', 'loudness', 'truePeak'] as const

const ofFamily = (family: string): readonly FormatId[] => mediaSources.filter((format) => factsOf(format).family === family)
const audioFormats = ofFamily('audio')
const videoFormats = ofFamily('video')
/** Moving pictures without audio. */
const silents: readonly FormatId[] = ['gif', 'webp', 'avif']

function audioOptions({ encode }: AudioHolder): readonly OptionName[] {
  return [
    ...audioOptionNames,
    ...(audioCodecs[encode].encoding.kind === 'lossy' ? (['bitrate', 'quality', 'maxSize'] as const) : (['bitDepth'] as const)),
  ]
}

function pictureOptions({ encode }: VideoTarget['video']): readonly OptionName[] {
  const hasCrf = encode.some((id) => videoCodecs[id].scale.option === 'crf')
  const hasPaces = encode.some((id) => videoCodecs[id].encoders.some(({ paces }) => paces !== null))
  const isByDevice = encode.some(isDeviceCodec)
  return [
    'videoCodec',
    ...(hasCrf ? (['crf', 'matchQuality'] as const) : []),
    'fps',
    'maxHeight',
    ...(hasPaces ? (['speed'] as const) : []),
    ...(isByDevice ? (['encoder'] as const) : []),
  ]
}

/** Of editors' formats nobody asks that they are small, and of their audio nothing could be left out. */
function isSizable({ audio }: Pick<VideoTarget, 'audio'>): boolean {
  return audioCodecs[audio.encode].encoding.kind === 'lossy'
}

function audioValues({ encode }: AudioHolder): Partial<Record<OptionName, readonly OptionValue[]>> {
  const { sampleRates: legal, layouts, encoding: encoder } = audioCodecs[encode]
  return {
    channels: layouts.map((_, index) => index + 1),
    ...(legal === null ? {} : { sampleRate: sampleRates.filter((rate) => legal.includes(rate)) }),
    ...(encoder.kind === 'lossless' ? { bitDepth: encoder.depths } : {}),
  }
}

const toAudio = (Object.keys(audioTargets) as AudioTargetId[]).map((target): Pairing => ({
  from: [...audioFormats, ...videoFormats],
  to: [target],
  options: [...common, ...audioOptions(audioTargets[target].audio)],
  values: audioValues(audioTargets[target].audio),
  defaults: audioDefaults(audioTargets[target].audio),
}))

const toVideo = (Object.keys(videoTargets) as VideoTargetId[]).flatMap((target): readonly Pairing[] => {
  const { audio, video } = videoTargets[target]
  const videoCodec = { videoCodec: video.encode }
  const picture = pictureOptions(video)
  const defaults = videoDefaults({ audio, video })
  return [
    {
      from: videoFormats,
      to: [target],
      options: [...common, ...picture, ...audioOptions(audio), ...(isSizable({ audio }) ? [] : (['quality'] as const))],
      values: { ...audioValues(audio), ...videoCodec },
      defaults,
    },
    {
      from: silents,
      to: [target],
      options: [...common, 'quality', ...picture, ...(isSizable({ audio }) ? (['maxSize'] as const) : [])],
      values: videoCodec,
      defaults,
    },
  ]
})

export const mediaPairings: readonly Pairing[] = [
  ...toAudio,
  ...toVideo,
  {
    from: audioFormats,
    to: ['webm'],
    options: [...common, ...audioOptions(videoTargets.webm.audio)],
    values: audioValues(videoTargets.webm.audio),
    defaults: audioDefaults(videoTargets.webm.audio),
  },
  { from: videoFormats, to: ['gif'], options: [...common, 'fps', 'maxHeight', 'maxSize'], defaults: gifDefaults },
]
