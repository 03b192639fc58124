/**
 * EBU R128 normalisation in two passes. The first measures; the second turns the sound up or down by one amount, which keeps it as
 * it is, or lets `loudnorm` work on it where that amount would push a peak over the ceiling.
 */
import type { Options } from '../../../shared/options.ts'

export interface Loudness {
  /** LUFS; -Infinity for silence. */
  readonly integrated: number
  /** LU. */
  readonly range: number
  /** LUFS. */
  readonly threshold: number
  /** dBTP; -Infinity for silence. */
  readonly peak: number
}

const wantedLoudness = -16
const wantedPeak = -1.5

/** Output options of the first pass. `ebur128` reads the same figures as `loudnorm` does, five times faster. */
export function planMeasure(stream: number, mixed: string | null): readonly string[] {
  const filter = [...(mixed === null ? [] : [mixed]), 'ebur128=peak=true:framelog=verbose'].join(',')
  return ['-map', `0:a:${stream}`, '-af', filter, '-f', 'null', '-']
}

/** What the first pass says at its end, or null where it says nothing. Tags of the file are printed before and may look alike. */
export function readLoudness(printed: string): Loudness | null {
  const summary = printed.slice(printed.lastIndexOf('Integrated loudness:'))
  const figure = (name: string, unit: string): number | null => {
    const text = new RegExp(`${name}:\\s+(-?[\\d.]+|-inf|nan) ${unit}`).exec(summary)?.[1]
    return text === undefined ? null : text === '-inf' || text === 'nan' ? -Infinity : Number(text)
  }
  const integrated = figure('I', 'LUFS')
  const threshold = figure('Threshold', 'LUFS')
  const range = figure('LRA', 'LU')
  const peak = figure('Peak', 'dBFS')
  if (integrated === null || threshold === null || range === null || peak === null) return null
  return { integrated, threshold, range, peak }
}

/** Below this gate R128 counts nothing: such a file has no loudness that could be changed. */
const silence = -70

/** The filter of the second pass, or null where there is nothing to hear. */
export function gainFilter(measured: Loudness, { loudness = wantedLoudness, truePeak = wantedPeak }: Options): string | null {
  const { integrated, threshold, range, peak } = measured
  if (integrated <= silence) return null
  const gain = loudness - integrated
  if (peak + gain <= truePeak) return `volume=${gain.toFixed(2)}dB`
  const wantedRange = Math.min(20, Math.max(11, Math.ceil(range)))
  const was = `measured_I=${integrated}:measured_TP=${peak}:measured_LRA=${range}:measured_thresh=${threshold}`
  return `loudnorm=I=${loudness}:TP=${truePeak}:LRA=${wantedRange}:${was}:linear=false`
}
