/**
 * Pure: how the bytes of a result of limited size are spent. What describes it comes first, then a share for the audio, and the picture
 * gets the rest; where that is too little for its pixels, there are fewer of them. What the user asks for besides is the best that there
 * may be (bitrate, quality, crf, maxHeight), or is kept as it is (channels, sampleRate, fps, videoCodec).
 */
import type { AudioStream, MediaFacts } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import { rounded } from '../size-search.ts'
import { copiesAudio, type AudioOptions } from './audio.ts'
import { audioCodecs, nearestRate, type AudioCodec } from './audio-codecs.ts'
import { heardIn } from './streams.ts'
import type { AudioHolder, AudioTarget, VideoTarget } from './targets.ts'
import { codecFor } from './video.ts'
import type { VideoCodecId } from './video-codecs.ts'

/** What the streams of one attempt are encoded with, over the options of the job. */
export interface Spending {
  /** By the number of the stream in the source; empty: as ordered. */
  readonly audio: readonly AudioSpending[]
  readonly video: VideoSpending
}
type AudioSpending = Pick<AudioOptions, 'bitrate' | 'quality' | 'sampleRate' | 'channels' | 'isMeanRate'>
/** `kbits`: a bitrate to keep instead of a quality. */
type VideoSpending = Pick<Options, 'quality' | 'maxHeight' | 'fps'> & { readonly kbits?: number }

export interface Budgeted {
  readonly facts: MediaFacts
  readonly target: AudioTarget | VideoTarget
  readonly options: Options
  /** How long the result lasts. */
  readonly lastsMs: number
}

/** Without a limit a result is good; with one it may be as good as the limit lets it. */
export function bestSpending({ facts, target, options }: Budgeted): Spending {
  const quality = options.quality ?? 'extreme'
  return {
    audio: facts.audio.map((stream) => (options.bitrate !== undefined || copies(stream, target, options) ? {} : { quality })),
    video: { quality },
  }
}

/** The numbers of the streams of audio that go into the result. */
function heard({ facts, target }: Pick<Budgeted, 'facts' | 'target'>): readonly number[] {
  return heardIn(facts, target)
}

/** In the codec that most players of the target know. */
function copies(stream: AudioStream, target: AudioTarget | VideoTarget, options: Options): boolean {
  return target.kind === 'video' && stream.codec === target.audio.encode && copiesAudio(stream, target.audio, options)
}

// ── What is no stream ──

const fixedBytes = 3000
const tagBytes = 48
const chapterBytes = 80
/** Subtitles as text, of people who talk much. */
const subtitleKbits = 0.15
/** Pictures stand in Ogg as text. */
const asText = 4 / 3

/** Bytes of tags, pictures, subtitles and of the container itself, as far as they can be known beforehand. */
export function fixedCost(budgeted: Budgeted): number {
  const { facts, target, options, lastsMs } = budgeted
  const { tags, pictures, chapters, subtitles } = facts
  const isKept = options.preserveMetadata !== false
  const inOgg = target.muxer === 'ogg' || target.muxer === 'opus' ? asText : 1
  const lengths = tags.flatMap(({ name, values }) => values.map((value) => Buffer.byteLength(value) + name.length + tagBytes))
  const told = isKept
    ? sum(lengths) + sum(pictures.map(({ bytes = 0 }) => bytes * inOgg + tagBytes)) + chapters.length * chapterBytes
    : 0
  return fixedBytes + told + bytesOf(subtitleKbits * subtitles.length + packetKbits(budgeted), lastsMs)
}

/** What it takes to find each packet again. */
function packetKbits(budgeted: Budgeted): number {
  const { facts, target } = budgeted
  const audio =
    heard(budgeted).length * (target.muxer === 'mp3' ? 0.2 : target.muxer === 'ogg' ? 1 : target.muxer === 'opus' ? 1.2 : 3)
  const video = facts.video.length === 0 ? 0 : ((facts.video[0]?.fps ?? 30) * 20 * 8) / 1000
  return audio + Math.min(video, 5)
}

function bytesOf(kbits: number, lastsMs: number): number {
  return (kbits * lastsMs) / 8
}

function kbitsOf(bytes: number, lastsMs: number): number {
  return (bytes * 8) / Math.max(1, lastsMs)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0)
}

// ── Audio ──

/** kbit/s of one channel below which speech can no longer be made out. */
const leastKbits: Readonly<Partial<Record<AudioHolder['encode'], number>>> = {
  mp3: 16,
  mp2: 32,
  aac: 14,
  ac3: 32,
  vorbis: 24,
  opus: 8,
  wma: 24,
  amr: 4.75,
}
/** kbit/s a channel below which fewer channels sound better. */
const comfortKbits: Readonly<Partial<Record<AudioHolder['encode'], number>>> = { mp3: 24, aac: 22, vorbis: 28, opus: 12 }

/** The least that this stream can be encoded with, kbit/s, as far as its options leave a choice. */
function leastOf(stream: AudioStream, holder: AudioHolder, options: Options): number {
  const one = leastKbits[holder.encode] ?? 0
  const least = one * Math.min(...channelsFor(stream, holder, options))
  return options.sampleRate === undefined ? least : Math.max(least, options.sampleRate / 1000)
}

/** The most that is of use, kbit/s. */
function maxOf(stream: AudioStream, holder: AudioHolder, options: Options): number {
  const { encoding } = audioCodecs[holder.encode]
  const channels = channelsFor(stream, holder, options)[0] ?? 2
  const rate = options.sampleRate ?? stream.sampleRate ?? 44_100
  const highest = encoding.kind === 'lossy' ? (encoding.bitrates(channels, rate)?.[1] ?? 160) : 0
  const best =
    encoding.kind === 'lossy' && encoding.quality.unit === 'kbit/s' ? encoding.quality[options.quality ?? 'extreme'] : 320
  return Math.min(options.bitrate ?? Infinity, highest, (best * Math.max(1.2, channels)) / 2)
}

/** Numbers of channels that it may have, the most first. Which of them are for what has to be known before they can be mixed. */
function channelsFor(stream: AudioStream, holder: AudioHolder, { channels }: Options): readonly number[] {
  if (channels !== undefined) return [channels]
  const all = Math.min(stream.channels ?? 2, audioCodecs[holder.encode].layouts.length)
  const isMixable = (stream.channels ?? 2) <= 8 && !(stream.layout ?? '').includes('+')
  return isMixable ? [...new Set([all, Math.min(all, 2), 1])] : [all]
}

/** How a stream is encoded with so many kbit/s. */
function spentOnAudio(stream: AudioStream, holder: AudioHolder, options: Options, kbits: number): AudioSpending {
  const codec = audioCodecs[holder.encode]
  const possible = channelsFor(stream, holder, options)
  const channels = possible.find((many) => kbits / many >= (comfortKbits[holder.encode] ?? 0)) ?? possible.at(-1) ?? 1
  const rate = options.sampleRate ?? rateFor(codec, stream.sampleRate ?? 44_100, { kbits, channels })
  const [lowest, highest] = (codec.encoding.kind === 'lossy' && codec.encoding.bitrates(channels, rate)) || [kbits, kbits]
  return {
    bitrate: Math.round(Math.min(highest, Math.max(lowest, kbits)) * 10) / 10,
    isMeanRate: true,
    ...(channels !== stream.channels && { channels }),
    ...(rate !== stream.sampleRate && { sampleRate: rate as NonNullable<Options['sampleRate']> }),
  }
}

const usualRates = [8000, 16_000, 24_000, 32_000, 44_100, 48_000]

/** Hz: about a bit a sample, for what an encoder cannot say it must not try to. Opus minds that by itself. */
function rateFor(
  codec: AudioCodec,
  source: number,
  { kbits, channels }: { readonly kbits: number; readonly channels: number },
): number {
  const whole = nearestRate(codec, source)
  const isEnough = (rate: number) => {
    const [lowest] = (codec.encoding.kind === 'lossy' && codec.encoding.bitrates(channels, rate)) || [Infinity]
    return kbits >= lowest && kbits / channels >= Math.min(44, rate / 1000)
  }
  if (codec === audioCodecs.opus || isEnough(whole)) return whole
  return usualRates.filter((rate) => rate <= whole).findLast(isEnough) ?? Math.min(whole, 8000)
}

// ── The picture ──

/** Bits that a pixel should have; below that fewer pixels look better. */
const enoughBits: Readonly<Record<VideoCodecId, number>> = {
  ...{ h264: 0.05, h265: 0.04, vp9: 0.04, av1: 0.035 },
  ...{ mpeg4: 0.09, mpeg2: 0.15, wmv: 0.1, theora: 0.08, prores: 2, dnxhr: 2 },
}
/** kbit/s with which something can still be seen on the lowest rungs. */
const leastVideoKbits: Readonly<Record<VideoCodecId, number>> = {
  ...{ h264: 20, h265: 24, vp9: 30, av1: 30 },
  ...{ mpeg4: 40, mpeg2: 80, wmv: 40, theora: 40, prores: 1000, dnxhr: 1000 },
}

export interface Rung {
  readonly height: number
  /** Frames a second. */
  readonly fps: number
  readonly pixels: number
}

/** Sizes of the picture, the largest first. The last ones are for what no encoder makes small, as noise. */
export function rungsOf({ facts, options }: Pick<Budgeted, 'facts' | 'options'>): readonly Rung[] {
  const [stream] = facts.video
  if (stream === undefined) return []
  const { width, height } = stream
  const [wide, tall] = width === null || height === null ? [1920, 1080] : [width, height]
  const top = Math.min(tall, options.maxHeight ?? Infinity)
  const fps = options.fps ?? stream.fps ?? 30
  const upTo = (limit: number) => (options.fps === undefined ? Math.min(fps, limit) : fps)
  const rung = (lines: number, rate: number): Rung => ({ height: lines, fps: rate, pixels: ((wide * lines) / tall) * lines })
  const lower = [
    ...[2160, 1440, 1080, 720, 480].map((lines) => rung(lines, fps)),
    ...[480, 360].map((lines) => rung(lines, upTo(30))),
    ...[rung(240, upTo(25)), rung(180, upTo(20))],
    ...[rung(144, upTo(15)), rung(96, upTo(10)), rung(72, upTo(8)), rung(48, upTo(5))],
  ]
  return [rung(top, fps), ...lower.filter((each) => each.height < top || (each.height === top && each.fps < fps))]
}

/** The number of the first rung on which so many kbit/s are enough. */
function rungFor(rungs: readonly Rung[], codec: VideoCodecId, kbits: number): number {
  const isEnough = ({ pixels, fps }: Rung) => (kbits * 1000) / (pixels * fps) >= enoughBits[codec]
  const found = rungs.findIndex(isEnough)
  const lowest = rungs.findIndex(({ height }) => height <= 144)
  return found >= 0 && (lowest < 0 || found < lowest) ? found : Math.max(0, lowest)
}

/** The number of the first rung below this one that leaves no more than a share of its pixels; null: there is none. */
export function rungBelow(rungs: readonly Rung[], rung: number, share: number): number | null {
  const amountOf = ({ pixels, fps }: Rung) => pixels * fps
  const from = rungs[rung]
  if (from === undefined || rung + 1 >= rungs.length) return null
  const found = rungs.findIndex((each, n) => n > rung && amountOf(each) <= amountOf(from) * share)
  return found < 0 ? rungs.length - 1 : found
}

// ── Both ──

/** What audio gets of both. */
const audioShare = 0.25

export interface Division {
  readonly spending: Spending
  /** Number of the picture's rung; null where there is no picture. */
  readonly rung: number | null
}

/**
 * @param amount kbit/s for all streams together.
 * @param onRung where the picture stands already; absent: where the bits are enough.
 */
export function divided(budgeted: Budgeted, amount: number, onRung?: number): Division {
  const { facts, target, options } = budgeted
  const { audio: holder } = target
  const numbers = heard(budgeted)
  const [picture] = target.kind === 'video' ? facts.video : []
  const streams = numbers.flatMap((n) => facts.audio[n] ?? [])
  const [least, max] = [leastOf, maxOf].map((each) => sum(streams.map((stream) => each(stream, holder, options)))) as [
    number,
    number,
  ]
  const all = picture === undefined ? amount : Math.min(max, Math.max(least, amount * audioShare))
  const weights = streams.map((stream) => Math.max(1.2, channelsFor(stream, holder, options)[0] ?? 2))
  const audio = facts.audio.map((stream, n): AudioSpending => {
    const at = numbers.indexOf(n)
    if (at < 0) return {}
    const own = Math.max(leastOf(stream, holder, options), (all * (weights[at] ?? 1)) / sum(weights))
    const isCheap = stream.bitrate !== null && stream.bitrate <= own
    if (isCheap && copies(stream, target, options)) return {}
    return spentOnAudio(stream, holder, options, Math.min(own, maxOf(stream, holder, options)))
  })
  if (picture === undefined || target.kind !== 'video') return { spending: { audio, video: {} }, rung: null }
  const codec = codecFor({ stream: picture, target, options })
  const spent = sum(audio.map(({ bitrate }, n) => bitrate ?? (numbers.includes(n) ? (facts.audio[n]?.bitrate ?? 0) : 0)))
  const kbits = Math.max(leastVideoKbits[codec] / 4, amount - spent)
  const rungs = rungsOf(budgeted)
  const rung = onRung ?? rungFor(rungs, codec, kbits)
  const { height, fps } = rungs[rung] ?? { height: 144, fps: 15 }
  const isSlower = options.fps === undefined && fps < (picture.fps ?? 30)
  const isSmaller = picture.height === null || height < picture.height
  return {
    spending: { audio, video: { kbits, ...(isSmaller && { maxHeight: Math.round(height) }), ...(isSlower && { fps }) } },
    rung,
  }
}

/** kbit/s that a result of so many bytes leaves for its streams. */
export function amountFor(budgeted: Budgeted, bytes: number): number {
  return kbitsOf(bytes - fixedCost(budgeted), budgeted.lastsMs)
}

/** kbit/s of all streams below which nothing can be seen or heard. */
export function leastAmount({ facts, target, options }: Budgeted): number {
  const streams = heard({ facts, target }).flatMap((n) => facts.audio[n] ?? [])
  const [picture] = target.kind === 'video' ? facts.video : []
  const video =
    picture === undefined || target.kind !== 'video' ? 0 : leastVideoKbits[codecFor({ stream: picture, target, options })]
  return video + sum(streams.map((stream) => leastOf(stream, target.audio, options)))
}

/** kbit/s of all streams above which nothing gets better; Infinity where there is a picture. */
export function maxAmount({ facts, target, options }: Budgeted): number {
  if (target.kind === 'video' && facts.video.length > 0) return Infinity
  return sum(
    heard({ facts, target })
      .flatMap((n) => facts.audio[n] ?? [])
      .map((stream) => maxOf(stream, target.audio, options)),
  )
}

/** Encoders do not keep the lowest bitrates exactly. */
const leeway = 1.1

/** The smallest limit that is taken, in bytes; to be read by people, so that it is round. */
export function leastBytes(budgeted: Budgeted): number {
  return rounded(fixedCost(budgeted) + bytesOf(leastAmount(budgeted) * leeway, budgeted.lastsMs))
}
