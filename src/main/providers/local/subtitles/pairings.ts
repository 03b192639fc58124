/** Which subtitles become which, as data. */
import { factsOf } from '../../../../shared/formats.ts'
import type { Pairing } from '../../provider.ts'
import { mediaSources } from '../media/demuxers.ts'

export const subtitleFormats = ['srt', 'vtt', 'ass', 'ttml', 'sbv', 'lrc', 'sub'] as const
export type SubtitleFormat = (typeof subtitleFormats)[number]

export const subtitlePairings: readonly Pairing[] = [
  {
    from: subtitleFormats,
    to: subtitleFormats,
    options: ['sourceEncoding', 'encoding', 'shift', 'sourceFps', 'subtitleFps'],
  },
  { from: subtitleFormats, to: ['text'], options: ['sourceEncoding', 'encoding'] },
]

const videos = mediaSources.filter((format) => factsOf(format).family === 'video')

/** Out of videos. */
export const trackPairings: readonly Pairing[] = [
  { from: videos, to: subtitleFormats, options: ['encoding', 'shift', 'sourceFps', 'subtitleFps'] },
  { from: videos, to: ['text'], options: ['encoding'] },
]
