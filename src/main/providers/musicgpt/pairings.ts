/** What MusicGPT converts. */
import { type FormatId, formatIds, factsOf } from '../../../shared/formats.ts'
import { sampleRates } from '../../../shared/options.ts'
import type { Capabilities, Pairing } from '../provider.ts'

/** Assumed: it reads every kind of audio. Two containers that often hold nothing else are added; others are not documented. */
const readable: readonly FormatId[] = [...formatIds.filter((id) => factsOf(id).family === 'audio'), 'mp4', 'webm']

/** MPEG audio ends at 48 kHz (assumed: the service does not resample by itself), and a bit depth means nothing to a lossy codec. */
export const mp3Rates = sampleRates.filter((rate) => rate <= 48_000)
export const lossless: readonly FormatId[] = ['wav', 'flac']

/** A webm from here holds audio alone: nobody who converts a video to webm wants that. */
const withoutVideo = readable.filter((id) => factsOf(id).family === 'audio')

const pairings: readonly Pairing[] = [
  { from: readable, to: ['mp3'], options: ['sampleRate', 'webhook'], values: { sampleRate: mp3Rates } },
  { from: readable, to: ['ogg', 'aac'], options: ['sampleRate', 'webhook'] },
  { from: readable, to: lossless, options: ['sampleRate', 'bitDepth', 'webhook'] },
  { from: withoutVideo, to: ['webm'], options: ['sampleRate', 'webhook'] },
]

export const capabilities: Capabilities = { pairings, sources: ['file', 'url'], maxBytes: null }
