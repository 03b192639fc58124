/**
 * PDF files made searchable by OCRmyPDF, where it is installed: it finds the orientation of each page by data of its own, and writes PDF/A.
 * Apart, as a program.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import { pagesIn } from '../../../../shared/options.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import type { LocalEngine, EngineContext } from '../engine.ts'
import { single } from '../result.ts'
import { languageData } from './languages.ts'
import { takes } from './ocr.ts'

const program = 'ocrmypdf'
/** What it exits with, by its manual. */
const statuses: Readonly<Record<number, (path: string, reason: string) => JobError>> = {
  2: (path, reason) => new JobError('source-damaged', { path, reason }),
  6: (path) => new JobError('nothing-found', { path, because: 'no-text' }),
  8: (path) => new JobError('source-unreadable', { path, because: 'password' }),
}

export function createOcrmypdf({
  programs,
  width,
  languageFolder,
}: Pick<EngineContext, 'programs' | 'width' | 'languageFolder'>): LocalEngine {
  async function run(args: readonly string[], signal: AbortSignal, temp: string, heard: (line: string) => void) {
    // It keeps each page in the folder for temporary files, and leaves them where it is killed.
    return await programs.run(
      { program, args, stdin: null, heard, surroundings: { TMPDIR: temp, TEMP: temp }, startsOthers: true },
      signal,
    )
  }

  async function convert({ source, target, options, temp }: ProviderOrder, report: Reporter, signal: AbortSignal) {
    if (source.kind !== 'file') throw new JobError('source-not-local')
    const { path } = source
    const { ocr = 'auto', ocrLanguage = 'eng', pages, pdfa } = options
    const languages = await languageData(ocrLanguage, { own: languageFolder ?? null, isWithoutOurs: true })
    const folder = await mkdtemp(join(tmpdir(), 'beside-ocr-'))
    try {
      return await single(temp(0), target, async (output) => {
        let done = 0
        const wanted = pages === undefined ? null : pagesIn(pages, 100_000).length
        const heard = (line: string) => {
          if (!/^\s*\d+ Page rotation: /.test(line)) return
          done += 1
          report({ stage: 'processing', done: wanted === null ? null : Math.min(1, done / wanted) })
        }
        const args = [
          ...['-v', '1', '-l', languages.map(({ code }) => code).join('+'), '--rotate-pages', '--optimize', '0'],
          ...['--jobs', String(width('document')), '--tesseract-timeout', '60'],
          ...['--output-type', pdfa === undefined ? 'pdf' : `pdfa-${pdfa.slice(0, 1)}`],
          ocr === 'force' ? '--force-ocr' : '--skip-text',
          ...(pages === undefined ? [] : ['--pages', pages]),
          '--',
          path,
          output,
        ]
        const { code, signal: ending, errors } = await run(args, signal, folder, heard)
        if (code === 0) return
        const reason = errors.trim().split('\n').at(-1)?.trim().slice(0, 200) ?? ''
        if (code === null) throw new JobError('tool-crashed', { tool: program, ...(ending !== null && { reason: ending }) })
        throw statuses[code]?.(path, reason) ?? new JobError('tool-failed', { tool: program, reason })
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  return {
    version: async (signal) => {
      const ended = await programs.run({ program, args: ['--version'], stdin: null }, signal).catch((error: unknown) => {
        if (error instanceof JobError && error.failure.code === 'tool-missing') return null
        throw error
      })
      const [version] = ended?.code === 0 ? (/^\d[\d.]*/.exec(Buffer.from(ended.output).toString()) ?? []) : []
      return version === undefined ? null : `OCRmyPDF ${version}`
    },
    takes,
    convert,
    stop: async () => {},
  }
}
