/** One conversion of audio or video: looks closer where that is needed, measures loudness where it is wanted, runs FFmpeg. */
import { access, constants, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import { factsOf } from '../../../../shared/formats.ts'
import type { Part } from '../../../../shared/job.ts'
import type { Remark } from '../../../../shared/notes.ts'
import { lengthSlackMs, type MediaFacts } from '../../../../shared/media.ts'
import type { Matched } from '../../../../shared/notes.ts'
import type { Clock } from '../../../engine/ports.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import type { Reader } from '../reading/reader.ts'
import { audioCodecs } from './audio-codecs.ts'
import { describeResult } from './description.ts'
import { isMediaSource, isMovingPicture, opening } from './demuxers.ts'
import { decodingLimits, type Ffmpeg, type FfmpegProgress } from './ffmpeg.ts'
import { probe } from './ffprobe.ts'
import { copiedStreams, videoPlan } from './film.ts'
import { fitGif, fitMedia } from './fitting.ts'
import { matchVideo } from './matching.ts'
import { drawGif } from './gif.ts'
import { byDevice } from './hardware/by-device.ts'
import { opening as openingOf, type Device } from './hardware/device-plan.ts'
import type { Hardware } from './hardware/hardware.ts'
import { hasHoles } from './holes.ts'
import { hasCamcorderMarks, withoutPositions } from './location.ts'
import { lossIn, videoSlackMs } from './loss.ts'
import { measureGains } from './loudness.ts'
import type { MovingPictures, OpenMoving } from './moving-pictures.ts'
import { planOutput, planTrim, wantedMs, type OutputPlan } from './plan.ts'
import { unpackPosters } from './posters.ts'
import { checkSamples } from './samples.ts'
import { createCompanyRuns, isInOneGo, type CompanyShare } from './company-runs.ts'
import type { SharedRuns } from './shared-runs.ts'
import type { Spending } from './size-budget.ts'
import { sizeWatch } from './size-watch.ts'
import { usableStreams } from './streams.ts'
import { createStages, type Stages } from './stages.ts'
import { isTagged, targetOf, type AudioTarget, type VideoTarget } from './targets.ts'
import { planDecoders } from './video.ts'

export interface MediaJob {
  readonly path: string
  readonly temp: string
  readonly facts: MediaFacts
  readonly order: ProviderOrder
  /** FFmpeg's options that open the source, cut as ordered. */
  readonly input: readonly string[]
  readonly stages: Stages
  /** Of a run that is shared: where it fails, another one begins with nothing. */
  readonly sharedStages: Stages
  /** How long the result should last; null where nobody knows. */
  readonly lastsMs: number | null
  /** Of one try at a limited size: bytes at which it ends, what its streams are encoded with, notes of a first pass. */
  readonly maxBytes?: number
  readonly spending?: Spending
  readonly notes?: string | null
  /** Filters for loudness, where they have been found already. */
  readonly gains?: OutputPlan['gains'] | undefined
  readonly keepGains?: (gains: OutputPlan['gains']) => void
  /** What encodes the picture instead of software. */
  readonly device?: Device | null
  /** Told where it does. */
  readonly encodedBy?: (device: Device) => void
}

export interface MediaPorts {
  readonly ffmpeg: Ffmpeg
  /** A thread of its own, so that a long file keeps nobody from looking into others. */
  readonly writer: Reader
  readonly moving: MovingPictures
  readonly runs: SharedRuns
  readonly hardware: Hardware
  readonly clock: Clock
}

/** What came of a conversion besides its file. */
interface Written {
  /** Counted by whoever wrote it; null: nobody counted. */
  readonly lastsMs: number | null
  readonly by?: string
  readonly said?: readonly Remark[]
}

export function createMedia({ ffmpeg, writer, moving, runs, hardware, clock }: MediaPorts) {
  const companies = createCompanyRuns(
    ffmpeg,
    async (run, signal) => await runs.run({ temp: '', alone: run, share: null }, signal),
  )

  async function convert(
    order: ProviderOrder,
    { path, facts: seen }: Pick<OpenMoving, 'path' | 'facts'>,
    report: Reporter,
    signal: AbortSignal,
  ): Promise<readonly Part[]> {
    const temp = order.temp(0)
    const usable = usableStreams(seen, order.target, path)
    const isPlaceKept = order.options.preserveLocation !== false || factsOf(order.target).family !== 'video'
    const facts = isPlaceKept ? usable : await withoutPositions(ffmpeg, path, usable, signal)
    if (!isMediaSource(facts.format)) throw new JobError('source-unknown', { path })
    const lastsMs = wantedMs(order.options, facts.durationMs ?? facts.roughMs ?? null)
    const input = [
      ...(facts.video.length > 0 ? decodingLimits : oneThread),
      ...planDecoders(facts.video),
      ...planTrim(order.options, facts),
      ...opening(facts.format, path),
    ]
    const stages = () => createStages(lastsMs, clock, report)
    const job = { path, temp, facts, order, input, stages: stages(), sharedStages: stages(), lastsMs }
    try {
      const matched = await matchedWith(job, signal)
      const own = matched === null ? job : { ...job, order: { ...order, options: { ...order.options, crf: matched.at } } }
      const isVideo = targetOf(order.target)?.kind === 'video'
      const written: Written = isVideo
        ? await writeByDevice(own, stages, signal)
        : { lastsMs: order.target === 'gif' ? await draw(own, signal) : await write(own, signal) }
      const { lastsMs: counted, by, said = [] } = written
      return [
        {
          ...{ temp, name: null, format: order.target, bytes: await lengthOf(temp) },
          ...(counted !== null && { lastsMs: counted }),
          ...(by !== undefined && { by }),
          ...(said.length > 0 && { said: [...said] }),
          ...(matched !== null && { matched }),
        },
      ]
    } catch (error) {
      await rm(temp, { force: true }).catch(() => undefined)
      throw await rootCause(error, path, dirname(temp))
    }
  }

  /** The figure that makes it look as near to its source as was asked for; null where nothing was. */
  async function matchedWith(job: MediaJob, signal: AbortSignal): Promise<Matched | null> {
    const { matchQuality: asked } = job.order.options
    const target = targetOf(job.order.target)
    if (asked === undefined || target?.kind !== 'video') return null
    const planned = (one: MediaJob) => planOf(target, one, { inputs: { source: 0 } })
    return await matchVideo({ ffmpeg, job, target, asked, planOf: planned }, signal)
  }

  async function draw(job: MediaJob, signal: AbortSignal): Promise<null> {
    const { maxSize: limit } = job.order.options
    const once = async (one: MediaJob, own: AbortSignal) => await drawGif(ffmpeg, one, own).then(() => null)
    return limit === undefined ? await once(job, signal) : await fitGif({ ffmpeg, limit, job, write: once }, signal)
  }

  /** By a device or in software; each try begins anew. */
  async function writeByDevice(job: MediaJob, stages: () => Stages, signal: AbortSignal): Promise<Written> {
    const target = targetOf(job.order.target)
    const [picture] = job.facts.video
    const plan =
      picture === undefined || target?.kind !== 'video'
        ? null
        : videoPlan(planOf(target, job, { inputs: { source: 0 } }), target, picture)
    const encoded = new Set<Device>()
    const encodedBy = (each: Device) => void encoded.add(each)
    const { result, device, said } = await byDevice(
      hardware,
      plan,
      async (each) => {
        try {
          return await write({ ...job, stages: stages(), device: each, encodedBy }, signal)
        } catch (error) {
          await rm(job.temp, { force: true })
          throw error
        }
      },
      signal,
    )
    return { lastsMs: result, said, ...(device !== null && encoded.has(device) ? { by: `FFmpeg, ${device.kind.title}` } : {}) }
  }

  /** Audio takes turns for its places; a video has its place by its lane. Answers with ms that FFmpeg has counted; null: nobody counted. */
  async function write(job: MediaJob, signal: AbortSignal): Promise<number | null> {
    const { path, temp, facts, order, input } = job
    const target = targetOf(order.target)
    if (target === null) throw new JobError('pair-unsupported', { from: facts.format, target: order.target })
    const { maxSize: limit } = order.options
    const planned = (one: MediaJob, found: Partial<OutputPlan> = {}) => planOf(target, one, { inputs: { source: 0 }, ...found })
    if (target.kind === 'video') {
      const once = async (one: MediaJob, own: AbortSignal) => await writeVideo(target, one, own)
      if (limit === undefined) return await once(job, signal)
      return await fitMedia({ ffmpeg, limit, job, write: once }, target, planned, signal)
    }
    const fillsHoles = await hasHoles(ffmpeg, path, facts, signal)
    let counted: number | null = null
    const alone = async (own: AbortSignal): Promise<void> => {
      if (limit === undefined) counted = await writeAlone(target, job, { fillsHoles }, own)
      else {
        const once = async (one: MediaJob, each: AbortSignal) => {
          const ms = await writeAlone(target, one, { fillsHoles }, each)
          if (isTagged(order.target)) await describeResult({ ffmpeg, writer }, target, one, each)
          return ms
        }
        counted = await fitMedia({ ffmpeg, limit, job, write: once }, target, (one) => planned(one, { fillsHoles }), own)
      }
    }
    const output = (source: number) => planOutput(planOf(target, job, { inputs: { source } }))
    const share = isBrief(job) && !fillsHoles ? { path, input, output, isWhole: async () => await isWhole(job, signal) } : null
    // Somebody waits for a trial; it is short, and has its place already.
    if (order.isTrial === true) await alone(signal)
    else await inCompany(target, job, { fillsHoles }, async (own) => await runs.run({ temp, alone, share }, own), signal)
    // One that had to fit was measured with all that describes it.
    if (limit === undefined && isTagged(order.target)) await describeResult({ ffmpeg, writer }, target, job, signal)
    const { encoding } = audioCodecs[target.audio.encode]
    return encoding.kind === 'lossless' && encoding.isCountedLong === true ? null : counted
  }

  /** Its posters go along as files, its tags are written by Beside where FFmpeg cannot, and what was copied unseen is looked at. */
  async function writeVideo(target: VideoTarget, job: MediaJob, signal: AbortSignal): Promise<number | null> {
    const { path, temp, facts, order } = job
    const attached = target.attachments === 'kept' ? await unpackPosters(writer, job, signal) : null
    const posters = attached?.posters ?? []
    // Nobody has counted what came out of a shared run; it has been looked at.
    let counted = Infinity
    try {
      const isMarked = order.options.preserveLocation === false && (await hasCamcorderMarks(path, facts))
      const found = { posters, dropsMarks: isMarked }
      const alone = async (own: AbortSignal): Promise<void> => {
        counted = await writeAlone(target, job, found, own)
      }
      await inCompany(target, job, found, alone, signal)
    } finally {
      await attached?.clear()
    }
    if (isTagged(order.target)) await describeResult({ ffmpeg, writer }, target, job, signal)
    const streams = copiedStreams(planOf(target, job, { inputs: { source: 0 } }), target)
    await checkSamples(ffmpeg, { path: temp, format: order.target, streams, lastsMs: facts.durationMs }, signal)
    // Of a film FFmpeg tells the last packet that it wrote, which is not where it ends. Where it read all, and that is far less than the
    // header of the source says, it is the header that is wrong.
    const wanted = wantedMs(order.options, facts.durationMs)
    const isRead = isMovingPicture(facts.format) || wanted === null || counted >= wanted - videoSlackMs(wanted)
    if (isRead && target.video.isRoughlyTimed !== true) return null
    return (await probe(ffmpeg, temp, order.target, signal)).durationMs
  }

  /** Whether a result that nobody has counted lasts as long as its source says; only a run of its own tells why not. */
  async function isWhole({ temp, facts, order }: MediaJob, signal: AbortSignal): Promise<boolean> {
    const wanted = wantedMs(order.options, facts.durationMs)
    const found = await writer.ask<'read'>({ kind: 'read', path: temp }, signal).catch(() => ({ facts: null }))
    const lastsMs = found.facts?.durationMs ?? null
    return wanted === null || lastsMs === null || lastsMs >= wanted - lengthSlackMs(wanted)
  }

  /** By itself, or in one run with other results of the source. */
  async function inCompany(
    target: AudioTarget | VideoTarget,
    job: MediaJob,
    found: Partial<OutputPlan>,
    alone: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { temp, order } = job
    const { company } = order
    if (company === undefined) return await alone(signal)
    // Whether a device does it may have been found out only now.
    const isShared = isInOneGo(order) && found.fillsHoles !== true && (job.device ?? null) === null
    const share = isShared ? await shareOf(target, job, found, signal) : null
    const sharedTemp = order.temp(1 + (found.posters ?? []).length)
    await companies.run({ temp, sharedTemp, alone, share }, company, signal)
  }

  async function shareOf(
    target: AudioTarget | VideoTarget,
    job: MediaJob,
    found: Partial<OutputPlan>,
    signal: AbortSignal,
  ): Promise<CompanyShare> {
    const { path, input, sharedStages } = job
    return {
      kind: target.kind,
      path,
      input,
      output: await outputOf(target, job, { gains: [], ...found }, signal),
      progress: sharedStages.next('converting', 1),
      isWhole: async (at) =>
        target.kind === 'audio' ? await isWhole({ ...job, temp: at }, signal) : await isWholeVideo(job, at, signal),
    }
  }

  async function isWholeVideo({ facts, order }: MediaJob, at: string, signal: AbortSignal): Promise<boolean> {
    const wanted = wantedMs(order.options, facts.durationMs)
    const { durationMs } = await probe(ffmpeg, at, order.target, signal)
    return wanted === null || durationMs === null || durationMs >= wanted - videoSlackMs(wanted)
  }

  async function outputOf(
    target: AudioTarget | VideoTarget,
    job: MediaJob,
    found: Partial<OutputPlan>,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const { encoding } = audioCodecs[target.audio.encode]
    const isRare = encoding.kind === 'lossy' && encoding.isRare === true
    const encoders = isRare || job.order.options.videoCodec === 'av1' ? await ffmpeg.encoders(signal) : null
    if (isRare && encoders?.has(encoding.encoder) !== true)
      throw new JobError('tool-missing', { because: 'encoder-missing', program: 'FFmpeg', encoder: encoding.encoder })
    return planOutput(planOf(target, job, { inputs: { source: 0 }, encoders, ...found }))
  }

  async function writeAlone(
    target: AudioTarget | VideoTarget,
    job: MediaJob,
    found: Partial<OutputPlan>,
    signal: AbortSignal,
  ): Promise<number> {
    const { path, temp, order, input, maxBytes = Infinity, lastsMs } = job
    const gains = job.gains ?? (order.options.normalize === true ? await measureGains(ffmpeg, target, job, signal) : [])
    job.keepGains?.(gains)
    const output = await outputOf(target, job, { gains, ...found }, signal)
    const { device: ready = null } = job
    // A try at a limited size may copy the picture.
    const device = ready !== null && output.includes(ready.encoder.name) ? ready : null
    if (device !== null) job.encodedBy?.(device)
    const told = job.stages.next('converting', 1)
    const reached = { ms: 0, frames: 0 }
    const watch = sizeWatch(maxBytes, lastsMs, signal)
    const progress = (state: FfmpegProgress) => {
      watch.progress(state)
      reached.ms = state.outMs ?? 0
      reached.frames = state.frames
      told(state)
    }
    const args = [...(device === null ? [] : openingOf(device)), ...input, ...output, `file:${temp}`]
    const complaints = await ffmpeg.convert({ args, stdin: null, paths: [path, temp], progress }, watch.signal)
    const loss = lossIn(job, reached, complaints)
    if (loss !== null) throw new JobError('source-damaged', { path, ...loss })
    return reached.ms
  }

  return {
    /** @param known from a look into the source; null for an address. */
    convert: async (
      order: ProviderOrder,
      known: MediaFacts | null,
      report: Reporter,
      signal: AbortSignal,
    ): Promise<readonly Part[]> => {
      if (order.source.kind !== 'file' || known === null) throw new JobError('source-not-local')
      // What was looked into as a picture may be wanted as a video.
      const source = await moving.open(order.source.path, known, signal)
      try {
        return await convert(order, source, report, signal)
      } finally {
        await source.close()
      }
    },
  }
}

function planOf(
  target: AudioTarget | VideoTarget,
  { facts, order, spending, notes = null, device = null }: MediaJob,
  found: Pick<OutputPlan, 'inputs'> & Partial<OutputPlan>,
): OutputPlan {
  const pass = notes === null ? null : { n: 2 as const, notes }
  const isTrial = order.isTrial === true
  const common = { facts, to: order.target, target, options: order.options, gains: [], encoders: null }
  return { ...common, spending, pass, isTrial, device, ...found }
}

/** The longest audio of which several are converted in one run. */
const briefMs = 30_000

/** Whether one run that takes no longer than the start of another is all there is to do. */
function isBrief({ facts, order }: MediaJob): boolean {
  const lastsMs = wantedMs(order.options, facts.durationMs ?? facts.roughMs ?? null)
  if (facts.isCutOff === true || facts.video.length > 0 || order.options.normalize === true) return false
  if (order.options.maxSize !== undefined) return false
  return lastsMs !== null && lastsMs <= briefMs
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

/** A short job of one decoder and one encoder gains nothing from more threads and loses the time to start them. */
const oneThread = ['-threads', '1']
