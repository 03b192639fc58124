/**
 * Fonts on this machine: packed anew for the web and back without a change of what they hold, in a process of its own; and outlines of one kind
 * drawn anew as those of the other, by an installed FontForge.
 */
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import { emptyFacts } from '../../../../shared/media.ts'
import type { Remark } from '../../../../shared/notes.ts'
import type { ProviderOrder } from '../../provider.ts'
import { createTasks } from '../children/tasks.ts'
import type { LocalEngine, EngineContext, Inspector } from '../engine.ts'
import { single } from '../result.ts'
import type { FontFormat } from './tasks.ts'

const fontForge = 'FontForge'
/** FontForge runs what it finds in the user's folders unless told not to. */
const quiet = ['-quiet', '-skippyplug', '-skippyfile', '-lang=py', '-c'] as const
const redraw =
  'import sys, fontforge; fontforge.open(sys.argv[1]).generate(sys.argv[2], flags=("opentype", "no-FFTM-table", "round"))'

export function createFonts({ pool, programs, width }: EngineContext): {
  readonly engine: LocalEngine
  readonly fontForge: LocalEngine
  readonly inspector: Inspector
} {
  const mib = 2 ** 20
  const limits = { tool: 'wawoff2', heapMb: 512, maxBytes: 1024 * mib, grownBytes: 400 * mib }
  const tasks = createTasks('fonts', limits, { ...pool, width: () => width('document') })

  async function redrawn(path: string, target: FormatId, output: string, signal: AbortSignal): Promise<readonly Remark[]> {
    // It goes by the endings of what it writes, and takes some names of files for more than names.
    const scratch = await mkdtemp(join(tmpdir(), 'beside-font-'))
    try {
      const [bare, made] = [join(scratch, 'source.font'), join(scratch, `made.${target}`)]
      const said = await tasks.run('unpack', { path, output: bare }, { signal, limitMs: await limitOf(path) })
      const { code, errors } = await programs.run(
        { program: 'fontforge', args: [...quiet, redraw, bare, made], stdin: null },
        signal,
      )
      if (code !== 0) {
        const reason = errors.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
        throw new JobError('source-damaged', { path, ...(reason === '' ? { because: 'not-decodable' } : { reason }) })
      }
      await copyFile(made, output)
      return said
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }

  const engineOf = (
    make: (path: string, target: FormatId, output: string, signal: AbortSignal) => Promise<readonly Remark[]>,
  ): LocalEngine['convert'] => {
    return async ({ source, target, temp }, _report, signal) => {
      if (source.kind !== 'file') throw new JobError('source-not-local')
      const { path } = source
      let said: readonly Remark[] = []
      const parts = await single(temp(0), target, async (output) => {
        said = await make(path, target, output, signal)
      })
      return said.length === 0 ? parts : parts.map((part) => ({ ...part, said: [...said] }))
    }
  }

  return {
    engine: {
      version: async () => 'wawoff2 2.0.1',
      suits: (order) => hasOutlinesOf(order) !== false,
      convert: engineOf(async (path, target, output, signal) => {
        const limitMs = await limitOf(path)
        return await tasks.run('convert', { path, target: target as FontFormat, output }, { signal, limitMs })
      }),
      stop: tasks.stop,
    },
    fontForge: {
      version: async (signal) => {
        try {
          const { errors, output } = await programs.run({ program: 'fontforge', args: ['-version'], stdin: null }, signal)
          const [, found] = /fontforge (\d+)/i.exec(`${errors}${Buffer.from(output).toString()}`) ?? []
          return found === undefined ? fontForge : `${fontForge} ${found}`
        } catch (error) {
          if (error instanceof JobError && error.failure.code === 'tool-missing') return null
          throw error
        }
      },
      suits: (order) => hasOutlinesOf(order) !== true,
      convert: engineOf(redrawn),
      stop: async () => {},
    },
    inspector: {
      formats: ['ttf', 'otf', 'woff', 'woff2'],
      inspect: async (path, _format, signal) => {
        const { format, facts } = await tasks.run('inspect', { path }, { signal, limitMs: await limitOf(path) })
        return { ...emptyFacts(format, (await stat(path)).size), document: facts }
      },
    },
  }
}

/** Packing for the web searches long for what repeats: so many bytes a millisecond on a busy machine. */
const bytesInMs = 10
const startMs = 60_000

async function limitOf(path: string): Promise<number> {
  return startMs + (await stat(path)).size / bytesInMs
}

/** Whether the outlines are those of the target; null where nobody knows, or where either will do. */
function hasOutlinesOf({ facts, target }: Pick<ProviderOrder, 'facts' | 'target'>): boolean | null {
  const tables = facts?.document?.tables
  if (tables === undefined || (target !== 'ttf' && target !== 'otf')) return null
  const isCubic = tables.includes('CFF ') || tables.includes('CFF2')
  return isCubic === (target === 'otf')
}
