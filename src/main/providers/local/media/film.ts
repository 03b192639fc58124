/**
 * Pure: a film as a whole, from what is known of it to FFmpeg's output options. All streams are named one by one, so that nothing that a
 * file happens to hold besides (data, teletext, a second video) can make a conversion fail.
 */
import type { MediaFacts } from '../../../../shared/media.ts'
import { noAudio, planAudioStream } from './audio.ts'
import { planArt, planTags, type Inputs, type OutputPlan } from './plan.ts'
import type { VideoTarget } from './targets.ts'
import { planVideoStream } from './video.ts'

export function planFilm({ facts, to, options, gains, inputs, encoders }: OutputPlan, target: VideoTarget): readonly string[] {
  const [picture] = facts.video
  if (picture === undefined && facts.audio.length === 0) throw noAudio(facts.format, to)
  const art = planArt(facts, target.art, options, inputs)
  const subtitles = planSubtitles(facts, target, inputs)
  const attachments = target.attachments === 'kept' && facts.format === 'mkv' ? ['-map', `${inputs.source}:t?`] : []
  return [
    ...(picture === undefined ? [] : ['-map', `${inputs.source}:V:0`]),
    ...facts.audio.flatMap((_, index) => ['-map', `${inputs.source}:a:${index}`]),
    ...[...subtitles.map, ...art.map, ...attachments],
    ...(picture === undefined ? [] : planVideoStream({ from: facts.format, stream: picture, target, options, encoders }, 'v:0')),
    ...facts.audio.flatMap((stream, index) => planAudioStream(stream, target.audio, options, gains[index] ?? null, index)),
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
  const kept = facts.subtitles.flatMap(({ codec }, index) => {
    if (subtitles.copies.includes(codec)) return [{ index, as: 'copy' }]
    return textSubtitles.has(codec) ? [{ index, as: subtitles.encode }] : []
  })
  return {
    map: kept.flatMap(({ index }) => ['-map', `${source}:s:${index}`]),
    codec: kept.flatMap(({ as }, n) => [`-c:s:${n}`, as]),
  }
}
