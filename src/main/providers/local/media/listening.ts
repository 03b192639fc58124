/**
 * What somebody sees of audio who compares it: its waveform and its loudness. FFmpeg decodes it from end to end and keeps none of it: it
 * says the peaks of one short time after the other.
 */
import { JobError } from '../../../../shared/failure.ts'
import { mainAudio, type MediaFacts } from '../../../../shared/media.ts'
import type { MeasuredLoudness, Stretch, Waveform } from '../../../../shared/views.ts'
import { isMediaSource, opening } from './demuxers.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import { planMeasure, readLoudness, silence } from './loudness.ts'

type Part = Omit<Stretch, 'file'>

interface Heard {
  readonly path: string
  readonly facts: MediaFacts
}

/** Times of a waveform: one a pixel of a wide window. */
const times = 1200
/** Of an hour a second each, so that a wrong length in the header costs no more than sharpness. */
const finer = 3
const shortestMs = 2

export async function waveformOf(ffmpeg: Ffmpeg, heard: Heard, part: Part, signal: AbortSignal): Promise<Waveform> {
  const { input, stream, sampleRate, expectedMs } = planned(heard, part)
  const eachMs = Math.max(shortestMs, (expectedMs ?? 60_000) / (times * finer))
  const samples = Math.max(1, Math.round((eachMs * sampleRate) / 1000))
  const chain = [
    `aformat=sample_fmts=flt:sample_rates=${sampleRate}`,
    `asetnsamples=n=${samples}:p=0`,
    'astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=Min_level+Max_level',
    'ametadata=mode=print:file=-',
  ].join(',')
  const args = [...input, '-map', `0:${stream}`, '-af', chain, '-f', 'null', '-']
  const { output } = await ffmpeg.listen({ args, ...quiet(heard) }, signal)
  return readWaveform(Buffer.from(output).toString('latin1'), (samples * 1000) / sampleRate)
}

export async function loudnessOf(ffmpeg: Ffmpeg, heard: Heard, part: Part, signal: AbortSignal): Promise<MeasuredLoudness> {
  const { input, stream, expectedMs } = planned(heard, part)
  const measured = readLoudness(await ffmpeg.measure({ args: [...input, ...planMeasure(stream, [])], ...quiet(heard) }, signal))
  if (measured === null) throw new JobError('tool-failed', { tool: 'FFmpeg', because: 'no-loudness' })
  const { integrated, peak, range = null } = measured
  const isLoud = integrated > silence
  return {
    integrated: isLoud ? integrated : null,
    peak: Number.isFinite(peak) ? peak : null,
    range: isLoud && expectedMs !== null && expectedMs >= rangeFromMs ? range : null,
  }
}

function quiet({ path }: Heard) {
  return { paths: [path], stdin: null, progress: () => {} }
}

/** EBU Tech 3342: of less than a minute a loudness range means nothing. */
const rangeFromMs = 60_000

function planned({ path, facts }: Heard, { fromMs, lastsMs }: Part) {
  const main = mainAudio(facts)
  const stream = main === null ? undefined : facts.audio[main]
  if (stream === undefined || !isMediaSource(facts.format))
    throw new JobError('source-unsupported', { path, because: 'no-audio' })
  // Without its key it would be noise.
  if (stream.isProtected === true) throw new JobError('source-protected', { path })
  if (stream.isOpaque === true) throw new JobError('source-unsupported', { path, because: 'codec-unknown' })
  const whole = facts.durationMs ?? facts.roughMs ?? null
  const rest = whole === null ? null : Math.max(1, whole - fromMs)
  const expectedMs = lastsMs === null ? rest : Math.min(lastsMs, rest ?? lastsMs)
  const cut = [
    ...(fromMs > 0 ? ['-ss', (fromMs / 1000).toFixed(3)] : []),
    ...(lastsMs === null ? [] : ['-t', (lastsMs / 1000).toFixed(3)]),
  ]
  return {
    input: ['-vn', '-sn', '-dn', ...cut, ...opening(facts.format, path)],
    stream: String(stream.index ?? `a:${main}`),
    sampleRate: stream.sampleRate ?? 48_000,
    expectedMs,
  }
}

/**
 * From what FFmpeg prints, three lines a time: `frame:0 pts:0 pts_time:0`, `lavfi.astats.Overall.Min_level=-0.25`, the same of `Max_level`.
 * @param eachMs that each of them lasts
 */
export function readWaveform(printed: string, eachMs: number): Waveform {
  const heard: { readonly at: number; readonly low: number; readonly high: number }[] = []
  let first: number | null = null
  let [at, low] = [0, 0]
  for (const [, time, name, value] of printed.matchAll(
    /^(?:frame:\S+ +pts:\S+ +pts_time:(\S+)|lavfi\.astats\.Overall\.(M..)_level=(\S+))\s*$/gm,
  )) {
    if (time !== undefined) {
      at = Number(time) * 1000
      first ??= Math.min(0, at)
    } else if (name === 'Min') low = level(value)
    else heard.push({ at: at - (first ?? 0), low, high: level(value) })
  }
  const last = heard.at(-1)
  if (last === undefined) return { lastsMs: 0, peaks: [] }
  const lastsMs = last.at + eachMs
  const count = Math.min(times, heard.length)
  const peaks = Array.from<number>({ length: count * 2 }).fill(0)
  for (const each of heard) {
    const place = Math.min(count - 1, Math.max(0, Math.floor((each.at / lastsMs) * count)))
    peaks[2 * place] = Math.min(peaks[2 * place] ?? 0, each.low)
    peaks[2 * place + 1] = Math.max(peaks[2 * place + 1] ?? 0, each.high)
  }
  return { lastsMs, peaks }
}

/** To the thousandth, which no screen shows. Broken floats say more than any number. */
function level(text: string | undefined): number {
  const value = Number(text)
  return Number.isFinite(value) ? Math.round(Math.max(-4, Math.min(4, value)) * 1000) / 1000 : 0
}
