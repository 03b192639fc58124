/**
 * A result that may have so many bytes at most. First what costs least work: a copy, then the best quality, both stopped as soon as they pass
 * the limit. Else the bytes are divided among the streams (`size-budget.ts`), the picture is gone over twice, and each try is measured and
 * the next one corrected by it (`size-search.ts`). All that is written on the way lies in a folder of its own beside the result.
 */
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import { mainAudio } from '../../../../shared/media.ts'
import { sizeText } from '../../../../shared/options.ts'
import type { Ffmpeg, FfmpegProgress } from './ffmpeg.ts'
import { planFirstPass, videoPlan } from './film.ts'
import { gifConfig, gifLeast, leastGifBytes } from './gif-size.ts'
import type { MediaJob } from './media.ts'
import { copiesMain, wantedMs, type OutputPlan } from './plan.ts'
import {
  amountFor,
  bestSpending,
  divided,
  fixedCost,
  leastAmount,
  leastBytes,
  maxAmount,
  rungBelow,
  rungsOf,
  type Budgeted,
  type Division,
} from './size-budget.ts'
import { aim, nextAmount, rounded, type Try } from '../size-search.ts'
import { AboveLimit } from './size-watch.ts'
import type { AudioTarget, VideoTarget } from './targets.ts'
import { takesTwoPasses } from './video.ts'
import { videoCodecs } from './video-codecs.ts'

export interface Fitting {
  readonly ffmpeg: Ffmpeg
  readonly limit: number
  readonly job: MediaJob
  /** Writes the whole result to the temporary name of the job that it is given; answers as `written`. */
  write(job: MediaJob, signal: AbortSignal): Promise<number | null>
}

interface Best {
  readonly temp: string
  readonly bytes: number
  readonly counted: number | null
}

/** What the steps of one fitting share. */
interface Tries {
  readonly folder: string
  readonly best: () => Best | null
  /** Of the smallest try so far. */
  readonly smallest: () => number
  /** Bytes of the result, which is kept if it is the best so far. */
  attempt(own: Partial<MediaJob>, share: number, signal: AbortSignal): Promise<number>
}

/** Answers with ms that whoever wrote it has counted; null: nobody counted. By then the result has its temporary name. */
async function fitted(fitting: Fitting, work: (tries: Tries) => Promise<void>): Promise<number | null> {
  const { job, limit } = fitting
  const folder = job.order.temp(1)
  let best: Best | null = null
  let smallest = Infinity
  let count = 0
  let done = 0
  try {
    await mkdir(folder).catch((cause: NodeJS.ErrnoException) => {
      throw new JobError('tool-failed', { tool: 'Beside', reason: cause.code ?? cause.message }, { cause })
    })
    await work({
      folder,
      best: () => best,
      smallest: () => smallest,
      attempt: async (own, share, signal) => {
        const temp = join(folder, `${(count += 1)}.part`)
        done += (1 - done) * share
        const one = { ...job, ...own, temp, maxBytes: limit, stages: job.stages.within(done) }
        const { bytes, counted } = await measured(fitting, one, signal)
        smallest = Math.min(smallest, bytes)
        if (bytes > limit || (best !== null && bytes <= best.bytes)) {
          await rm(temp, { force: true })
          return bytes
        }
        if (best !== null) await rm(best.temp, { force: true })
        best = { temp, bytes, counted }
        return bytes
      },
    })
    const found = best as Best | null
    if (found === null) throw tooSmall(limit, rounded(smallest))
    await rename(found.temp, job.temp)
    return found.counted
  } finally {
    await rm(folder, { force: true, recursive: true })
  }
}

async function measured({ write }: Fitting, job: MediaJob, signal: AbortSignal) {
  try {
    const counted = await write(job, signal)
    return { bytes: (await stat(job.temp)).size, counted }
  } catch (error) {
    if (!(error instanceof AboveLimit)) throw error
    return { bytes: error.bytes, counted: null }
  }
}

function tooSmall(limit: number, least: number): JobError {
  return new JobError('limit-too-small', { limit: sizeText(limit), least: sizeText(least), leastBytes: least })
}

// ── Audio and film ──

/** Sources in codecs that are made to be small: encoded anew in the best quality, they get larger. */
const small: ReadonlySet<string> = new Set([
  ...Object.values(videoCodecs).flatMap(({ codec, scale }) => (scale.option === 'crf' ? [codec] : [])),
  'mp3',
  'aac',
  'vorbis',
  'opus',
])

/** @param planOf FFmpeg's view of a try. */
export async function fitMedia(
  fitting: Fitting,
  target: AudioTarget | VideoTarget,
  planOf: (job: MediaJob) => OutputPlan,
  signal: AbortSignal,
): Promise<number | null> {
  const { ffmpeg, job, limit } = fitting
  const { facts, order } = job
  const lastsMs = wantedMs(order.options, facts.durationMs) ?? (await countedMs(ffmpeg, job, signal))
  const budgeted = { facts, target, options: order.options, lastsMs }
  const least = leastBytes(budgeted)
  const isCopy = copiesMain(planOf(job))
  const isSmall = small.has(
    (target.kind === 'video' ? facts.video[0]?.codec : undefined) ?? facts.audio[mainAudio(facts) ?? 0]?.codec ?? '',
  )
  if (limit < least && !(isCopy && facts.bytes <= limit)) throw tooSmall(limit, least)
  return await fitted(fitting, async (tries) => {
    if (isCopy) await tries.attempt({}, 0.1, signal)
    if (tries.best() !== null) return
    if (limit < least) throw tooSmall(limit, least)
    if (!isCopy || !isSmall) await tries.attempt({ spending: bestSpending(budgeted) }, 0.25, signal)
    if (tries.best() === null) await search(fitting, budgeted, tries, planOf, signal)
  })
}

/** Of a source that does not say how long it is. */
export async function countedMs(ffmpeg: Ffmpeg, { path, input, facts }: MediaJob, signal: AbortSignal): Promise<number> {
  let reachedMs = 0
  const progress = ({ outMs }: FfmpegProgress) => {
    reachedMs = outMs ?? reachedMs
  }
  const map = facts.video.length > 0 ? '0:V:0' : '0:a:0'
  const args = [...input, '-map', map, '-c', 'copy', '-f', 'null', '-']
  await ffmpeg.convert({ args, stdin: null, paths: [path], progress }, signal)
  return Math.max(1, reachedMs)
}

/** What was asked of the encoder and came out larger by this factor is as small as it can be with so many pixels. */
const saturation = 1.5
const maxAttempts = 12

async function search(
  fitting: Fitting,
  budgeted: Budgeted,
  tries: Tries,
  planOf: (job: MediaJob) => OutputPlan,
  signal: AbortSignal,
): Promise<void> {
  const { limit } = fitting
  const fixed = fixedCost(budgeted)
  const rungs = rungsOf(budgeted)
  const bounds = { limit, fixed, least: leastAmount(budgeted) / 2, max: maxAmount(budgeted) }
  const passes = twoPasses(fitting, tries.folder, planOf)
  const gains = new Map<string, MediaJob['gains']>()
  const first = Math.min(bounds.max, Math.max(bounds.least, amountFor(budgeted, limit * aim)))
  let amount = first
  let rung: number | null = null
  const made: Try[] = []
  for (let n = 0; n < maxAttempts; n += 1) {
    const { spending, rung: on }: Division = divided(budgeted, amount, rung ?? undefined)
    rung = on
    const own = { ...fitting.job, spending }
    const key = JSON.stringify(spending.audio.map(({ channels, sampleRate }) => [channels, sampleRate]))
    const notes = await passes(own, on, signal)
    const bytes = await tries.attempt(
      { spending, notes, gains: gains.get(key), keepGains: (found) => gains.set(key, found) },
      0.7,
      signal,
    )
    made.push({ amount, bytes })
    const share = (limit * aim - fixed) / (bytes - fixed)
    const isSaturated = bytes > limit && rung !== null && bytes - fixed > ((amount * budgeted.lastsMs) / 8) * saturation
    const next = isSaturated ? null : nextAmount(made, bounds)
    if (next !== null) amount = next
    else {
      if (tries.best() !== null || rung === null) return
      const below = rungBelow(rungs, rung, Math.min(0.8, Math.max(0.02, share)))
      if (below === null) return
      rung = below
      made.length = 0
      amount = first
    }
  }
}

/** Goes over the picture for the first time where its encoder wants that, once for each size of it; answers where its notes are. */
function twoPasses({ ffmpeg }: Fitting, folder: string, planOf: (job: MediaJob) => OutputPlan) {
  const made = new Map<number, string>()
  return async (job: MediaJob, rung: number | null, signal: AbortSignal): Promise<string | null> => {
    const plan = planOf(job)
    const { target } = plan
    const [picture] = job.facts.video
    if (rung === null || target.kind !== 'video' || picture === undefined) return null
    if (!takesTwoPasses(videoPlan(plan, target, picture))) return null
    const known = made.get(rung)
    if (known !== undefined) return known
    const notes = join(folder, `pass-${rung}`)
    const args = [...job.input, ...planFirstPass({ ...plan, pass: { n: 1, notes } }, target)]
    const progress = job.stages.within(0.4).next('converting', 1)
    await ffmpeg.convert({ args, stdin: null, paths: [job.path], progress }, signal)
    made.set(rung, notes)
    return notes
  }
}

// ── GIF ──

/** The picture gets smaller first, then slower. */
export async function fitGif(fitting: Fitting, signal: AbortSignal): Promise<null> {
  const { job, limit } = fitting
  const { facts, order } = job
  const lastsMs = wantedMs(order.options, facts.durationMs) ?? (await countedMs(fitting.ffmpeg, job, signal))
  const [picture] = facts.video
  if (picture !== undefined) {
    const least = rounded(leastGifBytes(picture, order.options, lastsMs))
    if (limit < least) throw tooSmall(limit, least)
  }
  await fitted(fitting, async (tries) => {
    const bounds = { limit, fixed: 800, least: picture === undefined ? 1 : gifLeast(picture, order.options), max: 1 }
    const made: Try[] = []
    for (let amount: number | null = 1; amount !== null; amount = nextAmount(made, bounds)) {
      const options = picture === undefined ? order.options : { ...order.options, ...gifConfig(picture, order.options, amount) }
      const bytes = await tries.attempt({ order: { ...order, options } }, 0.5, signal)
      made.push({ amount, bytes })
    }
  })
  return null
}
