/**
 * Pictures out of films: one frame, all of them or some, or a sheet of many. FFmpeg draws them without loss, and the picture library makes of
 * them what is asked for, as of any picture.
 */
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import type { Part } from '../../../../shared/job.ts'
import { emptyFacts, type MediaFacts } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import type { LocalEngine } from '../engine.ts'
import type { Images } from '../images/images.ts'
import type { PixelSize } from '../images/size.ts'
import { opening } from '../media/demuxers.ts'
import { decodingLimits, type Ffmpeg } from '../media/ffmpeg.ts'
import { asPng, drawing, frameAt, mapOf, pictureOf, type ShownStream } from '../media/frame.ts'
import type { MovingPictures } from '../media/moving-pictures.ts'
import { planTrim } from '../media/plan.ts'
import { planDecoders } from '../media/video.ts'
import { animate, type Animated } from './animation.ts'
import { chosenFrames, maxFrames, refuseMany, seekFromMs, takesAnimation, type Choice } from './choice.ts'
import { strips, timeLabels } from './labels.ts'

export interface FramePorts {
  readonly ffmpeg: Ffmpeg
  readonly images: Pick<Images, 'convert'>
  readonly moving: MovingPictures
  readonly inspect: (path: string, signal: AbortSignal) => Promise<MediaFacts>
}

interface OpenVideo extends Animated {
  /** For what is drawn on the way. */
  readonly folder: string
  readonly isDeep: boolean
  /** Pixels; absent: its own. */
  readonly size?: PixelSize
}

/** What holds more than 8 bits. */
const deepTargets: ReadonlySet<string> = new Set(['png', 'tiff', 'avif'])
/** Pictures that are written at once at most; the library has as many processes as it is given. */
const maxConcurrency = 8

export function createFrames({ ffmpeg, images, moving, inspect }: FramePorts): LocalEngine {
  async function convert(order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<readonly Part[]> {
    if (order.source.kind !== 'file') throw new JobError('source-not-local')
    const { path: given } = order.source
    const source = await moving.open(given, order.facts ?? (await inspect(given, signal)), signal)
    const folder = await mkdtemp(join(tmpdir(), 'beside-frames-'))
    try {
      const { path } = source
      const picture = pictureOf(source)
      const lastsMs = source.facts.durationMs ?? (await measured({ path, picture }, signal))
      const shown = { path, facts: { ...source.facts, durationMs: lastsMs }, picture }
      const { frames = 'one' } = order.options
      if (frames === 'animation') return await animate(ffmpeg, shown, order, report, signal)
      const options = { ...order.options, frames: order.isTrial === true ? ('one' as const) : frames }
      const choice = chosenFrames(options, { lastsMs, frames: picture.stream.frames ?? null, fps: picture.stream.fps })
      const video = { ...shown, folder, isDeep: deepTargets.has(order.target) }
      return await become(order, drawn(video, choice, options, signal), countOf(choice), report, signal)
    } finally {
      await rm(folder, { recursive: true, force: true })
      await source.close()
    }
  }

  /** Recordings of browsers do not say how long they last. */
  async function measured({ path, picture: { stream, format } }: Pick<OpenVideo, 'path' | 'picture'>, signal: AbortSignal) {
    let lastsMs = 0
    const args = [...opening(format, path), ...mapOf(stream), '-c', 'copy', '-f', 'null', '-']
    const progress = ({ outMs }: { readonly outMs: number | null }) => {
      lastsMs = Math.max(lastsMs, outMs ?? 0)
    }
    await ffmpeg.convert({ args, stdin: null, paths: [path], progress }, signal)
    return lastsMs
  }

  /** Paths of PNG files, as they are there. */
  async function* drawn(video: OpenVideo, choice: Choice, options: Options, signal: AbortSignal): AsyncGenerator<string> {
    if (choice.kind === 'row') return yield* row(video, choice, options, signal)
    if (choice.kind === 'at') return yield* each(video, choice.timesMs, signal)
    const inSheet = { ...video, size: sizeInSheet(video.picture) }
    const [first = 0, second = Infinity] = choice.timesMs
    const everyMs = second - first
    // What lies between is decoded sooner than FFmpeg starts so often.
    const frames =
      everyMs < seekFromMs
        ? row(inSheet, { everyMs, count: choice.timesMs.length }, { trimStart: first }, signal)
        : each(inSheet, choice.timesMs, signal)
    for await (const _ of frames);
    yield await sheet(video.folder, choice, inSheet.size.width, signal)
  }

  async function* each(video: OpenVideo, timesMs: readonly number[], signal: AbortSignal): AsyncGenerator<string> {
    for (const [n, atMs] of timesMs.entries()) {
      const path = join(video.folder, `${n}.png`)
      await writeFile(path, await frameAt(ffmpeg, { ...video, atMs }, signal))
      yield path
    }
  }

  /** One after the other; each is handed on as soon as the next is begun. */
  async function* row(
    { path, facts, picture: { stream, format }, folder, isDeep, size }: OpenVideo,
    { everyMs, count }: Pick<Extract<Choice, { kind: 'row' }>, 'everyMs' | 'count'>,
    options: Options,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const pick = everyMs === null ? null : `fps=1000/${Math.round(everyMs)}:start_time=0:round=up`
    const { trimStart = 0 } = options
    // What is shown at the beginning has begun before it, so that is for the filter to find; how many there are says where to end.
    const seeking = trimStart === 0 ? [] : ['-noaccurate_seek', '-ss', (trimStart / 1000).toFixed(3)]
    const part = everyMs === null || count === null ? planTrim(options, facts) : seeking
    const input = [...decodingLimits, ...planDecoders([stream]), ...part, ...opening(format, path)]
    const filters = [
      '-vf',
      drawing(stream, { pick, isDeep, ...(size !== undefined && { size }) }),
      '-fps_mode',
      'passthrough',
      '-frames:v',
      String(everyMs === null ? maxFrames + 1 : (count ?? maxFrames + 1)),
    ]
    const files = ['-f', 'image2', '-start_number', '0', `file:${join(folder.replaceAll('%', '%%'), '%d.png')}`]
    const ending = new AbortController()
    let told = Promise.withResolvers<void>()
    const tell = () => {
      told.resolve()
      told = Promise.withResolvers<void>()
    }
    const state = { begun: 0, isOver: false }
    const progress = ({ frames }: { readonly frames: number }) => {
      state.begun = frames
      tell()
    }
    const args = [...input, ...mapOf(stream), ...filters, ...asPng, ...files]
    const both = AbortSignal.any([signal, ending.signal])
    const running = ffmpeg.convert({ args, stdin: null, paths: [path, folder], progress }, both).finally(() => {
      state.isOver = true
      tell()
    })
    // Whoever takes them is told at the end.
    running.catch(() => undefined)
    let n = 0
    try {
      while (!state.isOver) {
        const next = told.promise
        // What is counted may still be on its way to the disk.
        for (; n < state.begun - 4; n += 1) yield join(folder, `${n}.png`)
        await next
      }
      await running
      const left = (await readdir(folder)).map((name) => Number.parseInt(name, 10))
      const made = left.length === 0 ? n : Math.max(n, ...left.map((one) => one + 1))
      if (made === 0) throw new JobError('source-damaged', { path, because: 'not-decodable' })
      refuseMany(made, maxFrames)
      for (; n < made; n += 1) yield join(folder, `${n}.png`)
    } finally {
      ending.abort(new Error('nobody takes any more frames'))
      await running.catch(() => undefined)
    }
  }

  /** @param width of a frame. */
  async function sheet(
    folder: string,
    { timesMs, columns }: Extract<Choice, { kind: 'sheet' }>,
    width: number,
    signal: AbortSignal,
  ): Promise<string> {
    const rows = Math.ceil(timesMs.length / columns)
    const path = join(folder, 'sheet.png')
    const times = strips(timeLabels(timesMs), width)
    for (const [n, file] of times.files.entries()) await writeFile(join(folder, `${n}.pgm`), file)
    const numbered = (ending: string) => {
      const pattern = `file:${join(folder.replaceAll('%', '%%'), `%d.${ending}`)}`
      return ['-protocol_whitelist', 'file', '-f', 'image2', '-start_number', '0', '-framerate', '1', '-i', pattern]
    }
    const under = `[0:v]pad=${times.width}:ih:(ow-iw)/2:0:white[frame];[frame][1:v]vstack`
    const tile = `tile=${columns}x${rows}:padding=${gap}:margin=${gap}:color=white`
    const output = ['-frames:v', '1', ...asPng, '-f', 'image2', '-update', '1', `file:${path}`]
    const args = [...numbered('png'), ...numbered('pgm'), '-filter_complex', `${under},${tile}`, ...output]
    await ffmpeg.convert({ args, stdin: null, paths: [folder], progress: () => {} }, signal)
    return path
  }

  /** Each PNG becomes a result, in their order, and is removed. */
  async function become(
    order: ProviderOrder,
    pngs: AsyncIterable<string>,
    count: number | null,
    report: Reporter,
    signal: AbortSignal,
  ): Promise<readonly Part[]> {
    const parts: Part[] = []
    const writing = new Set<Promise<void>>()
    const ending = new AbortController()
    const both = AbortSignal.any([signal, ending.signal])
    let done = 0
    let begun = 0
    const one = async (png: string, n: number): Promise<void> => {
      const [part] = await images.convert(asPicture(order, png, (await stat(png)).size, n), () => {}, both)
      if (part !== undefined) parts[n] = part
      await rm(png, { force: true })
      done += 1
      report({ stage: 'converting', done: count === null ? null : Math.min(1, done / count) })
    }
    try {
      for await (const png of pngs) {
        const n = begun
        begun += 1
        const work = one(png, n).finally(() => writing.delete(work))
        work.catch(() => undefined)
        writing.add(work)
        if (writing.size >= maxConcurrency) await Promise.race(writing)
      }
      await Promise.all(writing)
      return parts
    } catch (error) {
      ending.abort(error)
      await Promise.allSettled(writing)
      await Promise.all(Array.from({ length: begun }, async (_, n) => await rm(order.temp(n), { force: true })))
      throw error
    }
  }

  return {
    version: async () => null,
    takes: (order) => (order.options.frames === 'animation' ? takesAnimation(order) : order.options.fps === undefined),
    convert,
    stop: async () => {},
  }
}

/** Pixels between the frames of a sheet. */
const gap = 8
const widthInSheet = 480

function sizeInSheet({ stream: { width, height, sampleAspect: [wide, high] = [1, 1] } }: ShownStream) {
  const shown = { width: ((width ?? 16) * wide) / high, height: height ?? 9 }
  // A video that stands upright is no taller there than others are wide.
  const scale = Math.min(1, widthInSheet / Math.max(shown.width, shown.height))
  return { width: Math.max(1, Math.round(shown.width * scale)), height: Math.max(1, Math.round(shown.height * scale)) }
}

function countOf(choice: Choice): number | null {
  if (choice.kind === 'row') return choice.count
  return choice.kind === 'sheet' ? 1 : choice.timesMs.length
}

/** The part of the order that is about one picture. */
function asPicture(order: ProviderOrder, path: string, bytes: number, n: number): ProviderOrder {
  const { frames: _frames, frameAt: _at, frameInterval: _every, trimStart: _start, trimEnd: _end, ...options } = order.options
  const image = { width: 0, height: 0, pages: 1, isAnimated: false }
  return {
    ...order,
    source: { kind: 'file', path, bytes, mtimeMs: 0 },
    from: 'png',
    facts: { ...emptyFacts('png', bytes), image },
    options,
    temp: () => order.temp(n),
  }
}
