/** An installed Tesseract as the reader of pages: faster than the one that comes with Beside, and the same in what it reads. Apart, as a program. */
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import type { Programs } from '../process/programs.ts'
import type { LanguageData } from './languages.ts'
import type { OcrTasks, PageReader } from './ocr.ts'

const program = 'tesseract'
/** Pages are read side by side; more threads on one only get into each other's way. */
const oneThread = { OMP_THREAD_LIMIT: '1' }

/** `tesseract 5.3.0`, also as `tesseract v5.3.0.20221214`. */
export async function tesseractVersion(programs: Programs, signal: AbortSignal): Promise<string | null> {
  const { output, errors } = await programs.run({ program, args: ['--version'], stdin: null }, signal).catch((error: unknown) => {
    if (error instanceof JobError && error.failure.code === 'tool-missing') return { output: Buffer.alloc(0), errors: '' }
    throw error
  })
  const [, version] = /^tesseract v?([\d.]+)/m.exec(`${Buffer.from(output).toString()}\n${errors}`) ?? []
  return version === undefined ? null : `Tesseract ${version}`
}

export function installedReader(programs: Programs, tasks: OcrTasks, limitMs: number): PageReader {
  return async ({ sheet, languages, pdf }, signal, progress) => {
    const { pgm, dpi } = await tasks.run('draw', sheet, { signal, limitMs, progress: () => {} })
    const folder = await mkdtemp(join(tmpdir(), 'beside-ocr-'))
    try {
      const base = join(folder, 'page')
      const args = [
        '-',
        base,
        '-l',
        languages.map(({ code }) => code).join('+'),
        '--dpi',
        String(Math.round(dpi)),
        '--tessdata-dir',
        await oneFolder(languages, folder),
        // As variables: the files that set them stand beside the data, which may be somewhere else.
        ...['create_txt', 'create_tsv', ...(pdf === null ? [] : ['create_pdf'])].flatMap((made) => ['-c', `tessedit_${made}=1`]),
        '-c',
        `textonly_pdf=1`,
      ]
      const { code, errors, signal: ending } = await programs.run({ program, args, stdin: pgm, surroundings: oneThread }, signal)
      if (code === null) throw new JobError('tool-crashed', { tool: program, ...(ending !== null && { reason: ending }) })
      if (code !== 0)
        throw new JobError('tool-failed', { tool: program, reason: errors.trim().split('\n').at(-1)?.slice(0, 200) ?? '' })
      progress(1)
      const text = (await readFile(`${base}.txt`, 'utf8')).replaceAll('\f', '').trim()
      return {
        text,
        confidence: meanConfidence(await readFile(`${base}.tsv`, 'utf8')),
        pdf: pdf === null ? null : await readFile(`${base}.pdf`),
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** The program takes the data of all languages from one folder. */
async function oneFolder(languages: readonly LanguageData[], spare: string): Promise<string> {
  const [first, ...others] = new Set(languages.map(({ path }) => dirname(path)))
  if (first !== undefined && others.length === 0) return first
  for (const { path } of languages) await copyFile(path, join(spare, basename(path)))
  return spare
}

/** Of its words: the eleventh column, -1 where a line of the table is none. */
function meanConfidence(tsv: string): number {
  const words = tsv.split('\n').flatMap((line) => {
    const cells = line.split('\t')
    const confidence = Number(cells[10])
    return cells[0] === '5' && confidence >= 0 && cells[11]?.trim() !== '' ? [confidence] : []
  })
  return words.length === 0 ? 0 : words.reduce((sum, one) => sum + one, 0) / words.length
}
