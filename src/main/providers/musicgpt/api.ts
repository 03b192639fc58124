/** What MusicGPT takes: its targets, and an order as the fields of its form. Pure. */
import { type FormatId, formatIds, formats } from '../../../shared/formats.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import { bitDepths, sampleRates } from '../../../shared/options.ts'
import type { Capabilities, Pairing, ProviderOrder } from '../provider.ts'

/** Assumed: it reads every kind of sound. Two containers that often hold nothing else are added; others are not documented. */
const readable: readonly FormatId[] = [...formatIds.filter((id) => formats[id].family === 'audio'), 'mp4', 'webm']

/** MPEG audio ends at 48 kHz (assumed: the service does not resample by itself), and a bit depth means nothing to a lossy codec. */
const mp3Rates = sampleRates.filter((rate) => rate <= 48_000)
const lossless: readonly FormatId[] = ['wav', 'flac']

/** A webm from here holds sound alone: nobody who converts a film to webm wants that. */
const withoutPicture = readable.filter((id) => formats[id].family === 'audio')

const pairings: readonly Pairing[] = [
  { from: readable, to: ['mp3'], options: ['sampleRate', 'webhook'], values: { sampleRate: mp3Rates } },
  { from: readable, to: ['ogg', 'aac'], options: ['sampleRate', 'webhook'] },
  { from: readable, to: lossless, options: ['sampleRate', 'bitDepth', 'webhook'] },
  { from: withoutPicture, to: ['webm'], options: ['sampleRate', 'webhook'] },
]

export const takes: Capabilities = { pairings, sources: ['file', 'url'], maxBytes: null }

/**
 * The text fields of the form; the file itself, where there is one, is a part of its own. What the service does where rate and
 * depth are left out is told differently in two places, so what the source has is sent along.
 */
export function fieldsOf({
  source,
  target,
  options,
  facts,
}: Pick<ProviderOrder, 'source' | 'target' | 'options' | 'facts'>): Record<string, string> {
  const rate = options.sampleRate ?? atLeast(facts?.audio[0]?.sampleRate, target === 'mp3' ? mp3Rates : sampleRates)
  const depth = lossless.includes(target) ? (options.bitDepth ?? atLeast(depthOf(facts), bitDepths)) : null
  return {
    ...(source.kind === 'url' ? { audio_url: source.url } : {}),
    target_format: target,
    ...(rate === null ? {} : { target_sr: String(rate) }),
    ...(depth === null ? {} : { target_bit_depth: String(depth) }),
    ...(options.webhook === undefined ? {} : { webhook_url: options.webhook }),
  }
}

function depthOf(facts: MediaFacts | null): number | null {
  return facts?.audio[0]?.bitDepth ?? null
}

/** The first of the ascending values that loses nothing of `wanted`; the highest where all do. */
function atLeast(wanted: number | null | undefined, values: readonly number[]): number | null {
  if (wanted === null || wanted === undefined) return null
  return values.find((value) => value >= wanted) ?? values.at(-1) ?? null
}
