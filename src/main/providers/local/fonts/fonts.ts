/** Fonts on this machine: packed anew for the web and back, without a change of what they hold. Apart from the work itself, which runs elsewhere. */
import { stat } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import { emptyFacts } from '../../../../shared/media.ts'
import { createTasks } from '../children/tasks.ts'
import type { LocalEngine, EngineContext, Inspector } from '../engine.ts'
import { single } from '../result.ts'
import type { FontFormat } from './tasks.ts'

const limitMs = 60_000

export function createFonts({ pool, width }: EngineContext): { readonly engine: LocalEngine; readonly inspector: Inspector } {
  const mib = 2 ** 20
  const limits = { tool: 'fontverter', heapMb: 256, maxBytes: 1024 * mib, grownBytes: 400 * mib }
  const tasks = createTasks('fonts', limits, { ...pool, width: () => width('document') })
  return {
    engine: {
      version: async () => 'fontverter 2.0.0',
      convert: async ({ source, target, temp }, _report, signal) => {
        if (source.kind !== 'file') throw new JobError('source-not-local')
        const { path } = source
        return await single(temp(0), target, async (output) => {
          await tasks.run('convert', { path, target: target as FontFormat, output }, { signal, limitMs })
        })
      },
      stop: tasks.stop,
    },
    inspector: {
      formats: ['ttf', 'otf', 'woff', 'woff2'],
      inspect: async (path, _format, signal) => {
        const { format, facts } = await tasks.run('inspect', { path }, { signal, limitMs })
        return { ...emptyFacts(format, (await stat(path)).size), document: facts }
      },
    },
  }
}
