/** Which subtitles become which, as data. */
import type { Pairing } from '../../provider.ts'

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
