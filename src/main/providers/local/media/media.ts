/** One conversion of audio or video: looks closer where that is needed, measures loudness where it is wanted, runs FFmpeg. */
import { access, constants, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import type { Part } from '../../../../shared/job.ts'
import { mainAudio, type MediaFacts } from '../../../../shared/media.ts'
import type { Clock } from '../../../engine/ports.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import type { Reader } from '../reading/reader.ts'
import type { PictureData } from '../tags/metadata.ts'
import { resultRate } from './audio.ts'
import { isMediaSource, opening } from './demuxers.ts'
import { decodingLimits, type Ffmpeg, type FfmpegProgress } from './ffmpeg.ts'
import { probe } from './ffprobe.ts'
import { drawGif } from './gif.ts'
import { measureGains } from './loudness.ts'
import { planOutput, planTrim, wantedMs, type OutputPlan } from './plan.ts'
import type { SharedRuns } from './shared-runs.ts'
import { usableStreams } from './streams.ts'
import { createStages, type Stages } from './stages.ts'
import { targetOf, type AudioTarget, type AudioTargetId, type VideoTarget } from './targets.ts'
import { planDecoders } from './video.ts'

export interface MediaJob {
  readonly path: string
  readonly temp: string
  readonly facts: MediaFacts
  readonly order: ProviderOrder
  /** FFmpeg's options that open the source, cut as ordered. */
  readonly input: readonly string[]
  readonly stages: Stages
}

export interface MediaPorts {
  readonly ffmpeg: Ffmpeg
  /** A thread of its own, so that a long file keeps nobody from looking into others. */
  readonly writer: Reader
  readonly runs: SharedRuns
  readonly clock: Clock
}

export function createMedia({ ffmpeg, writer, runs, clock }: MediaPorts) {
  return {
    /** @param known from a look into the source; null for an address. */
    convert: async (
      order: ProviderOrder,
      known: MediaFacts | null,
      report: Reporter,
      signal: AbortSignal,
    ): Promise<readonly Part[]> => {
      if (order.source.kind !== 'file' || known === null) throw new JobError('source-not-local')
      const { path } = order.source
      const temp = order.temp(0)
      // What was looked into as a picture may be wanted as a video.
      const seen = known.image === null ? known : await movingPicture(path, known, signal)
      const facts = usableStreams(seen, order.target, path)
      if (!isMediaSource(facts.format)) throw new JobError('source-unknown', { path })
      const lastsMs = wantedMs(order.options, facts.durationMs ?? facts.roughMs ?? null)
      const input = [
        ...(facts.video.length > 0 ? decodingLimits : oneThread),
        ...planDecoders(facts.video),
        ...planTrim(order.options, facts),
        ...opening(facts.format, path),
      ]
      const job = { path, temp, facts, order, input, stages: createStages(lastsMs, clock, report) }
      try {
        await (order.target === 'gif' ? drawGif(ffmpeg, job, signal) : write(job, signal))
        return [{ temp, name: null, format: order.target, bytes: await lengthOf(temp) }]
      } catch (error) {
        await rm(temp, { force: true }).catch(() => undefined)
        throw await rootCause(error, path, dirname(temp))
      }
    },
  }

  /** FFmpeg shows every GIF as one that can be seen through. */
  async function movingPicture(path: string, { format, image }: MediaFacts, signal: AbortSignal): Promise<MediaFacts> {
    const facts = await probe(ffmpeg, path, format, signal)
    return { ...facts, video: facts.video.map((stream) => ({ ...stream, hasAlpha: image?.hasAlpha === true })) }
  }

  /** Audio takes turns for its places; a video has its place by its lane. */
  async function write(job: MediaJob, signal: AbortSignal): Promise<void> {
    const { path, temp, facts, order, input } = job
    const target = targetOf(order.target)
    if (target === null) throw new JobError('pair-unsupported', { from: facts.format, target: order.target })
    const alone = async (own: AbortSignal): Promise<void> => await writeAlone(target, job, own)
    if (target.kind === 'video') return await alone(signal)
    const output = (source: number) => outputOf(target, job, { inputs: { source } })
    const share = isBrief(job) ? { path, input, output } : null
    await runs.run({ temp, alone, share }, signal)
    await describe(target, job, signal)
  }

  /** What describes the source, into a result that has only its audio so far. */
  async function describe(target: AudioTarget, job: MediaJob, signal: AbortSignal): Promise<void> {
    const { path, temp, facts, order } = job
    const { options } = order
    const stream = facts.audio[mainAudio(facts) ?? 0]
    const change = {
      options,
      fromRate: stream?.sampleRate ?? null,
      toRate: stream === undefined ? null : resultRate(stream, target.audio, options),
      lastsMs: facts.durationMs,
    }
    const { tags, chapters, format } = facts
    const pictures = options.preserveMetadata === false ? {} : await redrawn(target, job, signal)
    const task = {
      kind: 'write tags',
      path,
      format,
      tags,
      chapters,
      temp,
      target: order.target as AudioTargetId,
      change,
      pictures,
    } as const
    await writer.ask<'write tags'>(task, signal).catch((error: unknown) => {
      throw signal.aborted ? error : writingTrouble(error)
    })
  }

  /** Pictures of a kind that the target cannot hold, as JPEG; by their number among all. */
  async function redrawn(
    target: AudioTarget,
    { path, facts }: MediaJob,
    signal: AbortSignal,
  ): Promise<Record<number, PictureData>> {
    const isOdd = ({ type, bytes = 0 }: { readonly type: string; readonly bytes?: number | undefined }) =>
      !target.pictures.types.includes(type) || bytes > target.pictures.maxBytes
    if (!facts.pictures.some(isOdd)) return {}
    const pictures = await writer.ask<'pictures'>({ kind: 'pictures', path, format: facts.format }, signal)
    const drawn: Record<number, PictureData> = {}
    for (const [n, picture] of pictures.entries()) {
      const { type, data } = picture
      if (!isOdd({ type, bytes: data.length })) continue
      const args = ['-protocol_whitelist', 'pipe', '-f', stillDemuxers[type] ?? 'image2pipe', '-i', 'pipe:0', ...asJpeg]
      // A picture that nobody can read is no reason to lose the music: the result then lacks it, and the job says so.
      const jpeg = await ffmpeg.draw({ args, stdin: data, paths: [path], progress: () => {} }, signal).catch(() => null)
      if (jpeg !== null && jpeg.length > 0) drawn[n] = { ...picture, type: 'image/jpeg', data: jpeg }
    }
    return drawn
  }

  async function writeAlone(target: AudioTarget | VideoTarget, job: MediaJob, signal: AbortSignal): Promise<void> {
    const { path, temp, order, input } = job
    const gains = order.options.normalize === true ? await measureGains(ffmpeg, target, job, signal) : []
    const encoders = order.options.videoCodec === 'av1' ? await ffmpeg.encoders(signal) : null
    const output = outputOf(target, job, { inputs: { source: 0 }, gains, encoders })
    const told = job.stages.next('converting', 1)
    const reached = { ms: 0 }
    const progress = (state: FfmpegProgress) => {
      reached.ms = state.outMs ?? 0
      told(state)
    }
    const args = [...input, ...output, `file:${temp}`]
    const complaints = await ffmpeg.convert({ args, stdin: null, paths: [path, temp], progress }, signal)
    const loss = lossIn(job, reached.ms, complaints)
    if (loss !== null) throw new JobError('source-damaged', { path, ...loss })
  }
}

function outputOf(
  target: AudioTarget | VideoTarget,
  { facts, order }: MediaJob,
  found: Pick<OutputPlan, 'inputs'> & Partial<Pick<OutputPlan, 'gains' | 'encoders'>>,
): readonly string[] {
  return planOutput({ facts, to: order.target, target, options: order.options, gains: [], encoders: null, ...found })
}

type Loss = { readonly because: 'nothing-readable' } | { readonly reason: string }

const cutOff = /partial file|ended prematurely/i

/**
 * What FFmpeg lost without failing, or null. It is content with a source of which it could decode nothing. And the audio of a video
 * may end before its picture, so that how long it lasts does not tell whether the file has been cut off; only FFmpeg saw that.
 */
function lossIn({ facts, order }: MediaJob, reachedMs: number, complaints: readonly string[]): Loss | null {
  if (reachedMs === 0) return { because: 'nothing-readable' }
  const wanted = wantedMs(order.options, facts.durationMs)
  if (wanted === null || reachedMs >= wanted * 0.98 - 500) return null
  const reason = complaints.find((line) => cutOff.test(line))
  return reason === undefined ? null : { reason }
}

/** The longest audio of which several are converted in one run. */
const briefMs = 30_000

/** Whether one run that takes no longer than the start of another is all there is to do. */
function isBrief({ facts, order }: MediaJob): boolean {
  const lastsMs = wantedMs(order.options, facts.durationMs ?? facts.roughMs ?? null)
  return lastsMs !== null && lastsMs <= briefMs && facts.video.length === 0 && order.options.normalize !== true
}

/** A program may end well and leave nothing: a disk that has gone takes along what is open on it. */
async function lengthOf(temp: string): Promise<number> {
  const { size } = await stat(temp).catch((cause: unknown) => {
    throw new JobError('tool-failed', { tool: 'FFmpeg', because: 'no-result-file' }, { cause })
  })
  return size
}

/** What FFmpeg could not do may be due to what lies around it, and that is the better answer. */
async function rootCause(error: unknown, source: string, folder: string): Promise<unknown> {
  if (!(error instanceof JobError)) return error
  if (error.failure.code === 'disk-full') return new JobError('disk-full', { path: folder }, { cause: error })
  if (error.failure.code !== 'tool-failed' && error.failure.code !== 'source-damaged') return error
  const isThere = async (path: string, mode: number): Promise<boolean> =>
    await access(path, mode).then(
      () => true,
      () => false,
    )
  if (!(await isThere(source, constants.F_OK))) return new JobError('source-missing', { path: source }, { cause: error })
  if (!(await isThere(folder, constants.F_OK))) return new JobError('folder-missing', { path: folder }, { cause: error })
  return (await isThere(folder, constants.W_OK)) ? error : new JobError('folder-read-only', { path: folder }, { cause: error })
}

const stillDemuxers: Readonly<Record<string, string>> = {
  'image/webp': 'webp_pipe',
  'image/gif': 'gif',
  'image/bmp': 'bmp_pipe',
  'image/png': 'png_pipe',
}
const asJpeg = ['-frames:v', '1', '-c:v', 'mjpeg', '-q:v', '2', '-f', 'image2pipe', 'pipe:1']

function writingTrouble(error: unknown): unknown {
  if (!(error instanceof JobError) || error.failure.code !== 'source-damaged') return error
  const { reason = '' } = error.failure.facts
  if (/ENOSPC|EDQUOT/.test(reason)) return new JobError('disk-full', {}, { cause: error })
  return new JobError('tool-failed', { tool: 'TagLib', reason }, { cause: error })
}

/** A short job of one decoder and one encoder gains nothing from more threads and loses the time to start them. */
const oneThread = ['-threads', '1']
