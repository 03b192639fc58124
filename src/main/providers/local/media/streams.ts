/**
 * Pure: which streams of a source a conversion may use. What is encrypted is refused before anything is copied, and what nobody can decode
 * is left out, so that no plan meets either. Apart, as it comes before every plan.
 */
import { JobError } from '../../../../shared/failure.ts'
import { type FormatId, factsOf } from '../../../../shared/formats.ts'
import { mainAudio, type MediaFacts } from '../../../../shared/media.ts'
import type { AudioTarget, VideoTarget } from './targets.ts'

/** @throws JobError `source-protected`; `source-unsupported` where nothing is left that the target could be made of. */
export function usableStreams(facts: MediaFacts, target: FormatId, path: string): MediaFacts {
  const wantsAudio = target !== 'gif'
  const wantsPicture = factsOf(target).family !== 'audio'
  const wanted = [...(wantsAudio ? facts.audio : []), ...(wantsPicture ? facts.video : [])]
  if (wanted.some(({ isProtected }) => isProtected === true)) throw new JobError('source-protected', { path })
  const left = {
    ...facts,
    audio: facts.audio.filter(({ isOpaque }) => isOpaque !== true),
    video: facts.video.filter(({ isOpaque }) => isOpaque !== true),
    subtitles: facts.subtitles.filter(({ isOpaque }) => isOpaque !== true),
  }
  const opaque = wanted.find(({ isOpaque }) => isOpaque === true)
  const isEmpty = (!wantsAudio || left.audio.length === 0) && (!wantsPicture || left.video.length === 0)
  if (opaque !== undefined && isEmpty)
    throw new JobError('source-unsupported', { path, because: 'codec-unknown', found: opaque.codec })
  return left
}

/** Numbers of the tracks of audio that go into the result. */
export function heardIn(facts: Pick<MediaFacts, 'audio'>, target: AudioTarget | VideoTarget): readonly number[] {
  if (target.kind === 'video' && target.isOneTrack !== true) return [...facts.audio.keys()]
  const main = mainAudio(facts)
  return main === null ? [] : [main]
}
