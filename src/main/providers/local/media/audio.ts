/** Pure: what becomes of one audio stream: taken over as it is, or filtered and encoded. */
import { JobError } from '../../../../shared/failure.ts'
import { type FormatId, factsOf } from '../../../../shared/formats.ts'
import type { AudioStream } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import { audioCodecs, defaultQuality, kbitsFor, nearestRate, type AudioCodec, type Lossy } from './audio-codecs.ts'
import type { AudioHolder } from './targets.ts'

export type AudioOptions = Pick<
  Options,
  'bitrate' | 'quality' | 'sampleRate' | 'bitDepth' | 'channels' | 'normalize' | 'trimStart' | 'trimEnd'
> & {
  /** Silence where time stamps say that there is nothing. */
  readonly fillsHoles?: boolean
  /** Nothing is copied: what the source says of itself would go along and be wrong. */
  readonly isAnew?: boolean
  /** The bitrate is to be kept on average alone. */
  readonly isMeanRate?: boolean
  /** The cut is none that was asked for. */
  readonly isTrial?: boolean
}

/** FFmpeg's options for the `n`-th (from 0) audio stream of the output. `gain` is a filter from the measurement of loudness. */
export function planAudioStream(
  stream: AudioStream,
  holder: AudioHolder,
  options: AudioOptions,
  gain: string | null,
  n: number,
): readonly string[] {
  if (copiesAudio(stream, holder, options)) return [`-c:a:${n}`, 'copy']
  const filters = audioFilters(stream, holder, options, gain)
  const chain = filters.length === 0 ? [] : [`-filter:a:${n}`, filters.join(',')]
  return [...chain, ...encoderOptions(stream, audioCodecs[holder.encode], options, n)]
}

/** What is thrown where audio is wanted of a file that has none. */
export function noAudio(from: FormatId, to: FormatId): JobError {
  return new JobError('pair-unsupported', {
    from: factsOf(from).title,
    target: factsOf(to).title,
    because: 'no-audio',
  })
}

/** What is done to a stream before it is encoded. */
export function audioFilters(
  stream: AudioStream,
  holder: AudioHolder,
  options: AudioOptions,
  gain: string | null,
): readonly string[] {
  const codec = audioCodecs[holder.encode]
  return [
    options.fillsHoles === true ? 'aresample=async=1:first_pts=0' : null,
    layoutFilter(stream, codec, options),
    gain,
    rateFilter(stream, codec, options, gain),
    ditherFilter(stream, codec, options, gain),
  ].filter((filter) => filter !== null)
}

export function copiesAudio(stream: AudioStream, { encode, copies }: AudioHolder, options: AudioOptions): boolean {
  const { bitrate, quality, sampleRate, bitDepth, channels, normalize, trimStart, trimEnd } = options
  if (!copies.includes(stream.codec) || bitrate !== undefined || quality !== undefined || normalize === true) return false
  // A packet is 20 to 100 ms of audio: a cut between packets would not be where it was asked for.
  const isCut = options.isTrial !== true && (trimStart !== undefined || trimEnd !== undefined)
  if (isCut || options.fillsHoles === true || options.isAnew === true) return false
  // Each of them begins with a codebook of its own, and a copy would have the first alone.
  if (stream.isChained === true && stream.codec !== 'opus') return false
  const same = (wanted: number | undefined, is: number | null): boolean => wanted === undefined || wanted === is
  if (!same(sampleRate, stream.sampleRate) || !same(bitDepth, stream.bitDepth) || !same(channels, stream.channels)) return false
  return (stream.channels ?? 1) <= maxChannels(audioCodecs[encode])
}

function maxChannels({ layouts, maxLoose = layouts.length }: AudioCodec): number {
  return Math.max(layouts.length, maxLoose)
}

function layoutFilter(stream: AudioStream, codec: AudioCodec, { channels }: AudioOptions): string | null {
  const { layouts } = codec
  const isAsked = channels !== undefined && channels !== stream.channels
  const isTooMany = stream.channels !== null && stream.channels > maxChannels(codec)
  if (isTooMany && !isAsked && !isLaidOut(stream)) {
    // Nobody knows what each is for, so none can be left out or mixed without being asked.
    throw new JobError('option-invalid', {
      option: 'channels',
      value: String(stream.channels),
      allowed: `1 to ${layouts.length} here`,
    })
  }
  const wanted = channels ?? heldBy(stream, codec) ?? Math.min(stream.channels ?? layouts.length, maxChannels(codec))
  const layout = layouts[wanted - 1] ?? plainLayouts[wanted - 1]
  if (isAsked || isTooMany) return isLaidOut(stream) ? `aformat=channel_layouts=${layout}` : relabelled(wanted, layout)
  if (stream.channels === null) return null
  // A single channel may be called anything, and two as well: they are what they are, and no mixer is to change their levels.
  if (isMisnamed(stream) && wanted <= plainLayouts.length) return relabelled(wanted, layout)
  return wanted > 2 && (layouts[wanted - 1] ?? null) !== null ? `aformat=channel_layouts=${layout}` : null
}

/** The fewest channels in which an encoder of fixed layouts has a speaker for each of the source's; null where it is left to the number. */
function heldBy({ codec, channels, layout }: AudioStream, { layouts }: AudioCodec): number | null {
  // FLAC, Vorbis and Opus know four channels as nothing else.
  const named = layout ?? (channels === 4 && !codec.startsWith('pcm_') && codec !== 'aac' && codec !== 'alac' ? 'quad' : '')
  const speakers = speakersOf[named.replace('(side)', '')]
  if (speakers === undefined || channels === null || channels < 3) return null
  const holds = (held: string | null) => speakers.split('').every((speaker) => (speakersOf[held ?? ''] ?? '').includes(speaker))
  const found = layouts.findIndex((held, n) => n + 1 >= channels && holds(held))
  return found < 0 ? null : found + 1
}

/** A pair at the sides counts as one at the back; a single speaker there is as well one of a pair. In front: left, right, centre; the low one; those at the back. */
const speakersOf: Readonly<Record<string, string>> = {
  '2.1': 'lrw',
  '3.0': 'lrc',
  '3.0(back)': 'lrb',
  '3.1': 'lrcw',
  '4.0': 'lrcb',
  quad: 'lrLR',
  '4.1': 'lrcwb',
  '5.0': 'lrcLRb',
  '5.1': 'lrcwLRb',
  '6.1': 'lrcwLRb',
  '7.1': 'lrcwLRb',
}

const plainLayouts = ['mono', 'stereo', '3.0', '4.0', '5.0', '5.1', '6.1', '7.1']

/** Whether it is known which speaker each channel is for, so that they can be mixed. */
function isLaidOut({ channels, layout }: AudioStream): boolean {
  return (channels ?? 0) <= plainLayouts.length && !(layout ?? '').includes('+')
}

function isMisnamed({ codec, channels, layout }: AudioStream): boolean {
  if (channels === null) return false
  // Speex says of two channels nothing but that they are two; of more in a WAV without a mask FFmpeg would guess, and mix by that.
  if (layout === undefined) return channels === 2 ? codec === 'speex' : channels > 2 && codec.startsWith('pcm_')
  return (channels <= 2 && layout !== plainLayouts[channels - 1]) || layout.includes('+')
}

/** The first channels, as they are, under another name. */
function relabelled(channels: number, layout: string | null | undefined): string {
  return `channelmap=map=${Array.from({ length: channels }, (_, n) => n).join('|')}:channel_layout=${layout}`
}

/** Loudness filters may hand on another rate than they were given. */
function rateFilter(stream: AudioStream, codec: AudioCodec, options: AudioOptions, gain: string | null): string | null {
  const rate = wantedRate(stream, codec, options)
  return rate !== null && (gain !== null || rate !== stream.sampleRate) ? `aformat=sample_rates=${rate}` : null
}

/** Bits are only cut with dither, or quiet passages would distort. */
function ditherFilter(stream: AudioStream, { encoding }: AudioCodec, options: AudioOptions, gain: string | null): string | null {
  if (encoding.kind !== 'lossless' || wantedDepth(stream, options) !== 16) return null
  return gain !== null || isFiner(stream, 16) ? 'aresample=osf=s16:dither_method=triangular' : null
}

/** Hz of what comes out; null where nobody knows. */
export function resultRate(stream: AudioStream, holder: AudioHolder, options: AudioOptions): number | null {
  if (copiesAudio(stream, holder, options)) return stream.sampleRate
  return wantedRate(stream, audioCodecs[holder.encode], options)
}

/** Hz; null where the source's is not known and FFmpeg is left to find the nearest. */
function wantedRate(stream: AudioStream, codec: AudioCodec, { sampleRate }: AudioOptions): number | null {
  return sampleRate ?? (stream.sampleRate === null ? null : nearestRate(codec, stream.sampleRate))
}

const lossless = new Set(['flac', 'alac', 'ape', 'wavpack', 'tta', 'wmalossless', 'truehd', 'mlp', 'shorten'])
const logarithmic = new Set(['pcm_alaw', 'pcm_mulaw'])

function isLossless({ codec }: AudioStream): boolean {
  return lossless.has(codec) || (codec.startsWith('pcm_') && !logarithmic.has(codec))
}

/** What a lossless target keeps of its source: its depth, or 16 bits of a source that has lost more than that already. */
function wantedDepth(stream: AudioStream, { bitDepth }: AudioOptions): number | 'float' {
  if (bitDepth !== undefined) return bitDepth
  if (!isLossless(stream)) return 16
  return stream.isFloat === true ? 'float' : (stream.bitDepth ?? 24)
}

function isFiner(stream: AudioStream, depth: number): boolean {
  return isLossless(stream) && (stream.isFloat === true || (stream.bitDepth ?? 24) > depth)
}

function encoderOptions(stream: AudioStream, codec: AudioCodec, options: AudioOptions, n: number): readonly string[] {
  const { encoding } = codec
  if (encoding.kind === 'lossless') {
    const [encoder = '', ...others] = encoding.encoder(wantedDepth(stream, options))
    return [`-c:a:${n}`, encoder, ...others.map((option) => (option.startsWith('-') ? `${option}:a:${n}` : option))]
  }
  const channels = options.channels ?? Math.min(stream.channels ?? 2, codec.layouts.length)
  const sampleRate = wantedRate(stream, codec, options) ?? 44_100
  if (options.bitrate !== undefined) {
    const range = encoding.bitrates(channels, sampleRate)
    if (range === null || options.bitrate < range[0] || options.bitrate > range[1]) {
      const allowed = range === null ? `no bitrate at ${sampleRate} Hz; give quality` : `${range[0]} to ${range[1]} kbit/s here`
      throw new JobError('option-invalid', { option: 'bitrate', value: String(options.bitrate), allowed })
    }
    const mean = options.isMeanRate === true && encoding.meanRate !== undefined ? [`${encoding.meanRate}:a:${n}`, '1'] : []
    return [`-c:a:${n}`, encoding.encoder, ...mean, `-b:a:${n}`, bitsASecond(encoding, options.bitrate, sampleRate)]
  }
  const wanted = options.quality ?? defaultQuality
  if (encoding.quality.unit === 'q') return [`-c:a:${n}`, encoding.encoder, `-q:a:${n}`, String(encoding.quality[wanted])]
  return [`-c:a:${n}`, encoding.encoder, `-b:a:${n}`, bitsASecond(encoding, kbitsFor(encoding, wanted, channels), sampleRate)]
}

function bitsASecond({ steps }: Lossy, kbits: number, sampleRate: number): string {
  const possible = steps?.(sampleRate) ?? [kbits]
  const distance = (step: number) => Math.abs(step - kbits)
  const nearest = possible.reduce((best, step) => (distance(step) < distance(best) ? step : best))
  return String(Math.round(nearest * 1000))
}
