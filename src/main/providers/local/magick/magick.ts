/**
 * Pictures of the formats that libvips does not know: read and written by ImageMagick in processes of their own. What libvips does better is left
 * to it, sizes, colours and what a photo says of itself above all; a picture goes between the two as a PNG.
 */
import { rm, stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { JobError } from '../../../../shared/failure.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import type { Part } from '../../../../shared/job.ts'
import type { Remark } from '../../../../shared/notes.ts'
import { emptyFacts } from '../../../../shared/media.ts'
import type { Options } from '../../../../shared/options.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import { createTasks } from '../children/tasks.ts'
import type { LocalEngine, EngineContext, Inspector } from '../engine.ts'
import type { Images } from '../images/images.ts'
import { isImageTarget } from '../images/pairings.ts'
import { icnsSizes } from './icns.ts'
import type { RawMode } from './raw.ts'
import {
  isMagickSource,
  isMagickTarget,
  magickSources,
  sizesUnlessAsked,
  type MagickSource,
  type MagickTarget,
} from './pairings.ts'

const mib = 2 ** 20
const limits = {
  tool: 'ImageMagick',
  heapMb: 512, // What it takes to develop sixty million pixels.
  maxBytes: 2304 * mib,
  grownBytes: 600 * mib,
}
const limitMs = { inspect: 60_000, convert: 600_000, draw: 30_000 } as const

/** A PNG of a picture that libvips does not read, upright. @throws JobError */
export type Draw = (
  path: string,
  wanted: { readonly format: MagickSource; readonly use: 'view' | 'thumbnail' },
  signal: AbortSignal,
) => Promise<Uint8Array>

/** The engine has none of its own: what stands between the steps has these, far from those of results. */
const firstStep = 10_000

export function createMagick(
  { pool, width }: EngineContext,
  images: Pick<Images, 'convert'>,
): { readonly engine: LocalEngine; readonly inspector: Inspector; readonly draw: Draw } {
  const tasks = createTasks('magick', limits, { ...pool, width: () => Math.max(1, Math.min(2, width('image'))) })

  // Nobody's conversion waits for what is only looked at.
  const previews = createTasks('magick', limits, { ...pool, priority: constants.priority.PRIORITY_LOW, width: () => 1 })

  async function convert(order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<readonly Part[]> {
    if (order.source.kind !== 'file') throw new JobError('source-not-local')
    const { from, target } = order
    const steps: string[] = []
    try {
      const { seen, said } = isMagickSource(from)
        ? await asPng(order, order.source.path, from, steps, signal)
        : { seen: order, said: [] }
      if (!isImageTarget(target) && !isMagickTarget(target)) throw new JobError('pair-unsupported', { from, target })
      const parts = isImageTarget(target)
        ? await images.convert(seen, report, signal)
        : await written(seen, target, steps, report, signal)
      return said.length === 0 ? parts : parts.map((part) => ({ ...part, said: [...said] }))
    } finally {
      await Promise.all(steps.map(async (step) => await rm(step, { force: true })))
    }
  }

  /** The same order for a picture that libvips reads, and what is to be said of it. */
  async function asPng(
    order: ProviderOrder,
    path: string,
    format: MagickSource,
    steps: string[],
    signal: AbortSignal,
  ): Promise<{ readonly seen: ProviderOrder; readonly said: readonly Remark[] }> {
    const output = order.temp(firstStep)
    steps.push(output)
    const said: Remark[] = []
    if (format === 'raw') said.push({ code: await developed(path, order.options.raw, output, signal) })
    else await tasks.run('decode', { path, format, output }, { signal, limitMs: limitMs.convert })
    const { size: bytes } = await stat(output)
    const seen = { ...order, source: { kind: 'file', path: output, bytes, mtimeMs: 0 }, from: 'png', facts: null } as const
    return { seen, said }
  }

  /** Unless one of the two is asked for, a preview serves where LibRaw, which knows many cameras and not all, does not get to an end. */
  async function developed(
    path: string,
    asked: Options['raw'],
    output: string,
    signal: AbortSignal,
  ): Promise<'raw-developed' | 'raw-preview'> {
    const make = async (mode: RawMode) => {
      await tasks.run('develop', { path, mode, output }, { signal, limitMs: limitMs.convert })
    }
    try {
      await make(asked ?? 'develop')
      return asked === 'preview' ? 'raw-preview' : 'raw-developed'
    } catch (error) {
      if (asked !== undefined || signal.aborted || !(error instanceof JobError)) throw error
      await rm(output, { force: true })
      await make('preview').catch(() => {
        signal.throwIfAborted()
        throw error
      })
      return 'raw-preview'
    }
  }

  async function written(
    order: ProviderOrder,
    target: MagickTarget,
    steps: string[],
    report: Reporter,
    signal: AbortSignal,
  ): Promise<readonly Part[]> {
    const { options } = order
    const sizes = target === 'ico' || target === 'icns' ? iconSizes(target, options) : null
    const pages = await images.convert(
      { ...order, target: 'png', options: drawing(target, options), temp: (n) => order.temp(firstStep + 1 + n) },
      () => {},
      signal,
    )
    steps.push(...pages.map(({ temp }) => temp))
    const parts: Part[] = []
    try {
      for (const { temp: path } of pages) {
        const output = order.temp(parts.length)
        const { imageQuality: quality, lossless: isLossless, background } = options
        const input = { path, target, output, quality, isLossless, background, ...sizes }
        await tasks.run('encode', input, { signal, limitMs: limitMs.convert })
        const { size: bytes } = await stat(output)
        parts.push({ temp: output, name: null, format: target, bytes, ...(overstates.has(target) && { bitDepth: 8 }) })
        report({ stage: 'converting', done: parts.length / pages.length })
      }
      return parts
    } catch (error) {
      await Promise.all(pages.map(async (_, n) => await rm(order.temp(n), { force: true })))
      throw error
    }
  }

  return {
    engine: { version: async () => 'ImageMagick 7.1.2', convert, stop: async () => await stopped([tasks, previews]) },
    inspector: {
      formats: magickSources,
      inspect: async (path, format, signal) => {
        if (!isMagickSource(format)) throw new JobError('source-unknown', { path })
        const { size } = await stat(path)
        const facts = await tasks.run('inspect', { path, format }, { signal, limitMs: limitMs.inspect })
        return { ...emptyFacts(format, size), ...facts }
      },
    },
    draw: async (path, { format, use }, signal) =>
      await previews.run('draw', { path, format, ...drawings[use] }, { signal, limitMs: limitMs.draw }),
  }
}

/** How a picture is drawn for somebody who compares it, or sees it as one of many. A camera's own preview is there at once. */
const drawings = {
  view: { maxPixels: 24_000_000, raw: ['develop', 'preview'] },
  thumbnail: { maxPixels: 1_000_000, raw: ['preview', 'develop'] },
} as const

async function stopped(all: readonly { stop(): Promise<void> }[]): Promise<void> {
  await Promise.all(all.map(async (one) => await one.stop()))
}

/** Formats with a place for colour profiles and for what a photo says; of the others the colours have to be the usual ones. */
const holdsWords: ReadonlySet<FormatId> = new Set<MagickTarget>(['jxl', 'psd'])

/** Formats whose headers know only finer samples than the eight bits that come here. */
const overstates: ReadonlySet<FormatId> = new Set<MagickTarget>(['exr', 'hdr'])

/** What libvips does before ImageMagick writes. */
function drawing(target: MagickTarget, { width, height, fit, preserveMetadata, preserveLocation }: Options): Options {
  return {
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(fit !== undefined && { fit }),
    preserveMetadata: holdsWords.has(target) && preserveMetadata !== false,
    ...(preserveLocation !== undefined && { preserveLocation }),
  }
}

const largestIcon = 256

/** @throws JobError `option-invalid` */
function iconSizes(
  target: 'ico' | 'icns',
  { iconSizes: asked }: Options,
): { readonly sizes: readonly number[]; readonly mayEnlarge: boolean } {
  const sizes = [...new Set((asked ?? sizesUnlessAsked[target]).split(',').map(Number))].toSorted((one, other) => one - other)
  const isHeld = (size: number) =>
    target === 'icns' ? icnsSizes.includes(size) : Number.isInteger(size) && size >= 1 && size <= largestIcon
  if (!sizes.every(isHeld)) {
    const allowed = target === 'icns' ? icnsSizes.join(', ') : `1 to ${largestIcon}, joined by commas`
    throw new JobError('option-invalid', { option: 'iconSizes', value: asked ?? '', allowed })
  }
  return { sizes, mayEnlarge: asked !== undefined }
}
