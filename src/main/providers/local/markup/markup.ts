/** Markdown, HTML, plain text and notebooks on this machine, and Word as one of these. Apart, as the others that
 * bring an engine. */
import { stat } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import { emptyFacts } from '../../../../shared/media.ts'
import { createTasks } from '../children/tasks.ts'
import type { LocalEngine, EngineContext, Inspector } from '../engine.ts'
import { single } from '../result.ts'
import type { MarkupSource, MarkupTarget } from './pairings.ts'

const limitOf = (bytes: number): number => 60_000 + (bytes / 2 ** 20) * 8000

export function createMarkup({ pool, width }: EngineContext): { readonly engine: LocalEngine; readonly inspector: Inspector } {
  const mib = 2 ** 20
  const limits = { tool: 'marked', heapMb: 1000, maxBytes: 1536 * mib, grownBytes: 500 * mib }
  const tasks = createTasks('markup', limits, { ...pool, width: () => width('document') })
  return {
    engine: {
      version: async () => 'marked 18.2.1, turndown 7.2.5, mammoth 1.13.0',
      convert: async ({ source, from, target, options, temp }, _report, signal) => {
        if (source.kind !== 'file') throw new JobError('source-not-local')
        const { path } = source
        const limitMs = limitOf((await stat(path)).size)
        const as = { from: from as MarkupSource, target: target as MarkupTarget }
        return await single(temp(0), target, async (output) => {
          return await tasks.run('convert', { path, ...as, options, output }, { signal, limitMs })
        })
      },
      stop: tasks.stop,
    },
    inspector: {
      formats: ['text', 'md', 'html', 'ipynb', 'rst', 'latex', 'org', 'asciidoc', 'mediawiki', 'typst'],
      inspect: async (path, format, signal) => {
        const { size } = await stat(path)
        return {
          ...emptyFacts(format, size),
          ...(await tasks.run('inspect', { path, format }, { signal, limitMs: limitOf(size) })),
        }
      },
    },
  }
}
