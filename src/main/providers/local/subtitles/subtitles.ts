/** Subtitles on this machine: each format into each other, with marks and places where both have them. Apart from the work itself, which runs elsewhere. */
import { stat } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import { emptyFacts } from '../../../../shared/media.ts'
import { createTasks } from '../children/tasks.ts'
import type { LocalEngine, EngineContext, Inspector } from '../engine.ts'
import { single } from '../result.ts'
import { subtitleFormats, type SubtitleFormat } from './pairings.ts'

const limitMs = 60_000

export function createSubtitles({ pool, width }: EngineContext): { readonly engine: LocalEngine; readonly inspector: Inspector } {
  const mib = 2 ** 20
  const limits = { tool: 'Beside', heapMb: 512, maxBytes: 1024 * mib, grownBytes: 400 * mib }
  const tasks = createTasks('subtitles', limits, { ...pool, width: () => width('document') })
  return {
    engine: {
      version: async () => 'Beside',
      convert: async ({ source, from, target, options, temp }, _report, signal) => {
        if (source.kind !== 'file') throw new JobError('source-not-local')
        const asked = { path: source.path, format: from as SubtitleFormat, options }
        let left = 0
        const parts = await single(temp(0), target, async (output) => {
          const call = { ...asked, target: target as SubtitleFormat, output }
          left = (await tasks.run('convert', call, { signal, limitMs })).left
        })
        return left === 0 ? parts : parts.map((part) => ({ ...part, said: [{ code: 'cues-left' as const, count: left }] }))
      },
      stop: tasks.stop,
    },
    inspector: {
      formats: subtitleFormats,
      inspect: async (path, format, signal) => {
        const asked = { path, format: format as SubtitleFormat, options: {} }
        const document = await tasks.run('inspect', asked, { signal, limitMs })
        return { ...emptyFacts(format, (await stat(path)).size), document }
      },
    },
  }
}
