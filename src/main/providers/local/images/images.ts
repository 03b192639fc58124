/** Pictures on this machine: what can become what, looked at and converted in worker processes. */
import { rm, stat, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { JobError } from '../../../../shared/failure.ts'
import { factsOf, type FormatId } from '../../../../shared/formats.ts'
import type { Part } from '../../../../shared/job.ts'
import type { MediaFacts } from '../../../../shared/media.ts'
import type { Clock, Log } from '../../../engine/ports.ts'
import { holdsSensor } from '../reading/camera-raw.ts'
import type { Pairing, ProviderOrder, Reporter } from '../../provider.ts'
import type { ViewRequest } from '../../../../shared/views.ts'
import {
  tool,
  type ConvertCall,
  type ImageCall,
  type ImageResults,
  type InspectCall,
  type Inspection,
  type PictureView,
  type ViewCall,
} from './call.ts'
import { contentOf, type Content } from './content.ts'
import { imagePairings, isImageTarget } from './pairings.ts'
import { reserve } from './reserve.ts'
import { createPool, type PoolOptions, type PoolWork } from '../children/pool.ts'
import type { Sequences } from './sequences.ts'
import { renderScale, type PixelSize } from './size.ts'

export interface Images {
  readonly pairings: readonly Pairing[]
  /** One part a page of a TIFF that does not become a TIFF. */
  convert(order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<readonly Part[]>
  /** `format` is what the name says; the answer says what the contents are. */
  inspect(path: string, format: FormatId, signal: AbortSignal): Promise<MediaFacts>
  /** As a WebP; null where that is no picture by its content. */
  thumbnail(path: string, pixels: number, signal: AbortSignal): Promise<Uint8Array | null>
  /** A part of a picture as it is; null where that is no picture by its content. */
  view(path: string, wanted: Omit<ViewRequest, 'file'>, signal: AbortSignal): Promise<PictureView | null>
  /** The same of a frame that has been drawn, as a PNG. */
  viewOf(png: Uint8Array, wanted: Pick<ViewRequest, 'region' | 'room'>, signal: AbortSignal): Promise<PictureView>
  /** All frames of a picture that moves, as an animated PNG, in the colours of an ordinary screen. */
  unroll(path: string, output: string, signal: AbortSignal): Promise<void>
  /** The small picture of one that has been drawn, as a PNG. */
  thumbnailOf(png: Uint8Array, pixels: number, signal: AbortSignal): Promise<Uint8Array>
  /** Ends the worker processes; nothing runs afterwards. */
  stop(): Promise<void>
}

/** Draws pages of a PDF for somebody who looks at them. */
export interface PageSource {
  /** Pixels at the usual density of every page, as shown. */
  pages(path: string, signal: AbortSignal): Promise<readonly PixelSize[]>
  /** A page, from 0, as a PNG of this size. */
  page(path: string, page: number, size: PixelSize, signal: AbortSignal): Promise<Uint8Array>
}

export interface ImageOptions {
  /** How many worker processes there may be; it may change. */
  readonly width: () => number
  readonly pages: PageSource
  readonly sequences: Sequences
  readonly log: Log
  readonly clock: Clock
}

export function createImages({ pages, sequences, ...poolOptions }: ImageOptions): Images {
  const pool = createPictures({ ...poolOptions, priority: constants.priority.PRIORITY_BELOW_NORMAL })
  // Conversions and what is only looked at never wait for each other, and the latter takes what the former leave.
  const previewPool = createPictures({ ...poolOptions, width: () => 1, priority: constants.priority.PRIORITY_LOW })

  // Both sides of a comparison at once, and not behind the small pictures of a list.
  const viewPool = createPictures({ ...poolOptions, width: () => 2, priority: constants.priority.PRIORITY_BELOW_NORMAL })

  async function look(path: string, { format, bytes }: Known, signal: AbortSignal): Promise<Inspection> {
    const call: InspectCall = { kind: 'inspect', path, format, bytes }
    return await pool.run(call, signal)
  }

  async function firstPage(path: string, pixels: number, signal: AbortSignal): Promise<Uint8Array> {
    const [size = { width: 1, height: 1 }] = await pages.pages(path, signal)
    return await pages.page(path, 0, enlarged(size, renderScale(size, { width: pixels, height: pixels })), signal)
  }

  async function thumbnailSource(path: string, { format, bytes }: Known, pixels: number, signal: AbortSignal) {
    if (format === 'pdf') return { source: await firstPage(path, pixels, signal), from: format }
    if (format !== 'avif' && format !== 'heic') return { source: path, from: format }
    const { facts } = await previewPool.run({ kind: 'inspect', path, format, bytes }, signal)
    const isSequenceAlone = facts.image?.metadata === undefined
    if (!isSequenceAlone) return { source: path, from: format }
    return { source: await sequences.frames(path, 'first', signal), from: 'png' as const }
  }

  async function viewSource(
    path: string,
    { format, bytes }: Known,
    { region, room, page, atMs }: Omit<ViewRequest, 'file'>,
    signal: AbortSignal,
  ): Promise<Pick<ViewCall, 'source' | 'from' | 'page'>> {
    if (format === 'pdf') {
      const sizes = await pages.pages(path, signal)
      const at = Math.min(page, sizes.length - 1)
      const size = sizes[at] ?? { width: 1, height: 1 }
      const scale = Math.min(
        sharpestPage,
        renderScale({ width: size.width * region.width, height: size.height * region.height }, room),
      )
      return { source: await pages.page(path, at, enlarged(size, scale), signal), from: 'png', page: 0 }
    }
    if (format !== 'tiff' && !mayMove.has(format)) return { source: path, from: format, page: 0 }
    const { facts, sheets } = await viewPool.run({ kind: 'inspect', path, format, bytes }, signal)
    if (format === 'tiff') return { source: path, from: format, page: sheets[page] ?? 0 }
    const { isAnimated = false, delaysMs = [], metadata } = facts.image ?? {}
    if (format !== 'avif' && format !== 'heic')
      return { source: path, from: format, page: isAnimated ? frameOf(delaysMs, atMs) : 0 }
    if (metadata !== undefined) return { source: path, from: format, page: 0 }
    return { source: await sequences.frames(path, 'first', signal), from: 'png', page: 0 }
  }

  /** What each result is made of, in order; asked for one after the other. */
  async function* sourcesOf(path: string, content: Known, order: ProviderOrder, signal: AbortSignal): AsyncGenerator<Step> {
    if (mayMove.has(content.format)) return yield await movingSource(path, content, order, signal)
    if (content.format !== 'tiff' || order.facts?.image?.pages === 1) return yield { source: path, page: 0, of: 1 }
    const { sheets, isUniform } = await look(path, content, signal)
    if (order.target === 'tiff' && isUniform) return yield { source: path, page: 'all', of: 1 }
    for (const page of sheets) yield { source: path, page, of: sheets.length }
  }

  /** All frames where the target holds them, else the first; of a HEIF sequence that has a main picture besides, that. */
  async function movingSource(
    path: string,
    content: Known,
    { facts, target }: ProviderOrder,
    signal: AbortSignal,
  ): Promise<Step> {
    const { facts: seen } = facts?.image?.isAnimated === undefined ? await look(path, content, signal) : { facts }
    const isAnimated = seen.image?.isAnimated === true
    const isKept =
      isAnimated &&
      (target === 'gif' || target === 'webp' || (target === 'png' && content.format !== 'gif' && content.format !== 'webp'))
    if (content.format !== 'avif' && content.format !== 'heic') return { source: path, page: isKept ? 'all' : 0, of: 1 }
    if (!isKept && seen.image?.metadata !== undefined) return { source: path, page: 0, of: 1 }
    const frames = await sequences.frames(path, isKept ? 'all' : 'first', signal)
    return {
      source: frames,
      from: 'png',
      page: isKept ? 'all' : 0,
      of: 1,
      ...(seen.image?.metadata !== undefined && { describedBy: path }),
    }
  }

  return {
    pairings: imagePairings,
    inspect: async (path, _format, signal) => {
      const content = known(path, await contentOf(path))
      return (await look(path, content, signal)).facts
    },
    thumbnail: async (path, pixels, signal) => {
      const { format, bytes } = await contentOf(path)
      if (format === null) return null
      if (format === 'tiff' && holdsSensor(path)) return null
      const step = await thumbnailSource(path, { format, bytes }, pixels, signal)
      return await previewPool.run({ kind: 'thumbnail', ...step, pixels }, signal)
    },
    view: async (path, { region, room, page, atMs }, signal) => {
      const { format, bytes } = await contentOf(path)
      if (format === null) return null
      if (format === 'tiff' && holdsSensor(path)) return null
      const step = await viewSource(path, { format, bytes }, { region, room, page, atMs }, signal)
      return await viewPool.run({ kind: 'view', ...step, region, room }, signal)
    },
    viewOf: async (png, wanted, signal) =>
      await viewPool.run({ kind: 'view', source: png, from: 'png', page: 0, ...wanted }, signal),
    thumbnailOf: async (png, pixels, signal) =>
      await previewPool.run({ kind: 'thumbnail', source: png, from: 'png', pixels }, signal),
    convert: async (order, report, signal) => {
      if (order.source.kind !== 'file') throw new JobError('source-not-local')
      const { target, options } = order
      if (!isImageTarget(target)) throw new JobError('pair-unsupported', { from: order.from, target })
      const { path } = order.source
      const content = known(path, await contentOf(path))
      // Its small picture in front would be taken for the photo.
      if (content.format === 'tiff' && holdsSensor(path))
        throw new JobError('source-unknown', { path, because: 'not-what-it-says', expected: factsOf('tiff').title })
      const parts: Part[] = []
      const begun: string[] = []
      try {
        for await (const { of, ...step } of sourcesOf(path, content, order, signal)) {
          const output = order.temp(parts.length)
          await reserve(output)
          begun.push(output)
          const call: ConvertCall = { kind: 'convert', from: content.format, ...step, target, options, output }
          const matched = await pool.run(call, signal)
          const { size: bytes } = await stat(output)
          parts.push({ temp: output, name: null, format: target, bytes, ...(matched !== null && { matched }) })
          report({ stage: 'converting', done: parts.length / of })
          if (order.isTrial === true) break
        }
        return parts
      } catch (error) {
        await Promise.all(begun.map(async (output) => rm(output, { force: true })))
        throw error
      }
    },
    unroll: async (path, output, signal) => {
      const { format } = known(path, await contentOf(path))
      await reserve(output)
      if (format === 'avif' || format === 'heic') return await writeFile(output, await sequences.frames(path, 'all', signal))
      const options = { preserveMetadata: false }
      await pool.run({ kind: 'convert', source: path, from: format, page: 'all', target: 'png', options, output }, signal)
    },
    stop: async () => {
      await Promise.all([pool.stop(), previewPool.stop(), viewPool.stop()])
    },
  }
}

const limitMs = { inspect: 60_000, convert: 900_000, thumbnail: 30_000, view: 30_000 } as const
/** Of a picture that is encoded again and again. */
const matchMs = 4 * limitMs.convert

const pictureWork: PoolWork<ImageCall> = {
  // Written just so: the build looks for it, makes the worker a file of its own and puts that one's name here.
  file: fileURLToPath(new URL('./image-worker.ts', import.meta.url)),
  tool,
  heapMb: 512,
  limitMs: (call) => (call.kind === 'convert' && call.options.matchQuality !== undefined ? matchMs : limitMs[call.kind]),
  maxBytes: 4 * 2 ** 30,
  grownBytes: 600 * 2 ** 20,
  // A look takes a thousandth of what a conversion does.
  goesFirst: ({ kind }) => kind === 'inspect',
}

interface Pictures {
  run<C extends ImageCall>(call: C, signal: AbortSignal): Promise<ImageResults[C['kind']]>
  stop(): Promise<void>
}

function createPictures(options: PoolOptions): Pictures {
  const pool = createPool<ImageCall, ImageResults[ImageCall['kind']]>(pictureWork, options)
  return {
    run: async <C extends ImageCall>(call: C, signal: AbortSignal) => (await pool.run(call, signal)) as ImageResults[C['kind']],
    stop: pool.stop,
  }
}

/** Whose pictures may follow each other in time. */
const mayMove: ReadonlySet<Known['format']> = new Set(['gif', 'webp', 'png', 'avif', 'heic'])

function enlarged({ width, height }: PixelSize, scale: number): PixelSize {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** So many pixels of a page for each that it has at its usual density. */
const sharpestPage = 2

/** Which frame is shown at an instant; after the end the last one. */
function frameOf(delaysMs: readonly number[], atMs: number): number {
  let endMs = 0
  const found = delaysMs.findIndex((delayMs) => (endMs += delayMs) > atMs)
  return found < 0 ? Math.max(0, delaysMs.length - 1) : found
}

interface Known extends Content {
  readonly format: NonNullable<Content['format']>
}

interface Step extends Pick<ConvertCall, 'source' | 'page' | 'describedBy'>, Partial<Pick<ConvertCall, 'from'>> {
  /** How many results there will be. */
  readonly of: number
}

function known(path: string, { format, bytes }: Content): Known {
  if (format === null || format === 'pdf') throw new JobError('source-unknown', { path, because: 'not-an-image' })
  return { format, bytes }
}
