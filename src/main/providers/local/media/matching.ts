/**
 * The figure by which an encoder makes the smallest film that still looks as near to its source as was asked for. Three samples are encoded and held
 * against what went into the encoder, frame by frame; then the film is encoded once. Samples lie in a folder of their own beside the result.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import type { Matched } from '../../../../shared/notes.ts'
import type { Options } from '../../../../shared/options.ts'
import { chosenOf, matchedOf, measureFor, nextQuality, wantedOf, type Measure, type QualityTry } from '../matching.ts'
import { isMediaSource, opening } from './demuxers.ts'
import { decodingLimits, type Ffmpeg } from './ffmpeg.ts'
import { pictureMap, planPicture, videoPlan } from './film.ts'
import { countedMs } from './fitting.ts'
import type { MediaJob } from './media.ts'
import { planTrim, wantedMs, type OutputPlan } from './plan.ts'
import type { Stages } from './stages.ts'
import type { VideoTarget } from './targets.ts'
import { codecFor, pictureFilters, planDecoders } from './video.ts'
import { videoCodecs } from './video-codecs.ts'

export interface Matching {
  readonly ffmpeg: Ffmpeg
  readonly job: MediaJob
  readonly target: VideoTarget
  readonly asked: NonNullable<Options['matchQuality']>
  /** FFmpeg's view of a job. */
  planOf(job: MediaJob): OutputPlan
}

/** A stretch of the source, ms from its start; `untilMs` null: its end. */
interface Stretch {
  readonly fromMs: number | null
  readonly untilMs: number | null
}

const sampleMs = 10_000
/** Of what is not longer than the samples together, all is one. */
const wholeMs = 3 * sampleMs
const places = [1 / 6, 1 / 2, 5 / 6]

export function stretchesOf({ trimStart, trimEnd }: Options, lastsMs: number): readonly Stretch[] {
  if (lastsMs <= wholeMs) return [{ fromMs: trimStart ?? null, untilMs: trimEnd ?? null }]
  return places.map((place) => {
    const fromMs = Math.round((trimStart ?? 0) + lastsMs * place - sampleMs / 2)
    return { fromMs, untilMs: fromMs + sampleMs }
  })
}

/** 0 is lossless to some encoders, in a kind of stream that hardly any player shows. */
const leastCrf = 1
/** Of the figure for progress, what each try takes of the rest. */
const share = 0.25

/** @throws JobError `option-invalid` for codecs without such a figure. */
export async function matchVideo(matching: Matching, signal: AbortSignal): Promise<Matched> {
  const { ffmpeg, job, target, asked } = matching
  const { facts, order, path } = job
  const [picture] = facts.video
  if (picture === undefined) throw new JobError('source-unsupported', { path, because: 'no-video' })
  const codec = codecFor({ stream: picture, target, options: order.options })
  const { scale } = videoCodecs[codec]
  if (scale.option !== 'crf')
    throw new JobError('option-invalid', { option: 'matchQuality', value: codec, allowed: 'any codec with a CRF' })
  // Its models know nothing of such brightness.
  const measure = measureFor(asked, picture.hdr !== true && (await ffmpeg.filters(signal)).has('libvmaf'))
  const wanted = wantedOf(asked, measure)
  const lastsMs = wantedMs(order.options, facts.durationMs) ?? (await countedMs(ffmpeg, job, signal))
  const samples = stretchesOf(order.options, lastsMs)
  const encoders = await ffmpeg.encoders(signal)
  const folder = order.temp(1)
  const tried: QualityTry[] = []
  let done = 0
  await mkdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new JobError('tool-failed', { tool: 'Beside', reason: cause.code ?? cause.message }, { cause })
  })
  try {
    // What is lower in CRF is higher in quality.
    const range = { wanted, least: 0, best: scale.max - leastCrf }
    for (let quality = nextQuality(tried, range); quality !== null; quality = nextQuality(tried, range)) {
      done += (1 - done) * share
      const stages = job.stages.within(done)
      const figures: number[] = []
      for (const [n, stretch] of samples.entries()) {
        const own = { ...matching, crf: scale.max - quality, encoders, sample: join(folder, `${tried.length}-${n}.part`) }
        figures.push(await likeness(own, stretch, measure, stages.within((n + 1) / samples.length), signal))
      }
      tried.push({ quality, reached: figures.reduce((sum, each) => sum + each, 0) / figures.length })
    }
  } finally {
    await rm(folder, { force: true, recursive: true })
  }
  const { quality, reached } = chosenOf(tried, wanted) ?? { quality: 0, reached: 0 }
  return matchedOf(measure, reached, wanted, 'crf', scale.max - quality)
}

interface SampleOf extends Matching {
  readonly crf: number
  readonly encoders: ReadonlySet<string>
  /** Where it is written for as long as it is needed. */
  readonly sample: string
}

/** Encodes a sample and measures it. */
async function likeness(
  { ffmpeg, job, target, planOf, crf, encoders, sample }: SampleOf,
  { fromMs, untilMs }: Stretch,
  measure: Measure,
  stages: Stages,
  signal: AbortSignal,
): Promise<number> {
  const { path, facts, order } = job
  const { trimStart: _start, trimEnd: _end, ...others } = order.options
  const options: Options = {
    ...others,
    crf,
    ...(fromMs !== null && { trimStart: fromMs }),
    ...(untilMs !== null && { trimEnd: untilMs }),
  }
  const plan = { ...planOf({ ...job, order: { ...order, options } }), encoders }
  const [picture] = facts.video
  if (picture === undefined || !isMediaSource(facts.format) || !isMediaSource(order.target)) return 0
  const input = [...decodingLimits, ...planDecoders(facts.video), ...planTrim(options, facts), ...opening(facts.format, path)]
  const paths = [path, sample]
  const encoding = [...input, ...frameByFrame(planPicture(plan, target)), '-f', target.muxer, `file:${sample}`]
  await ffmpeg.convert({ args: encoding, stdin: null, paths, progress: stages.next('matching-quality', 0.6) }, signal)
  const graph = comparison(pictureMap(picture), pictureFilters(videoPlan(plan, target, picture)), measure)
  const args = [...input, ...opening(order.target, sample), '-filter_complex', graph, '-f', 'null', '-']
  const printed = await ffmpeg.measure({ args, stdin: null, paths, progress: stages.next('matching-quality', 1) }, signal)
  await rm(sample, { force: true })
  return figureIn(printed, measure)
}

/** Left to itself, FFmpeg repeats the first frame of a film that begins a moment late, and leaves others out: then each would be held against its neighbour. */
function frameByFrame(planned: readonly string[]): readonly string[] {
  return planned.some((arg) => arg.startsWith('-fps_mode')) ? planned : [...planned, '-fps_mode', 'passthrough']
}

/** Frames go by their number: containers round the times of theirs, and a frame beside its own would be compared with the next. */
const byNumber = 'settb=AVTB,setpts=N*40000'

/** A graph that holds the first stream of the second input against what the filters make of a stream of the first. */
export function comparison(stream: string, filters: string, measure: Measure): string {
  const filter = measure === 'vmaf' ? 'libvmaf' : 'ssim'
  return `[0:${stream}]${filters},${byNumber}[wanted];[1:v:0]${byNumber}[made];[made][wanted]${filter}`
}

/** What the filter printed. @throws JobError where it printed none. */
export function figureIn(printed: string, measure: Measure): number {
  const pattern = measure === 'vmaf' ? /VMAF score: ([\d.]+)/ : /SSIM .*All:([\d.]+)/
  const [, figure] = pattern.exec(printed) ?? []
  if (figure !== undefined) return Number(figure)
  throw new JobError('tool-failed', { tool: 'FFmpeg', because: 'no-likeness' })
}
