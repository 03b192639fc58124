/**
 * Pure: from what is known of a source, a target and options to FFmpeg's output options. All streams are named one by one, so that
 * nothing that a file happens to hold besides (data, teletext, a second film) can make a conversion fail.
 */
import { JobError } from '../../../shared/failure.ts'
import { formats, type FormatId } from '../../../shared/formats.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import type { Options } from '../../../shared/options.ts'
import { planSound } from './audio-plan.ts'
import { planArt, planTags, type Inputs } from './kept.ts'
import type { AudioTarget, VideoTarget } from './targets.ts'
import { planPicture } from './video-plan.ts'

export interface Wish {
  readonly facts: MediaFacts
  readonly to: FormatId
  readonly target: AudioTarget | VideoTarget
  readonly options: Options
  /** A filter that brings each stream of sound to the wanted loudness; empty where nothing is to be changed. */
  readonly gains: readonly (string | null)[]
  readonly inputs: Inputs
  /** Encoders of this machine's FFmpeg, where somebody had to ask. */
  readonly encoders: ReadonlySet<string> | null
}

export function planOutput(wish: Wish): readonly string[] {
  return wish.target.kind === 'audio' ? planAudio(wish, wish.target) : planVideo(wish, wish.target)
}

function planAudio({ facts, to, options, gains, inputs }: Wish, target: AudioTarget): readonly string[] {
  const [stream] = facts.audio
  if (stream === undefined) throw noSound(facts.format, to)
  // The first picture stream of a film is the film itself.
  const art = planArt(facts, facts.video.length === 0 ? target.art : 'none', options, inputs)
  return [
    ...['-map', `${inputs.source}:a:0`, ...art.map],
    ...planSound(stream, target.audio, options, gains[0] ?? null, 0),
    ...art.codec,
    ...planTags(facts, target, options, inputs),
    ...target.options,
    ...(isHuge(facts) && target.muxer === 'wav' ? ['-rf64', 'auto'] : []),
    ...['-f', target.muxer],
  ]
}

function planVideo({ facts, to, options, gains, inputs, encoders }: Wish, target: VideoTarget): readonly string[] {
  const [picture] = facts.video
  if (picture === undefined && facts.audio.length === 0) throw noSound(facts.format, to)
  const art = planArt(facts, target.art, options, inputs)
  const subtitles = planSubtitles(facts, target, inputs)
  const attachments = target.attachments === 'kept' && facts.format === 'mkv' ? ['-map', `${inputs.source}:t?`] : []
  return [
    ...(picture === undefined ? [] : ['-map', `${inputs.source}:V:0`]),
    ...facts.audio.flatMap((_, index) => ['-map', `${inputs.source}:a:${index}`]),
    ...[...subtitles.map, ...art.map, ...attachments],
    ...(picture === undefined ? [] : planPicture({ from: facts.format, stream: picture, target, options, encoders }, 'v:0')),
    ...facts.audio.flatMap((stream, index) => planSound(stream, target.audio, options, gains[index] ?? null, index)),
    ...[...subtitles.codec, ...art.codec],
    ...planTags(facts, target, options, inputs),
    ...target.options,
    ...['-f', target.muxer],
  ]
}

const textSubtitles = new Set(['subrip', 'srt', 'ass', 'ssa', 'webvtt', 'mov_text', 'text', 'microdvd', 'subviewer'])

/** Subtitles stay where the target can hold them, as they are or as text; pictures of text go only where pictures go. */
function planSubtitles(
  facts: MediaFacts,
  { subtitles }: VideoTarget,
  { source }: Inputs,
): { map: readonly string[]; codec: readonly string[] } {
  const kept = (facts.subtitles ?? []).flatMap((codec, index) => {
    if (subtitles.copies.includes(codec)) return [{ index, as: 'copy' }]
    return textSubtitles.has(codec) ? [{ index, as: subtitles.encode }] : []
  })
  return {
    map: kept.flatMap(({ index }) => ['-map', `${source}:s:${index}`]),
    codec: kept.flatMap(({ as }, n) => [`-c:s:${n}`, as]),
  }
}

function noSound(from: FormatId, to: FormatId): JobError {
  return new JobError('pair-unsupported', {
    from: formats[from].title,
    target: formats[to].title,
    reason: 'this file has no sound',
  })
}

/** A plain WAV counts its bytes in 32 bits. Uncompressed sound can be ten times larger than its source. */
function isHuge({ bytes, audio, durationMs, roughMs }: MediaFacts): boolean {
  const lastsMs = durationMs ?? roughMs ?? null
  if (lastsMs === null) return bytes > 2 ** 28
  const { sampleRate, channels } = audio[0] ?? { sampleRate: null, channels: null }
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
