/** One conversion of sound or film: looks closer where that is needed, measures loudness where it is wanted, runs FFmpeg. */
import { rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { JobError } from '../../../shared/failure.ts'
import type { FormatId } from '../../../shared/formats.ts'
import type { Part } from '../../../shared/job.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import type { Clock } from '../../engine/ports.ts'
import type { ProviderOrder, Report } from '../provider.ts'
import { soundFilters } from './audio-plan.ts'
import { commentsInput, commentsText } from './comments.ts'
import { isMediaSource, opening } from './demuxers.ts'
import { carefully, type Ffmpeg } from './ffmpeg.ts'
import { probe, probeChapters } from './ffprobe.ts'
import { paletteBytes, paletteInput, planGif, planPalette } from './gif-plan.ts'
import { firstGain, gainFilter, nextGain, planMeasure, readLoudness, type Gain, type Loudness } from './loudness.ts'
import { planOutput, planTrim, wantedMs } from './plan.ts'
import { createStages, type Stages } from './stages.ts'
import type { Reader } from './reader.ts'
import { targetOf, type AudioTarget, type VideoTarget } from './targets.ts'

export interface MediaPorts {
  readonly ffmpeg: Ffmpeg
  readonly reader: Reader
  readonly clock: Clock
}

/** What every pass over the same source needs. */
interface Job {
  readonly path: string
  readonly temp: string
  readonly facts: MediaFacts
  readonly order: ProviderOrder
  /** FFmpeg's options that open the source, cut as ordered. */
  readonly input: readonly string[]
  readonly stages: Stages
}

export function createMedia({ ffmpeg, reader, clock }: MediaPorts) {
  return {
    /** @param known from a look into the source; null for an address. */
    convert: async (
      order: ProviderOrder,
      known: MediaFacts | null,
      report: Report,
      signal: AbortSignal,
    ): Promise<readonly Part[]> => {
      if (order.source.kind !== 'file' || known === null) throw new JobError('source-not-local')
      const { path } = order.source
      const temp = order.temp(0)
      const facts = needsCloserLook(order.target, known) ? await probe(ffmpeg, path, known.format, signal) : known
      if (!isMediaSource(facts.format)) throw new JobError('source-unknown', { path })
      const lastsMs = wantedMs(order.options, facts.durationMs ?? facts.roughMs ?? null)
      const input = [
        ...(facts.video.length > 0 ? carefully : oneThread),
        ...planTrim(order.options, facts),
        ...opening(facts.format, path),
      ]
      const job = { path, temp, facts, order, input, stages: createStages(lastsMs, clock, report) }
      try {
        await (order.target === 'gif' ? drawGif(job, signal) : write(job, signal))
        const { size } = await stat(temp)
        return [{ temp, name: null, format: order.target, bytes: size }]
      } catch (error) {
        await rm(temp, { force: true })
        throw error instanceof JobError && error.failure.code === 'disk-full'
          ? new JobError('disk-full', { path: dirname(temp) }, { cause: error })
          : error
      }
    },
  }

  async function write(job: Job, signal: AbortSignal): Promise<void> {
    const { path, temp, facts, order, input } = job
    const { target: to, options } = order
    const target = targetOf(to)
    if (target === null) throw new JobError('pair-unsupported', { from: facts.format, target: to })
    const gains = options.normalize === true ? await gainsFor(target, job, signal) : []
    const comments = await commentsFor(target, job, signal)
    const encoders = options.videoCodec === 'av1' ? await ffmpeg.encoders(signal) : null
    const output = planOutput({ facts, to, target, options, gains, comments: comments === null ? 'none' : 'piped', encoders })
    await ffmpeg.convert(
      {
        args: [...input, ...(comments === null ? [] : commentsInput), ...output, `file:${temp}`],
        stdin: comments,
        paths: [path, temp],
        progress: job.stages.next('converting', 1),
      },
      signal,
    )
  }

  /** The filter that brings each stream of sound to the wanted loudness. */
  async function gainsFor(target: AudioTarget | VideoTarget, job: Job, signal: AbortSignal): Promise<readonly (string | null)[]> {
    const streams = target.kind === 'audio' ? job.facts.audio.slice(0, 1) : job.facts.audio
    const gains: (string | null)[] = []
    for (const [index, stream] of streams.entries()) {
      const filters = (gain: string | null) => soundFilters(stream, target.audio, job.order.options, gain)
      const until = (measuringShare * (index + 1)) / streams.length
      gains.push(await gainFor(index, filters, job, until, signal))
    }
    return gains
  }

  async function gainFor(
    index: number,
    filters: (gain: string | null) => readonly string[],
    job: Job,
    until: number,
    signal: AbortSignal,
  ): Promise<string | null> {
    const { options } = job.order
    const measure = async (gain: Gain | null): Promise<Loudness> => {
      const args = [...job.input, ...planMeasure(index, filters(gain === null ? null : gainFilter(gain)))]
      const progress = job.stages.next('measuring loudness', until)
      const measured = readLoudness(await ffmpeg.measure({ args, stdin: null, paths: [job.path], progress }, signal))
      if (measured === null) throw new JobError('tool-failed', { tool: 'FFmpeg', reason: 'it measured no loudness' })
      return measured
    }
    let gain = firstGain(await measure(null), options)
    if (gain === null) return null
    for (let pass = 0; pass < mostCorrections && gain.ceiling !== null; pass += 1) {
      const better = nextGain(gain, await measure(gain), options)
      if (better === gain) break
      gain = better
    }
    return gainFilter(gain)
  }

  /** Art and chapters that FFmpeg would lose, as a text for its second input. */
  async function commentsFor(
    target: AudioTarget | VideoTarget,
    { path, facts, order }: Job,
    signal: AbortSignal,
  ): Promise<string | null> {
    const { options } = order
    if (target.kind !== 'audio' || target.chapters !== 'comment' || options.preserveMetadata === false) return null
    const hasArt = target.art === 'comment' && facts.video.length === 0 && facts.hasCover
    // Art that cannot be read is no reason to lose the music.
    const pictures = hasArt
      ? await reader.ask<'pictures'>({ kind: 'pictures', path, format: facts.format }, signal).catch(() => [])
      : []
    const mayHaveChapters = facts.chapters > 0 || (untold.has(facts.format) && facts.subtitles === undefined)
    const chapters = mayHaveChapters ? await probeChapters(ffmpeg, path, facts.format, signal) : []
    return commentsText({ pictures, chapters }, options, facts.durationMs)
  }

  async function drawGif({ path, temp, facts, order, input, stages }: Job, signal: AbortSignal): Promise<void> {
    const [picture] = facts.video
    if (picture === undefined)
      throw new JobError('pair-unsupported', { from: facts.format, target: 'gif', reason: 'this file has no picture' })
    const palette = await ffmpeg.draw(
      {
        args: [...input, ...planPalette(picture, order.options)],
        stdin: null,
        paths: [path],
        progress: stages.next('choosing colours', coloursShare),
      },
      signal,
    )
    if (palette.length !== paletteBytes) throw new JobError('source-damaged', { path, reason: 'no picture could be read' })
    await ffmpeg.convert(
      {
        args: [...input, ...paletteInput, ...planGif(picture, order.options), `file:${temp}`],
        stdin: palette,
        paths: [path, temp],
        progress: stages.next('drawing', 1),
      },
      signal,
    )
  }
}

/** What the passes before the last one take of the whole. */
const measuringShare = 0.25
const coloursShare = 0.4

/** Sound that a limiter has to work on hard is brought near its loudness in three steps; more would change nothing to hear. */
const mostCorrections = 3

/** Containers whose chapters the quick reader does not see. */
const untold: ReadonlySet<FormatId> = new Set(['mp4', 'mov', '3gp', 'mkv', 'mka', 'webm'])

/** A short job of one decoder and one encoder gains nothing from more threads and loses the time to start them. */
const oneThread = ['-threads', '1']

/** Films keep their subtitles, and only FFprobe lists these. */
function needsCloserLook(target: FormatId, known: MediaFacts): boolean {
  return (
    known.subtitles === undefined &&
    (target === 'gif' || targetOf(target)?.kind === 'video') &&
    (known.video.length > 0 || known.image !== null)
  )
}
