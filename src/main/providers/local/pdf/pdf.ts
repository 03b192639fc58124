/** PDF files on this machine: what main process and children share of the work, which is all done by the latter. */
import { rm, stat } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import { formats, type FormatId } from '../../../../shared/formats.ts'
import type { Part } from '../../../../shared/job.ts'
import type { Matched, Remark } from '../../../../shared/notes.ts'
import { pagesIn } from '../../../../shared/options.ts'
import { createTasks } from '../children/tasks.ts'
import type { LocalEngine, EngineContext, Inspector } from '../engine.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import { contentOf } from '../images/content.ts'
import type { PageSource } from '../images/images.ts'
import { isImageTarget } from '../images/pairings.ts'
import { maxPages, type Opening } from './page.ts'

const mib = 2 ** 20
const limits = { tool: 'PDFium', heapMb: 512, maxBytes: 4096 * mib, grownBytes: 900 * mib }
const openMs = 60_000
/** Reading and drawing have a limit of their own a page; what is left is for encoders and for putting together. */
const workMs = 6 * 3_600_000

export interface Pdf {
  readonly engine: LocalEngine
  readonly inspector: Inspector
  /** For whoever looks at a page. */
  readonly pages: PageSource
}

export function createPdf({ pool, width }: EngineContext): Pdf {
  const tasks = createTasks('pdf', limits, { ...pool, width: () => Math.max(width('document'), width('image')) })
  // What is only looked at does not wait for conversions.
  const looks = createTasks('pdf', limits, { ...pool, width: () => 1 })

  async function drawn(order: ProviderOrder, report: Reporter, signal: AbortSignal): Promise<readonly Part[]> {
    const { target, options } = order
    if (!isImageTarget(target)) throw new JobError('pair-unsupported', { from: order.from, target })
    const opening = openingOf(order)
    const { length } = await tasks.run('pages', opening, { signal, limitMs: openMs })
    const asked = chosen(options.pages, length).slice(0, order.isTrial === true ? 1 : maxPages)
    const pages = asked.map((page, n) => ({ page, output: order.temp(n) }))
    let matched: readonly (Matched | null)[] = []
    const parts = await whole(
      pages.map(({ output }) => output),
      target,
      async () => {
        matched = await tasks.run('draw', { ...opening, target, options, pages }, asking(report, signal))
        return []
      },
    )
    return parts.map((part, n) => ({ ...part, ...(matched[n] && { matched: matched[n] }) }))
  }

  async function readAs(order: ProviderOrder, target: 'text' | 'html', report: Reporter, signal: AbortSignal) {
    const opening = openingOf(order)
    const { length } = await tasks.run('pages', opening, { signal, limitMs: openMs })
    const pages = chosen(order.options.pages, length).slice(0, maxPages)
    const output = order.temp(0)
    return await whole([output], target, async () => {
      await tasks.run('read', { ...opening, pages, target, output }, asking(report, signal))
      return target === 'html' ? [{ code: 'text-alone' }] : []
    })
  }

  async function assembled(order: ProviderOrder, report: Reporter, signal: AbortSignal) {
    const output = order.temp(0)
    const sources = await Promise.all(
      (order.sources ?? [order.source]).map(async (source) => {
        if (source.kind !== 'file') throw new JobError('source-not-local')
        const { format } = await contentOf(source.path)
        if (format === null) throw new JobError('source-unsupported', { path: source.path, because: 'not-an-image' })
        return { path: source.path, format, isPdf: format === 'pdf' }
      }),
    )
    return await whole([output], 'pdf', async () => {
      await tasks.run('assemble', { sources, options: order.options, output }, asking(report, signal))
      return sources.some(({ format }) => format === 'svg') ? [{ code: 'drawing-as-pixels' }] : []
    })
  }

  async function rearranged(order: ProviderOrder, report: Reporter, signal: AbortSignal) {
    const { options } = order
    for (const option of ['paper', 'orientation', 'margin', 'dpi'] as const)
      if (options[option] !== undefined)
        throw new JobError('option-unsupported', { option, from: formats.pdf.title, target: formats.pdf.title })
    const opening = openingOf(order)
    const { length: count } = await tasks.run('pages', opening, { signal, limitMs: openMs })
    const pages = options.pages === undefined ? null : chosen(options.pages, count)
    const { length } = pages ?? { length: count }
    const outputs = Array.from({ length: Math.ceil(length / (options.pagesPerFile ?? length)) }, (_, n) => order.temp(n))
    return await whole(outputs, 'pdf', async () => {
      return await tasks.run('rearrange', { ...opening, options, pages, count, outputs }, asking(report, signal))
    })
  }

  return {
    engine: {
      version: async () => 'PDFium, qpdf 12.2',
      // Alone it can keep its lines; here it becomes a picture of them.
      suits: ({ from, sources }) => from !== 'svg' || sources !== undefined,
      convert: async (order, report, signal) => {
        const { from, target, sources } = order
        if (isText(target)) return await readAs(order, target, report, signal)
        if (target !== 'pdf') return await drawn(order, report, signal)
        return await (from === 'pdf' && sources === undefined ? rearranged : assembled)(order, report, signal)
      },
      stop: async () => {
        await Promise.all([tasks.stop(), looks.stop()])
      },
    },
    inspector: {
      formats: ['pdf'],
      inspect: async (path, _format, signal) =>
        await looks.run('inspect', { path, password: undefined }, { signal, limitMs: openMs }),
    },
    pages: {
      pages: async (path, signal) => await looks.run('pages', { path, password: undefined }, { signal, limitMs: openMs }),
      page: async (path, page, size, signal) =>
        await looks.run('look', { path, password: undefined, page, size }, { signal, limitMs: openMs }),
    },
  }
}

function isText(format: FormatId): format is 'text' | 'html' {
  return format === 'text' || format === 'html'
}

function asking(report: Reporter, signal: AbortSignal) {
  return { signal, limitMs: workMs, progress: (done: number) => report({ stage: 'converting', done }) }
}

function openingOf({ source, options }: Pick<ProviderOrder, 'source' | 'options'>): Opening {
  if (source.kind !== 'file') throw new JobError('source-not-local')
  return { path: source.path, password: options.password }
}

/** From 0, in the order asked for. @throws JobError where one that is asked for is not there. */
function chosen(ranges: string | undefined, count: number): readonly number[] {
  const isBeyond = (part: string) => Number(/^\d+/.exec(part)?.[0] ?? 1) > count
  if (ranges?.split(',').some(isBeyond) === true)
    throw new JobError('option-invalid', { option: 'pages', value: ranges, allowed: count === 1 ? '1' : `1-${count}` })
  return pagesIn(ranges, count)
}

/** All of them, or none. */
async function whole(
  outputs: readonly string[],
  format: Part['format'],
  make: () => Promise<readonly Remark[]>,
): Promise<readonly Part[]> {
  try {
    const said = [...(await make())]
    return await Promise.all(
      outputs.map(async (temp, n) => ({
        temp,
        name: null,
        format,
        bytes: (await stat(temp)).size,
        ...(n === 0 && said.length > 0 && { said }),
      })),
    )
  } catch (error) {
    await Promise.all(outputs.map(async (output) => rm(output, { force: true })))
    throw error
  }
}
