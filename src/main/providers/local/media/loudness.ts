/**
 * EBU R128 normalisation. A first pass measures; the last turns the audio up or down by one amount, which keeps it as it is. Where
 * that would push peaks over the ceiling, a limiter holds them down; what it takes away is measured and made good in passes between.
 */
import type { Options } from '../../../../shared/options.ts'
import { mainAudio } from '../../../../shared/media.ts'
import { JobError } from '../../../../shared/failure.ts'
import { audioFilters } from './audio.ts'
import { defaultLoudness } from './audio-codecs.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import type { MediaJob } from './media.ts'
import type { AudioTarget, VideoTarget } from './targets.ts'

export interface Loudness {
  /** LUFS; -Infinity for silence. */
  readonly integrated: number
  /** dBTP; -Infinity for silence. */
  readonly peak: number
  /** Loudness range, LU; absent where nothing was said of it. */
  readonly range?: number
}

export interface Gain {
  readonly decibels: number
  /** dB that a limiter holds every sample to; null where none is needed. */
  readonly ceiling: number | null
}

/** Output options of a pass that measures what comes out of `filters`. */
export function planMeasure(stream: string, filters: readonly string[]): readonly string[] {
  const chain = [...filters, 'ebur128=peak=true:framelog=verbose'].join(',')
  return ['-map', `0:${stream}`, '-af', chain, '-f', 'null', '-']
}

/** What such a pass says at its end, or null where it says nothing. Tags of the file are printed before and may look alike. */
export function readLoudness(printed: string): Loudness | null {
  const summary = printed.slice(printed.lastIndexOf('Integrated loudness:'))
  const figure = (name: string, unit: string): number | null => {
    const text = new RegExp(`${name}:\\s+(-?[\\d.]+|-inf|nan) ${unit}`).exec(summary)?.[1]
    return text === undefined ? null : text === '-inf' || text === 'nan' ? -Infinity : Number(text)
  }
  const integrated = figure('I', 'LUFS')
  const peak = figure('Peak', 'dBFS')
  const range = figure('LRA', 'LU')
  return integrated === null || peak === null ? null : { integrated, peak, ...(range !== null && { range }) }
}

/** Below this gate R128 counts nothing: such a file has no loudness that could be changed. */
export const silence = -70

/** From the measurement of the source; null where there is nothing to hear. */
export function firstGain(
  { integrated, peak }: Loudness,
  { loudness = defaultLoudness.loudness, truePeak = defaultLoudness.truePeak }: Options,
): Gain | null {
  if (integrated <= silence) return null
  const decibels = loudness - integrated
  return { decibels, ceiling: peak + decibels > truePeak ? truePeak - margin : null }
}

/** Between two samples the audio may rise above both; the limiter sees most of it at four times the rate, and the margin is for the rest. */
const limiterRate = 192_000
const margin = 0.5

const nearEnough = 0.5
/** The meter shows tenths. */
const peakTolerance = 0.1

/** A better gain from the measurement of what the last one gave; the same where it is near enough. */
export function nextGain(gain: Gain, { integrated, peak }: Loudness, options: Options): Gain {
  const { loudness, truePeak } = { ...defaultLoudness, ...options }
  if (gain.ceiling === null) return gain
  const lacking = loudness - integrated
  const over = peak - truePeak
  if (Math.abs(lacking) <= nearEnough && over <= peakTolerance) return gain
  return { decibels: gain.decibels + lacking, ceiling: gain.ceiling - Math.max(0, over) }
}

export function gainFilter({ decibels, ceiling }: Gain): string {
  const volume = `volume=${decibels.toFixed(2)}dB`
  if (ceiling === null) return volume
  const limit = 10 ** (ceiling / 20)
  return `${volume},aformat=sample_rates=${limiterRate},alimiter=limit=${limit.toFixed(4)}:level=false:attack=5:release=100`
}

/** What measuring takes of the whole. */
const share = 0.25
/** Audio that a limiter has to work on hard is brought near its loudness in three steps; more would change nothing to hear. */
const maxCorrections = 3

/** For each audio stream that goes on, the filter that brings it to the wanted loudness; null where there is nothing to hear. */
export async function measureGains(
  ffmpeg: Ffmpeg,
  target: AudioTarget | VideoTarget,
  job: MediaJob,
  signal: AbortSignal,
): Promise<readonly (string | null)[]> {
  const main = mainAudio(job.facts) ?? 0
  const streams = [...job.facts.audio.entries()].filter(([index]) => target.kind === 'video' || index === main)
  const gains: (string | null)[] = []
  for (const [n, [index, stream]] of streams.entries()) {
    const until = (share * (n + 1)) / streams.length
    const options = { ...job.order.options, ...job.spending?.audio[index] }
    const measure = async (gain: Gain | null): Promise<Loudness> => {
      const filters = audioFilters(stream, target.audio, options, gain === null ? null : gainFilter(gain))
      const args = [...job.input, ...planMeasure(String(stream.index ?? `a:${index}`), filters)]
      const progress = job.stages.next('measuring-loudness', until)
      const measured = readLoudness(await ffmpeg.measure({ args, stdin: null, paths: [job.path], progress }, signal))
      if (measured === null) throw new JobError('tool-failed', { tool: 'FFmpeg', because: 'no-loudness' })
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
  for (let pass = 0; pass < maxCorrections && gain !== null && gain.ceiling !== null; pass += 1) {
    const better = nextGain(gain, await measure(gain), order.options)
    if (better === gain) break
    gain = better
  }
  return gain
}
