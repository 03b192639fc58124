/** Archives on this machine: packed anew in another format, and made from any files. Apart from the work itself, which runs elsewhere. */
import { rm, stat } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import { emptyFacts } from '../../../../shared/media.ts'
import { createTasks } from '../children/tasks.ts'
import type { LocalEngine, EngineContext, Inspector } from '../engine.ts'
import { single } from '../result.ts'
import { type PackedFormat, readArchives } from './pairings.ts'

const inspectMs = 120_000
const convertMs = 120_000
/** The slowest of what is done with them goes through so many bytes a millisecond, and on a busy machine takes so long for a file. */
const bytesInMs = 100
const fileMs = 20

export function createArchives({ pool, width }: EngineContext): { readonly engine: LocalEngine; readonly inspector: Inspector } {
  const mib = 2 ** 20
  // Dictionaries of 7-Zip in a WebAssembly of 32 bits.
  const limits = { tool: '7-Zip', heapMb: 512, maxBytes: 2048 * mib, grownBytes: 500 * mib }
  const tasks = createTasks('archives', limits, { ...pool, width: () => width('document') })
  return {
    engine: {
      version: async () => '7-Zip 24.09',
      convert: async ({ source, sources = [source], from, target, options, facts, temp }, report, signal) => {
        const files = sources.map((one) => {
          if (one.kind !== 'file') throw new JobError('source-not-local')
          return one.path
        })
        const spools = { reading: temp(1), checking: temp(2) }
        const spool = temp(3)
        const bytes = facts?.document?.unpackedBytes ?? (await sizeOf(files)) * 10
        const asking = {
          signal,
          limitMs: convertMs + (bytes + (await sizeOf(files))) / bytesInMs + (facts?.document?.entries ?? files.length) * fileMs,
          progress: (done: number) => report({ stage: 'converting', done }),
        }
        // 7-Zip takes no other in a ZIP, since nothing there says how one is written.
        if (target === 'zip' && !/^[ -~]*$/.test(options.protect ?? ''))
          throw new JobError('option-invalid', { option: 'protect', value: '••••', allowed: 'ASCII' })
        try {
          return await single(temp(0), target, async (output) => {
            const made = {
              target: target as PackedFormat,
              output,
              spool,
              level: options.archiveLevel ?? null,
              protect: options.protect ?? null,
            }
            const [path = '', ...others] = files
            const archive = { path, password: options.password ?? null, encoding: options.sourceEncoding ?? null }
            if (others.length === 0 && isArchive(from)) await tasks.run('repack', { source: archive, made, spools }, asking)
            else await tasks.run('pack', { files, made, spools }, asking)
          })
        } finally {
          await Promise.all([spools.reading, spools.checking, spool].map((path) => rm(path, { force: true })))
        }
      },
      stop: tasks.stop,
    },
    inspector: {
      formats: readArchives,
      inspect: async (path, _format, signal) => {
        const found = await tasks.run('inspect', { path, password: null, encoding: null }, { signal, limitMs: inspectMs })
        if (found === null) throw new JobError('source-damaged', { path, because: 'not-decodable' })
        return { ...emptyFacts(found.format, (await stat(path)).size), document: found.facts }
      },
    },
  }
}

function isArchive(format: string): boolean {
  return (readArchives as readonly string[]).includes(format)
}

async function sizeOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (path) => (await stat(path)).size))
  return sizes.reduce((sum, bytes) => sum + bytes, 0)
}
