/** What every part of Beside knows of providers: what they are called, and the stages of a conversion that they report. */
import type { OnlineProviderId } from './model.ts'

/** Proper names, the same in every language. This machine has a name in each. */
export const onlineTitles = {
  xconvert: 'xconvert',
  musicgpt: 'MusicGPT',
  'converter-app': 'Converter App',
  converso: 'Converso',
} as const satisfies Readonly<Record<OnlineProviderId, string>>

export function isOnlineProvider(id: string): id is OnlineProviderId {
  return Object.hasOwn(onlineTitles, id)
}

/** Those that take any pair that somebody names them for, since nobody can ask them what they have. */
export const guessingProviders: ReadonlySet<string> = new Set<OnlineProviderId>(['xconvert'])

/** Online services go through the first four; the others are this machine's. */
export const stages = [
  'uploading',
  'queued',
  'processing',
  'downloading',
  'measuring-loudness',
  'choosing-colours',
  'matching-quality',
  'drawing',
  'converting',
] as const
export type Stage = (typeof stages)[number]

/** How fast it goes: `media` in times of the media's own pace (2: an hour takes half an hour), `bytes` in bytes per second. */
export const speedUnits = ['media', 'bytes'] as const
export interface Speed {
  readonly of: (typeof speedUnits)[number]
  readonly value: number
}
