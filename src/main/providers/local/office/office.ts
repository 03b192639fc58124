/** Documents, spreadsheets and presentations by LibreOffice: the one that comes with Beside where it was installed along, or the installed one. */
import { access, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { totalmem } from 'node:os'
import { JobError } from '../../../../shared/failure.ts'
import { emptyFacts } from '../../../../shared/media.ts'
import { createTasks } from '../children/tasks.ts'
import type { LocalEngine, EngineContext, Inspector } from '../engine.ts'
import { appleFormats, documents, presentations, spreadsheets } from './pairings.ts'
import { createSoffice } from './soffice.ts'

/** The whole start, on a machine that is busy with other things: thousands of small reads wait for their turn. */
const startMs = 600_000
const baseMs = 120_000
const msPer100Kb = 2_000
const lookMs = 60_000
const mib = 2 ** 20
/** Its memory tells when it has to be replaced: 300 small documents take 44 MB of it. */
const maxDocuments = 500
/** Two at once take twice as much. */
const bytesOfOne = 2 * 2 ** 30

export interface Office {
  readonly engine: LocalEngine
  readonly soffice: LocalEngine
  readonly inspector: Inspector
}

/** @param isInstalled whether the LibreOffice that comes with Beside is there: its package is large, and may be left out. */
export function createOffice(context: EngineContext, isInstalled: () => Promise<boolean> = isPackageThere): Office {
  const { pool, width } = context
  const conversions = createTasks(
    'office',
    {
      tool: 'LibreOffice',
      heapMb: 1024,
      maxBytes: 3072 * mib,
      grownBytes: 2048 * mib,
      maxCalls: maxDocuments,
      // What it refuses leaves nothing behind, whatever it throws does.
      isNewAfterFailure: ({ code }) => code.startsWith('tool-'),
      idleMs: 300_000,
      // On a busy machine a thread in some hundred starts is never woken.
      hangMs: 20_000,
    },
    { ...pool, width: () => Math.max(1, Math.min(width('document'), Math.floor(totalmem() / bytesOfOne))) },
  )
  const looks = createTasks(
    'office-files',
    { tool: 'The reader of office files', heapMb: 1024, maxBytes: 1536 * mib, grownBytes: 600 * mib },
    { ...pool, width: () => width('document') },
  )
  return {
    engine: {
      version: async () => ((await isInstalled()) ? 'LibreOffice 24.8' : null),
      warm: () => conversions.warm('start', {}, startMs),
      convert: async ({ source, from, target, options, temp, isTrial }, report, signal) => {
        if (source.kind !== 'file') throw new JobError('source-not-local')
        const { path } = source
        report({ stage: 'processing', done: null })
        const limitMs = baseMs + Math.ceil((await stat(path)).size / 100_000) * msPer100Kb
        const outputs = [temp(0)]
        try {
          const work = { path, from, target, options, outputs, limitMs }
          // Whichever process takes it may have to start first: that counts for itself.
          const made = await conversions.run('convert', work, { signal, limitMs: startMs + limitMs })
          const wanted = isTrial === true ? made.slice(0, 1) : made
          return wanted.map(({ output, name, bytes }) => ({ temp: output, name, format: target, bytes }))
        } catch (error) {
          for (const output of outputs) if (!(await removed(output))) break
          throw error
        }
      },
      stop: async () => {
        await Promise.all([conversions.stop(), looks.stop()])
      },
    },
    soffice: createSoffice(context, looks),
    inspector: {
      formats: [...documents, ...spreadsheets, 'xlsb', ...presentations, ...appleFormats],
      inspect: async (path, _format, signal) => {
        const { format, facts, tags } = await looks.run('look', { path }, { signal, limitMs: lookMs })
        return { ...emptyFacts(format, (await stat(path)).size), document: facts, tags }
      },
    },
  }
}

/** They are written one after the other: where one is not there, none is behind it. */
async function removed(path: string): Promise<boolean> {
  return await rm(path).then(
    () => true,
    () => false,
  )
}

async function isPackageThere(): Promise<boolean> {
  try {
    const loader = createRequire(import.meta.url).resolve('@matbee/libreoffice-converter/wasm/loader')
    await access(loader.replace(/loader\.cjs$/, 'soffice.wasm'))
    return true
  } catch {
    return false
  }
}
