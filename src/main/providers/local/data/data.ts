/** Data and tables on this machine: by readers and writers that keep every value as it is. Workbooks are read by SheetJS. */
import { rm, stat } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import type { Part } from '../../../../shared/job.ts'
import { emptyFacts } from '../../../../shared/media.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import { createTasks } from '../children/tasks.ts'
import type { LocalEngine, EngineContext, Inspector } from '../engine.ts'
import { single } from '../result.ts'
import { dataFormats, type DataFormat, type TableFormat, type TreeFormat } from './pairings.ts'

/** What starts and ends, and what a slow machine needs for a megabyte, ms. */
const limitOf = (bytes: number): number => 60_000 + (bytes / 2 ** 20) * 4000
/** More sheets than this nobody wants as files. */
const maxSheets = 512

export interface DataEngines {
  readonly data: LocalEngine
  /** Of workbooks. */
  readonly sheets: LocalEngine
  readonly inspector: Inspector
}

export function createData({ pool, width }: EngineContext): DataEngines {
  const mib = 2 ** 20
  const limits = { tool: 'data', heapMb: 1400, maxBytes: 2048 * mib, grownBytes: 600 * mib }
  const tasks = createTasks('data', limits, { ...pool, width: () => width('document') })

  async function asked({ source }: ProviderOrder, report: Reporter, signal: AbortSignal) {
    if (source.kind !== 'file') throw new JobError('source-not-local')
    const { size } = await stat(source.path)
    const progress = (done: number): void => report({ stage: 'processing', done })
    return { path: source.path, asking: { signal, limitMs: limitOf(size), progress } }
  }

  return {
    data: {
      version: async () => 'Beside',
      convert: async (order, report, signal) => {
        const { path, asking } = await asked(order, report, signal)
        const { options } = order
        const [from, target] = [order.from as DataFormat, order.target as DataFormat | 'xlsx']
        return await single(order.temp(0), order.target, async (output) => {
          return await tasks.run('convert', { path, from, target, options, output }, asking)
        })
      },
      stop: tasks.stop,
    },
    sheets: {
      version: async () => 'SheetJS 0.20.3',
      convert: async (order, report, signal) => {
        const { path, asking } = await asked(order, report, signal)
        const { target, options, temp } = order
        const outputs = Array.from({ length: maxSheets }, (_, n) => temp(n))
        try {
          const sheets = await tasks.run('sheets', { path, target: target as TableFormat | TreeFormat, options, outputs }, asking)
          return await Promise.all(
            sheets.map(async ({ output, name, formulas }) => ({
              ...(await partOf(output, name, target)),
              ...(formulas > 0 && { said: [{ code: 'formulas-as-values', count: formulas } as const] }),
            })),
          )
        } catch (error) {
          await Promise.all(outputs.map(async (output) => await rm(output, { force: true })))
          throw error
        }
      },
      stop: tasks.stop,
    },
    inspector: {
      formats: dataFormats,
      inspect: async (path, format, signal) => {
        const { size } = await stat(path)
        const asking = { signal, limitMs: limitOf(size) }
        const document = await tasks.run('inspect', { path, format: format as DataFormat }, asking)
        return { ...emptyFacts(format, size), document }
      },
    },
  }
}

async function partOf(temp: string, name: string | null, format: FormatId): Promise<Part> {
  return { temp, name, format, bytes: (await stat(temp)).size }
}
