/**
 * Pandoc and Calibre where they are installed: for markup of every kind, and for the books of Kindles. Both are cut off from the network and
 * from other files.
 */
import { mkdtemp, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { JobError, factsOf as factsOfFailure, type FactsOf } from '../../../../shared/failure.ts'
import { extensionOf, factsOf, type FormatId } from '../../../../shared/formats.ts'
import type { Part } from '../../../../shared/job.ts'
import type { ProviderOrder, Reporter } from '../../provider.ts'
import type { LocalEngine, EngineContext } from '../engine.ts'
import type { Command, Programs } from '../process/programs.ts'
import { single } from '../result.ts'
import { pandocNames, pandocWrites } from './program-pairings.ts'

/** Makes a format of HTML where Pandoc lacks what it needs for that; the first one that is here does. */
type MakersOfHtml = Readonly<Partial<Record<FormatId, readonly LocalEngine[]>>>

export function createPandoc({ programs }: EngineContext, makers: MakersOfHtml): LocalEngine {
  let major = 0

  async function byOther(order: ProviderOrder, why: JobError, report: Reporter, signal: AbortSignal): Promise<readonly Part[]> {
    const path = order.temp(1)
    for (const maker of makers[order.target] ?? []) {
      const version = await maker.version(signal)
      if (version === null) continue
      await single(path, 'html', async () => await written({ ...order, target: 'html' }, path, signal))
      try {
        const source = { kind: 'file', path, bytes: 0, mtimeMs: 0 } as const
        const parts = await maker.convert({ ...order, source, from: 'html', options: {}, facts: null }, report, signal)
        return parts.map((part) => ({ by: version, ...part }))
      } finally {
        await rm(path, { force: true })
      }
    }
    throw why
  }

  async function written({ source, from, target, options }: ProviderOrder, output: string, signal: AbortSignal): Promise<void> {
    if (source.kind !== 'file') throw new JobError('source-not-local')
    const { path } = source
    const as = ['--from', pandocNames[from] ?? from, '--to', pandocWrites[target] ?? pandocNames[target] ?? target]
    const contents = options.toc === true ? ['--toc'] : []
    const title = ['html', 'epub'].includes(target) ? ['--metadata', `pagetitle=${path.replace(/^.*[/\\]|\.[^.]*$/g, '')}`] : []
    // Never with `--extract-media`, by which old versions write wherever a document says.
    const args = [
      '--sandbox',
      ...(hasTitle(target) ? ['--standalone'] : []),
      ...as,
      ...contents,
      ...title,
      '--output',
      output,
      '--',
      path,
    ]
    await ran(programs, { program: 'pandoc', args, stdin: null }, 'Pandoc', path, signal)
  }

  return {
    version: async (signal) => {
      const found = await versionOf(programs, 'pandoc', /^pandoc(?:\.exe)? (\d+\.\d+(?:\.\d+)*)/m, signal)
      const [first = 0, second = 0] = (found ?? '').split('.').map(Number)
      // Before 2.15 a document could have it read any file.
      const isSafe = first > 2 || (first === 2 && second >= 15)
      major = first
      return found === null || !isSafe ? null : `Pandoc ${found}`
    },
    convert: async (order, report, signal) => {
      const { target, temp } = order
      if (target === 'typst' && major < 3) throw lacking(factsOf(target).title)
      try {
        return await single(temp(0), target, async (output) => await written(order, output, signal))
      } catch (error) {
        const isLacking = error instanceof JobError && factsOfFailure(error.failure)['because'] === 'feature-missing'
        if (!isLacking) throw error
        return await byOther(order, error, report, signal)
      }
    },
    stop: async () => {},
  }
}

/** Where a heading that is taken for the title of the whole has a place. */
function hasTitle(target: FormatId): boolean {
  return target !== 'ipynb' && target !== 'mediawiki'
}

export function createCalibre({ programs }: EngineContext): LocalEngine {
  return {
    version: async (signal) => {
      const found = await versionOf(programs, 'ebook-convert', /calibre (\d+(?:\.\d+)+)/, signal)
      return found === null ? null : `Calibre ${found}`
    },
    convert: async (order, _report, signal) =>
      await single(order.temp(0), order.target, async (output) => await byCalibre(order, output, signal)),
    stop: async () => {},
  }

  /** It goes by the endings of names alone, so that it gets a folder in which they are right. */
  async function byCalibre({ source, from, target, options }: ProviderOrder, output: string, signal: AbortSignal): Promise<void> {
    if (source.kind !== 'file') throw new JobError('source-not-local')
    const folder = await mkdtemp(join(dirname(output), '.beside-book-'))
    try {
      const [given, made] = [join(folder, `book.${extensionOf(from)}`), join(folder, `result.${extensionOf(target)}`)]
      await symlink(source.path, given)
      const contents = options.toc === true && target === 'pdf' ? ['--pdf-add-toc'] : []
      // A page is this file alone: what its links lead to may be any file of this machine.
      const alone = from === 'html' ? ['--max-levels=0'] : []
      const command = [program('ebook-convert'), given, made, ...alone, ...contents]
      await ran(programs, surrounded(command, folder), 'Calibre', source.path, signal)
      await rename(made, output)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

const program = (name: string): string => (process.platform === 'win32' ? `${name}.exe` : name)

/** Without a screen, with settings of its own, and with no way to the network that asks a proxy. */
function surrounded([name = '', ...args]: readonly string[], folder: string): Command {
  if (process.platform === 'win32') return { program: name, args, stdin: null }
  const nowhere = 'http://127.0.0.1:9'
  const variables = {
    QT_QPA_PLATFORM: 'offscreen',
    QTWEBENGINE_CHROMIUM_FLAGS: '--no-sandbox',
    CALIBRE_CONFIG_DIRECTORY: join(folder, 'settings'),
    CALIBRE_TEMP_DIR: folder,
    http_proxy: nowhere,
    https_proxy: nowhere,
  }
  return {
    program: 'env',
    args: [...Object.entries(variables).map(([key, value]) => `${key}=${value}`), name, ...args],
    stdin: null,
  }
}

async function versionOf(programs: Programs, name: string, pattern: RegExp, signal: AbortSignal): Promise<string | null> {
  const command = { program: program(name), args: ['--version'], stdin: null }
  const found = await programs.run(command, signal).catch((error: unknown) => {
    if (error instanceof JobError && error.failure.code === 'tool-missing') return null
    throw error
  })
  return found === null ? null : (pattern.exec(Buffer.from(found.output).toString())?.[1] ?? null)
}

async function ran(programs: Programs, command: Command, tool: string, path: string, signal: AbortSignal): Promise<void> {
  const { code, signal: ending, errors } = await programs.run(command, signal)
  if (code === null) throw new JobError('tool-crashed', { tool, ...(ending !== null && { reason: ending }) })
  if (code === 0) return
  const reason = errors.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
  if (/DRM/.test(errors)) throw new JobError('source-protected', { path })
  // As Debian builds it, Pandoc finds no parts for a DOCX, an ODT or an EPUB while it is cut off.
  if (/data file/.test(errors)) throw lacking(reason)
  throw new JobError('tool-failed', { tool, reason, status: code })
}

/** Pandoc is there, without what this takes. */
function lacking(reason: string): JobError {
  const facts = { tool: 'Pandoc', because: 'feature-missing', program: 'Pandoc', reason }
  return new JobError('tool-failed', facts as FactsOf['tool-failed'])
}
