/** What this machine makes of what, as data for routing and for `beside formats`: no library is loaded for it. */
import { formats, type FormatId } from '../../../shared/formats.ts'
import { sampleRates, type OptionName, type OptionValue } from '../../../shared/options.ts'
import type { Pairing } from '../provider.ts'
import { audioCodecs } from './media/audio.ts'
import { mediaSources } from './media/demuxers.ts'
import { imagePairings } from './images/pairings.ts'
import { audioTargets, videoTargets, type AudioHolder, type AudioTargetId, type VideoTargetId } from './media/targets.ts'

const common = ['preserveMetadata', 'trimStart', 'trimEnd'] as const
const sound = ['sampleRate', 'channels', 'normalize', 'loudness', 'truePeak'] as const
const picture = ['videoCodec', 'crf', 'fps', 'maxHeight'] as const

const ofFamily = (family: string): readonly FormatId[] => mediaSources.filter((format) => formats[format].family === family)
const sounds = ofFamily('audio')
const films = ofFamily('video')
/** Moving pictures without sound. */
const silents: readonly FormatId[] = ['gif']

function soundOptions({ encode }: AudioHolder): readonly OptionName[] {
  return [...sound, ...(audioCodecs[encode].sound.kind === 'lossy' ? (['bitrate', 'quality'] as const) : (['bitDepth'] as const))]
}

function soundValues({ encode }: AudioHolder): Partial<Record<OptionName, readonly OptionValue[]>> {
  const { sampleRates: legal, layouts, sound: encoder } = audioCodecs[encode]
  return {
    channels: layouts.map((_, index) => index + 1),
    ...(legal === null ? {} : { sampleRate: sampleRates.filter((rate) => legal.includes(rate)) }),
    ...(encoder.kind === 'lossless' ? { bitDepth: encoder.depths } : {}),
  }
}

const toSound = (Object.keys(audioTargets) as AudioTargetId[]).map((target): Pairing => ({
  from: [...sounds, ...films],
  to: [target],
  options: [...common, ...soundOptions(audioTargets[target].audio)],
  values: soundValues(audioTargets[target].audio),
}))

const toFilm = (Object.keys(videoTargets) as VideoTargetId[]).flatMap((target): readonly Pairing[] => {
  const { audio, video } = videoTargets[target]
  const videoCodec = { videoCodec: video.encode }
  return [
    {
      from: films,
      to: [target],
      options: [...common, ...picture, ...soundOptions(audio)],
      values: { ...soundValues(audio), ...videoCodec },
    },
    { from: silents, to: [target], options: [...common, 'quality', ...picture], values: videoCodec },
  ]
})

export const localPairings: readonly Pairing[] = [
  ...imagePairings,
  ...toSound,
  ...toFilm,
  {
    from: sounds,
    to: ['webm'],
    options: [...common, ...soundOptions(videoTargets.webm.audio)],
    values: soundValues(videoTargets.webm.audio),
  },
  { from: films, to: ['gif'], options: [...common, 'fps', 'maxHeight'] },
]
