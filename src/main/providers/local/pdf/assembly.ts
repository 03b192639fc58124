/** One PDF of several files, inside its process: pages of PDF files as they are, pictures as pages of their own. */
import { readFile, writeFile } from 'node:fs/promises'
import { PDFDocument } from 'pdf-lib'
import { JobError } from '../../../../shared/failure.ts'
import type { Options } from '../../../../shared/options.ts'
import type { TaskContext } from '../children/task-table.ts'
import { addPictures, type PageOptions } from './image-pages.ts'
import { withOutlines, type OutlinePart } from './outlines.ts'
import { pageLimitMs } from './page.ts'
import { openPdf } from './pdfium.ts'
import { opening, startQpdf } from './qpdf.ts'
import { protection, verify, written } from './result.ts'

export interface Assembly {
  /** In order, by content. */
  readonly sources: readonly { readonly path: string; readonly isPdf: boolean }[]
  readonly options: PageOptions & Pick<Options, 'password' | 'protect'>
  readonly output: string
}

interface Piece {
  readonly bytes: Uint8Array
  readonly pages: number
  /** Null: pictures. */
  readonly path: string | null
}

export async function assemble({ sources, options, output }: Assembly, context: TaskContext): Promise<null> {
  const pieces: Piece[] = []
  let pictures: { readonly document: PDFDocument; pages: number } | null = null
  const closePictures = async (): Promise<void> => {
    if (pictures === null) return
    const { document, pages } = pictures
    pictures = null
    pieces.push({ bytes: await document.save({ addDefaultPage: false, updateFieldAppearances: false }), pages, path: null })
  }
  const [first] = sources
  if (first === undefined) throw new JobError('source-not-local')
  const qpdf = await startQpdf(first.path)
  for (const [n, { path, isPdf }] of sources.entries()) {
    if (isPdf) {
      await closePictures()
      pieces.push({ bytes: await readFile(path), pages: await pagesOf(path, options.password, context), path })
    } else {
      pictures ??= { document: await PDFDocument.create({ updateMetadata: false }), pages: 0 }
      pictures.pages += await addPictures(pictures.document, path, options)
    }
    context.progress((n + 1) / (sources.length + 1))
  }
  await closePictures()
  const expected = pieces.reduce((sum, { pages }) => sum + pages, 0)
  const names: string[] = []
  for (const { bytes, path } of pieces)
    names.push(path === null ? qpdf.add(bytes) : await qpdf.addRepaired(bytes, options.password))
  const [main = ''] = names
  // Of each the same password is tried; one that needs none does not mind.
  const ranges = names.flatMap((name) => [name, ...opening(options.password), '1-z'])
  qpdf.run([...opening(options.password), main, '--decrypt', '--pages', ...ranges, '--', '/joined.pdf'])
  const joined = await withOutlines(qpdf.take('/joined.pdf'), await outlineParts(pieces, options.password, context))
  const named = qpdf.add(joined)
  qpdf.run([named, ...written, ...protection(options.password, options.protect), '/out.pdf'])
  await writeFile(output, qpdf.take('/out.pdf'), { flag: 'wx' })
  await verify(output, expected, options.protect, context)
  return null
}

async function pagesOf(path: string, password: string | undefined, { within }: Pick<TaskContext, 'within'>): Promise<number> {
  within(pageLimitMs)
  const { pages } = await openPdf(path, password)
  within(null)
  return pages
}

/** qpdf keeps the outline of the first file; those of the others are put behind it. */
async function outlineParts(
  pieces: readonly Piece[],
  password: string | undefined,
  { within }: Pick<TaskContext, 'within'>,
): Promise<readonly OutlinePart[]> {
  const parts: OutlinePart[] = []
  let firstPage = 0
  for (const [n, { path, pages }] of pieces.entries()) {
    if (n > 0 && path !== null) {
      within(pageLimitMs)
      const entries = (await openPdf(path, password)).outline()
      if (entries.length > 0) parts.push({ firstPage, entries })
      within(null)
    }
    firstPage += pages
  }
  return parts
}
