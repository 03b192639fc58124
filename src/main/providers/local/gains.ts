/** The passes that measure loudness before a conversion. */
import { JobError } from '../../../shared/failure.ts'
import { soundFilters } from './audio-plan.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { firstGain, gainFilter, nextGain, planMeasure, readLoudness, type Gain, type Loudness } from './loudness.ts'
import type { MediaJob } from './media-job.ts'
import type { AudioTarget, VideoTarget } from './targets.ts'

/** What measuring takes of the whole. */
const share = 0.25
/** Sound that a limiter has to work on hard is brought near its loudness in three steps; more would change nothing to hear. */
const mostCorrections = 3

/** For each stream of sound that goes on, the filter that brings it to the wanted loudness; null where there is nothing to hear. */
export async function measureGains(
  ffmpeg: Ffmpeg,
  target: AudioTarget | VideoTarget,
  job: MediaJob,
  signal: AbortSignal,
): Promise<readonly (string | null)[]> {
  const { options } = job.order
  const streams = target.kind === 'audio' ? job.facts.audio.slice(0, 1) : job.facts.audio
  const gains: (string | null)[] = []
  for (const [index, stream] of streams.entries()) {
    const until = (share * (index + 1)) / streams.length
    const measure = async (gain: Gain | null): Promise<Loudness> => {
      const filters = soundFilters(stream, target.audio, options, gain === null ? null : gainFilter(gain))
      const args = [...job.input, ...planMeasure(index, filters)]
      const progress = job.stages.next('measuring loudness', until)
      const measured = readLoudness(await ffmpeg.measure({ args, stdin: null, paths: [job.path], progress }, signal))
      if (measured === null) throw new JobError('tool-failed', { tool: 'FFmpeg', reason: 'it measured no loudness' })
      return measured
    }
    const gain = await corrected(firstGain(await measure(null), options), measure, job)
    gains.push(gain === null ? null : gainFilter(gain))
  }
  return gains
}

async function corrected(
  first: Gain | null,
  measure: (gain: Gain) => Promise<Loudness>,
  { order }: MediaJob,
): Promise<Gain | null> {
  let gain = first
  for (let pass = 0; pass < mostCorrections && gain !== null && gain.ceiling !== null; pass += 1) {
    const better = nextGain(gain, await measure(gain), order.options)
    if (better === gain) break
    gain = better
  }
  return gain
}
