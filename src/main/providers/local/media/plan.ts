/**
 * Pure: from what is known of a source, a target and options to FFmpeg's output options.
 */
import { JobError } from '../../../../shared/failure.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import { mainAudio, type AudioStream, type MediaFacts } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import { copiesAudio, noAudio, planAudioStream } from './audio.ts'
import { copiedStreams, planMatroskaTags, planPlainTags, planUntitled, planVideo, type Poster } from './film.ts'
import type { Device } from './hardware/device-plan.ts'
import type { Spending } from './size-budget.ts'
import type { AudioTarget, VideoTarget } from './targets.ts'
import type { VideoRate } from './video.ts'

export interface OutputPlan {
  readonly facts: MediaFacts
  readonly to: FormatId
  readonly target: AudioTarget | VideoTarget
  readonly options: Options
  /** A filter that brings each audio stream to the wanted loudness; empty where nothing is to be changed. */
  readonly gains: readonly (string | null)[]
  readonly inputs: Inputs
  /** Pictures of a film, in the form in which its target holds them. */
  readonly posters?: readonly Poster[]
  /** Encoders of this machine's FFmpeg, where somebody had to ask. */
  readonly encoders: ReadonlySet<string> | null
  /** Whether what a camcorder says between the frames of H.264 is left out where they are copied; captions stand there, too. */
  readonly dropsMarks?: boolean
  /** Silence where time stamps say that there is no audio. */
  readonly fillsHoles?: boolean
  /** What the streams are encoded with where the size of the result is limited. */
  readonly spending?: Spending | undefined
  /** See `VideoRate`. */
  readonly pass?: VideoRate['pass']
  /** The cut in the options is none that was asked for. */
  readonly isTrial?: boolean
  /** What encodes the picture instead of software. */
  readonly device?: Device | null
}

export function planOutput(plan: OutputPlan): readonly string[] {
  return plan.target.kind === 'audio' ? planAudio(plan, plan.target) : planVideo(plan, plan.target)
}

function planAudio(plan: OutputPlan, target: AudioTarget): readonly string[] {
  const { facts, to, options, gains, inputs, fillsHoles = false } = plan
  const index = mainAudio(facts)
  const stream = index === null ? undefined : facts.audio[index]
  if (stream === undefined) throw noAudio(facts.format, to)
  const hasChapters = target.chapters === 'muxer' && options.preserveMetadata !== false
  return [
    ...['-map', `${inputs.source}:${stream.index ?? `a:${index}`}`],
    ...planAudioStream(
      stream,
      target.audio,
      {
        ...options,
        ...plan.spending?.audio[index ?? 0],
        fillsHoles,
        isAnew: isAnew(stream, facts, target),
        isTrial: plan.isTrial === true,
      },
      gains[0] ?? null,
      0,
    ),
    // What Beside writes comes once the audio is there.
    ...planTags(plan, target),
    ...['-map_metadata:s', '-1', '-map_chapters', hasChapters ? String(inputs.source) : '-1'],
    ...(hasChapters ? planUntitled(plan) : []),
    ...target.options,
    ...(isHuge(facts) && target.muxer === 'wav' ? ['-rf64', 'auto'] : []),
    ...['-f', target.muxer],
  ]
}

function planTags(plan: OutputPlan, { tags }: AudioTarget): readonly string[] {
  if (plan.options.preserveMetadata === false || tags === 'beside' || tags === 'none') return ['-map_metadata:g', '-1']
  return tags === 'matroska' ? planMatroskaTags(plan) : planPlainTags(plan)
}

/** Whether what a player shows or plays first is taken over as it is. */
export function copiesMain(plan: OutputPlan): boolean {
  const { facts, target, options, fillsHoles = false } = plan
  if (target.kind === 'video') return copiedStreams(plan, target).includes(0)
  const stream = facts.audio[mainAudio(facts) ?? 0]
  if (stream === undefined) return false
  return copiesAudio(stream, target.audio, { ...options, fillsHoles, isAnew: isAnew(stream, facts, target) })
}

/** Whether a copy would bring along what is wrong or hidden: a length that is not known, or what an edit list leaves out. */
function isAnew({ codec, leadInMs }: AudioStream, { durationMs }: MediaFacts, { muxer }: AudioTarget): boolean {
  return (durationMs === null && codec === 'flac') || (leadInMs !== undefined && muxer !== 'ipod')
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

/** Where among FFmpeg's inputs the source is. */
export interface Inputs {
  readonly source: number
}
