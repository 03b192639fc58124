/**
 * Documents, spreadsheets and presentations by the LibreOffice that somebody installed. Its start takes seconds, so that documents that wait for the
 * same go in one call. It names its results itself, and its exit status says nothing: only what lies there counts. It works on copies in a folder
 * of its own, with a profile that lets it neither run what a document brings nor follow where it leads.
 */
import { constants, copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import { extensionOf, type FormatId } from '../../../../shared/formats.ts'
import type { Part } from '../../../../shared/job.ts'
import type { Options } from '../../../../shared/options.ts'
import type { Tasks } from '../children/tasks.ts'
import type { LocalEngine, EngineContext } from '../engine.ts'
import type { Ended } from '../process/programs.ts'
import { createGroupedRuns } from '../process/grouped-runs.ts'
import { deadProxy, fileUrl, findSoffice, isSofficeInstalled, writeProfile, type Soffice } from './soffice-place.ts'
import { presentations, spreadsheets } from './pairings.ts'
import { pdfFilter } from './save.ts'

interface Work {
  readonly program: string
  /** What it reads, in a folder of the work's own. */
  readonly file: string
  readonly folder: string
  /** How it is to be read; empty where it finds that out. */
  readonly reads: string
  readonly writes: string
  readonly path: string
}

/** How it ends where it has just made a new profile fit for use, and wants to be started anew. */
const setUp = 81
export const maxInOneCall = 10
const prepareMs = 60_000

/** @param files reads documents in a process of its own. */
export function createSoffice({ programs, width }: EngineContext, files: Tasks<'office-files'>): LocalEngine {
  let found: Soffice | null = null
  let asked: Promise<string | null> | null = null
  const runs = createGroupedRuns<Work>({
    kindOf: ({ program, reads, writes }) => [program, reads, writes].join('\n'),
    max: maxInOneCall,
    width: () => width('document'),
    call: async (works, signal) => await convertAll(works, signal),
    isDone: async (work) => (await resultsIn(work)).length > 0,
  })

  async function convertAll(works: readonly Work[], signal: AbortSignal): Promise<void> {
    const [first] = works
    if (first === undefined) return
    const scratch = await mkdtemp(join(tmpdir(), 'beside-office-'))
    try {
      await writeProfile(join(scratch, 'profile'))
      const results = join(scratch, 'results')
      const command = { program: first.program, args: argumentsOf(first, works, scratch), stdin: null, surroundings: deadProxy }
      const run = async (): Promise<Ended> => await programs.run({ ...command, startsOthers: true }, signal)
      const begun = await run()
      const ended = begun.code === setUp ? await run() : begun
      for (const work of works) await takeResults(work, results)
      if (works.length > 1 || (await resultsIn(first)).length > 0) return
      // It says why on its output, in whatever language.
      const reason =
        `${ended.errors}\n${Buffer.from(ended.output).toString('utf8')}`.trim().split('\n').at(-1)?.slice(0, 200) ?? ''
      throw new JobError('source-damaged', { path: first.path, because: 'not-decodable', tool: 'LibreOffice', reason })
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }

  async function lookedFor(signal: AbortSignal): Promise<string | null> {
    const scratch = await mkdtemp(join(tmpdir(), 'beside-office-'))
    try {
      found = await findSoffice(programs, scratch, signal)
      return found?.version ?? null
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }

  return {
    isInstalled: isSofficeInstalled,
    // Whatever goes through it asks at the same time.
    version: async (signal) => {
      asked ??= lookedFor(signal).finally(() => (asked = null))
      return await asked
    },
    convert: async ({ source, from, target, options, temp }, report, signal) => {
      if (source.kind !== 'file') throw new JobError('source-not-local')
      if (found === null) throw new JobError('tool-missing', { because: 'program-missing', program: 'LibreOffice' })
      const { path } = source
      report({ stage: 'processing', done: null })
      const folder = await mkdtemp(join(tmpdir(), 'beside-office-'))
      try {
        const looked = from === 'pdf' ? undefined : await lookedInto(path, from, signal)
        const preparing = { path, from, target, options, ending: looked }
        const { file, load } = await files.run(
          'prepare',
          { preparing, into: join(folder, crypto.randomUUID()) },
          { signal, limitMs: prepareMs },
        )
        const work = {
          program: found.program,
          path,
          file,
          folder,
          reads: readsOf(from, load),
          writes: writesOf(from, target, options),
        }
        await runs.run(work, signal)
        return await placed(work, target, temp)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    stop: async () => {},
  }

  /** The ending that its contents call for. @throws JobError where it is none of its kind, or locked. */
  async function lookedInto(path: string, from: FormatId, signal: AbortSignal): Promise<string | undefined> {
    if (unsigned.has(from)) return undefined
    const { ending, facts } = await files.run('look', { path }, { signal, limitMs: prepareMs })
    if (facts.isEncrypted === true) throw new JobError('source-unreadable', { path, because: 'lock-unknown' })
    return ending
  }
}

const unsigned: ReadonlySet<FormatId> = new Set(['text', 'csv', 'svg', 'html'])

function argumentsOf({ reads, writes }: Work, works: readonly Work[], scratch: string): readonly string[] {
  return [
    `-env:UserInstallation=${fileUrl(join(scratch, 'profile'))}`,
    ...['--headless', '--nologo', '--nodefault', '--norestore', '--nofirststartwizard', '--nolockcheck'],
    ...(reads === '' ? [] : [`--infilter=${reads}`]),
    ...['--convert-to', writes, '--outdir', join(scratch, 'results')],
    ...works.map(({ file }) => file),
  ]
}

function readsOf(from: FormatId, load: string): string {
  if (from === 'csv') return `Text - txt - csv (StarCalc):${load}`
  if (from === 'text' && load !== '') return `Text (encoded):${load}`
  // As it is, and not in the layout of the web, from which no document is made.
  if (from === 'html' || from === 'text') return 'HTML (StarWriter)'
  return from === 'pdf' ? 'writer_pdf_import' : ''
}

const sheetFormats: ReadonlySet<FormatId> = new Set([...spreadsheets, 'xlsb', 'csv', 'numbers'])
const slideFormats: ReadonlySet<FormatId> = new Set([...presentations, 'key'])

function writesOf(from: FormatId, target: FormatId, options: Options): string {
  const isSheet = sheetFormats.has(from)
  if (target === 'text') return 'txt:Text (encoded):UTF8'
  if (target === 'html') return isSheet ? 'html:HTML (StarCalc):EmbedImages' : 'html:HTML (StarWriter):EmbedImages'
  if (target !== 'pdf') return extensionOf(target)
  const filter = pdfFilter(options)
  if (filter === '') return 'pdf'
  if (from === 'svg') return `pdf:draw_pdf_Export:${filter}`
  const writer = isSheet ? 'calc' : slideFormats.has(from) ? 'impress' : 'writer'
  return `pdf:${writer}_pdf_Export:${filter}`
}

/** Its name without ending, under which LibreOffice writes; that of a sheet follows behind a dash. */
function stemOf({ file, folder }: Work): string {
  return file.slice(folder.length + 1, file.lastIndexOf('.'))
}

async function takeResults(work: Work, results: string): Promise<void> {
  const names = await readdir(results).catch(() => [])
  const stem = stemOf(work)
  await mkdir(join(work.folder, 'results'), { recursive: true })
  for (const name of names)
    if (name.startsWith(stem) && (await stat(join(results, name))).size > 0)
      await copyFile(join(results, name), join(work.folder, 'results', name.slice(stem.length)))
}

/** What follows the stem in their names: `.pdf`. */
async function resultsIn({ folder }: Work): Promise<readonly string[]> {
  return await readdir(join(folder, 'results')).catch(() => [])
}

async function placed(work: Work, target: FormatId, temp: (n: number) => string): Promise<readonly Part[]> {
  const names = (await resultsIn(work)).filter((name) => name.endsWith(`.${extensionOf(target)}`))
  const parts: Part[] = []
  try {
    for (const [n, name] of names.entries()) {
      const output = temp(n)
      await copyFile(join(work.folder, 'results', name), output, constants.COPYFILE_EXCL)
      const sheet = name.slice(1, name.lastIndexOf('.'))
      parts.push({ temp: output, name: names.length > 1 ? sheet : null, format: target, bytes: (await stat(output)).size })
    }
    return parts
  } catch (error) {
    for (const part of parts) await rm(part.temp, { force: true })
    throw error
  }
}
