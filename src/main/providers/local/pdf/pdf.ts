/** PDF files on this machine: what main process and children share of the work, which is all done by the latter. */
import { rm, stat } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import type { Part } from '../../../../shared/job.ts'
import { pagesIn } from '../../../../shared/options.ts'
import { createTasks } from '../children/tasks.ts'
import type { Engine, EngineContext, Inspector } from '../engine.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import type { PageSource } from '../images/images.ts'
import { isImageTarget } from '../images/pairings.ts'
import { maxPages, type Opening } from './page.ts'

const mib = 2 ** 20
const limits = { tool: 'PDFium', heapMb: 512, maxBytes: 4096 * mib, grownBytes: 900 * mib }
const openMs = 60_000
/** Reading and drawing have a limit of their own a page; what is left is the encoder's. */
const encodeMs = 900_000
const maxMs = 24 * 3_600_000

export interface Pdf {
  readonly engine: Engine
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
    return await whole(
      pages.map(({ output }) => output),
      target,
      async () => {
        const asking = {
          signal,
          limitMs: Math.min(maxMs, pages.length * encodeMs),
          progress: (done: number) => report({ stage: 'converting', done }),
        }
        await tasks.run('draw', { ...opening, target, options, pages }, asking)
      },
    )
  }

  return {
    engine: {
      version: async () => 'PDFium',
      convert: drawn,
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
async function whole(outputs: readonly string[], format: Part['format'], make: () => Promise<void>): Promise<readonly Part[]> {
  try {
    await make()
    return await Promise.all(outputs.map(async (temp) => ({ temp, name: null, format, bytes: (await stat(temp)).size })))
  } catch (error) {
    await Promise.all(outputs.map(async (output) => rm(output, { force: true })))
    throw error
  }
}
