/** What speech is written down of, as data. Apart, as nothing is loaded for it. */
import { factsOf } from '../../../../shared/formats.ts'
import type { Pairing } from '../../provider.ts'
import { mediaSources } from '../media/demuxers.ts'

export const speechTargets = ['text', 'srt', 'vtt'] as const
export type SpeechTarget = (typeof speechTargets)[number]

export const speechPairings: readonly Pairing[] = [
  {
    from: mediaSources.filter((format) => factsOf(format).family !== 'image'),
    to: speechTargets,
    options: ['language', 'trimStart', 'trimEnd'],
    defaults: { trimStart: { kind: 'none' }, trimEnd: { kind: 'none' } },
  },
]
