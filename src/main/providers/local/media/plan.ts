/**
 * Pure: from what is known of a source, a target and options to FFmpeg's output options.
 */
import { JobError } from '../../../../shared/failure.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import { mainAudio, type MediaFacts } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import { noAudio, planAudioStream } from './audio.ts'
import { planFilm } from './film.ts'
import type { AudioTarget, VideoTarget } from './targets.ts'

export interface OutputPlan {
  readonly facts: MediaFacts
  readonly to: FormatId
  readonly target: AudioTarget | VideoTarget
  readonly options: Options
  /** A filter that brings each audio stream to the wanted loudness; empty where nothing is to be changed. */
  readonly gains: readonly (string | null)[]
  readonly inputs: Inputs
  /** Encoders of this machine's FFmpeg, where somebody had to ask. */
  readonly encoders: ReadonlySet<string> | null
}

export function planOutput(plan: OutputPlan): readonly string[] {
  return plan.target.kind === 'audio' ? planAudio(plan, plan.target) : planFilm(plan, plan.target)
}

function planAudio({ facts, to, options, gains, inputs }: OutputPlan, target: AudioTarget): readonly string[] {
  const index = mainAudio(facts)
  const stream = index === null ? undefined : facts.audio[index]
  if (stream === undefined) throw noAudio(facts.format, to)
  const hasChapters = target.chapters === 'muxer' && options.preserveMetadata !== false
  return [
    ...['-map', `${inputs.source}:a:${index}`],
    ...planAudioStream(stream, target.audio, options, gains[0] ?? null, 0),
    // The rest is written by Beside once the audio is.
    ...['-map_metadata:g', '-1', '-map_metadata:s', '-1', '-map_chapters', hasChapters ? String(inputs.source) : '-1'],
    ...target.options,
    ...(isHuge(facts) && target.muxer === 'wav' ? ['-rf64', 'auto'] : []),
    ...['-f', target.muxer],
  ]
}

/** A plain WAV counts its bytes in 32 bits. Uncompressed audio can be ten times larger than its source. */
function isHuge({ bytes, audio, durationMs, roughMs }: MediaFacts): boolean {
  const lastsMs = durationMs ?? roughMs ?? null
  if (lastsMs === null) return bytes > 2 ** 28
  const { sampleRate, channels } = audio[mainAudio({ audio }) ?? 0] ?? { sampleRate: null, channels: null }
  return (lastsMs / 1000) * (sampleRate ?? 48_000) * (channels ?? 2) * 4 > 2 ** 31
}

/** Input options that cut the source. Given before the input, so that chapters and cover art follow. */
export function planTrim({ trimStart, trimEnd }: Options, { durationMs }: MediaFacts): readonly string[] {
  if (trimStart !== undefined && durationMs !== null && trimStart >= durationMs) {
    throw new JobError('option-invalid', {
      option: 'trimStart',
      value: seconds(trimStart),
      allowed: `less than the length, ${seconds(durationMs)}`,
    })
  }
  return [
    ...(trimStart === undefined ? [] : ['-ss', seconds(trimStart)]),
    ...(trimEnd === undefined ? [] : ['-t', seconds(trimEnd - (trimStart ?? 0))]),
  ]
}

/** Milliseconds that the output should last, as far as the source tells. */
export function wantedMs({ trimStart, trimEnd }: Options, lastsMs: number | null): number | null {
  if (lastsMs === null) return trimEnd === undefined ? null : trimEnd - (trimStart ?? 0)
  return Math.max(0, Math.min(trimEnd ?? Infinity, lastsMs) - (trimStart ?? 0))
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

/** Ogg ties its tags to the stream instead of the file; FFmpeg would leave them behind. */
const tagsInStream: ReadonlySet<FormatId> = new Set(['ogg', 'opus', 'ogv'])
const isoSources: ReadonlySet<FormatId> = new Set(['m4a', 'alac', 'mp4', 'mov', '3gp'])
const isoMuxers: ReadonlySet<string> = new Set(['ipod', 'mp4', 'mov'])

/** What FFmpeg shows as tags of MP4 although it describes the container, and sample counts that hold for the old encoding alone. */
const isoFileTags = ['major_brand', 'minor_version', 'compatible_brands', 'iTunSMPB']
const isoStreamTags = ['handler_name', 'vendor_id']
/** How much a player should turn the old file up or down. */
const gainTags = [
  'REPLAYGAIN_TRACK_GAIN',
  'REPLAYGAIN_TRACK_PEAK',
  'REPLAYGAIN_ALBUM_GAIN',
  'REPLAYGAIN_ALBUM_PEAK',
  'R128_TRACK_GAIN',
  'R128_ALBUM_GAIN',
]

/** Where among FFmpeg's inputs the source is. */
export interface Inputs {
  readonly source: number
}

export function planTags(facts: MediaFacts, target: VideoTarget, options: Options, { source }: Inputs): readonly string[] {
  if (options.preserveMetadata === false) return ['-map_metadata', '-1', '-map_chapters', '-1']
  const fromStream = tagsInStream.has(facts.format) && !tagsInStream.has(target.muxer as FormatId)
  const isoLeftovers = isoSources.has(facts.format) && !isoMuxers.has(target.muxer)
  return [
    ...(fromStream ? ['-map_metadata:g', `${source}:s:a:0`] : ['-map_metadata', String(source)]),
    // Left to itself FFmpeg takes them from whichever input has some.
    ...['-map_chapters', String(source)],
    ...(isoLeftovers ? [...without('', isoFileTags), ...without(':s:a', isoStreamTags)] : []),
    ...(options.normalize === true ? [...without('', gainTags), ...without(':s:a', gainTags)] : []),
  ]
}

function without(specifier: string, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [`-metadata${specifier}`, `${name}=`])
}

/** Cover art as picture streams, for an output whose `before` first video streams are moving pictures. */
export interface Art {
  readonly map: readonly string[]
  readonly codec: readonly string[]
}

export function planArt(facts: MediaFacts, holds: 'stream' | 'none', { preserveMetadata }: Options, { source }: Inputs): Art {
  const { pictures } = facts
  // What is a frame of the video and what is its poster cannot be told apart where only the audio goes on.
  if (holds !== 'stream' || preserveMetadata === false || pictures.length === 0) return { map: [], codec: [] }
  const before = facts.video.length
  if (pictures.every(({ type }) => type === 'image/jpeg' || type === 'image/png')) {
    const streams = pictures.map((_, index) => before + index)
    return {
      map: streams.flatMap((stream, n) => ['-map', `${source}:${pictures[n]?.index ?? `v:${stream}`}?`]),
      codec: streams.flatMap((stream) => [`-c:v:${stream}`, 'copy', `-disposition:v:${stream}`, 'attached_pic']),
    }
  }
  // No target holds GIF, BMP or WebP as art: the first picture is enough then.
  return {
    map: ['-map', `${source}:v:${before}?`],
    codec: [`-c:v:${before}`, 'mjpeg', `-q:v:${before}`, '2', `-disposition:v:${before}`, 'attached_pic'],
  }
}
