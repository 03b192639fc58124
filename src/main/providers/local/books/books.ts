/** EPUB on this machine: read, and made of texts, without a program. Apart, as the others that bring an
 * engine. */
import { stat } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import { emptyFacts, type Tag } from '../../../../shared/media.ts'
import { createTasks } from '../children/tasks.ts'
import type { LocalEngine, EngineContext, Inspector } from '../engine.ts'
import { single } from '../result.ts'
import type { BookFacts, BookTask } from './tasks.ts'

const limitOf = (bytes: number): number => 60_000 + (bytes / 2 ** 20) * 8000

export function createBooks({ pool, width }: EngineContext): { readonly engine: LocalEngine; readonly inspector: Inspector } {
  const mib = 2 ** 20
  const limits = { tool: 'EPUB', heapMb: 1000, maxBytes: 1536 * mib, grownBytes: 500 * mib }
  const tasks = createTasks('books', limits, { ...pool, width: () => width('document') })
  return {
    engine: {
      version: async () => 'Beside',
      convert: async ({ source, from, target, options, temp }, _report, signal) => {
        if (source.kind !== 'file') throw new JobError('source-not-local')
        const { path } = source
        const limitMs = limitOf((await stat(path)).size)
        const as = { from: from as BookTask['from'], target: target as BookTask['target'] }
        return await single(temp(0), target, async (output) => {
          return await tasks.run('convert', { path, ...as, options, output }, { signal, limitMs })
        })
      },
      stop: tasks.stop,
    },
    inspector: {
      formats: ['epub'],
      inspect: async (path, format, signal) => {
        const { size } = await stat(path)
        const facts = await tasks.run('inspect', { path }, { signal, limitMs: limitOf(size) })
        return { ...emptyFacts(format, size), document: facts.document, tags: tagsOf(facts) }
      },
    },
  }
}

function tagsOf({ title, authors, language }: BookFacts): readonly Tag[] {
  const tag = (name: string, values: readonly string[]): readonly Tag[] => (values.length === 0 ? [] : [{ name, values }])
  return [
    ...tag('TITLE', title === null ? [] : [title]),
    ...tag('ARTIST', authors),
    ...tag('LANGUAGE', language === null ? [] : [language]),
  ]
}
