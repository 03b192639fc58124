/** What is done with PDF files in a process of its own. Apart, as the one door to it. */
import { writeFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import type { TaskContext } from '../children/task-table.ts'
import { restrictLoaders } from '../images/loaders.ts'
import type { PixelSize } from '../images/size.ts'
import { drawPages, lookAt, opened, pixelsOf, type Drawing, type PageView } from './drawing.ts'
import { assemble } from './assembly.ts'
import { factsOfPdf } from './facts.ts'
import { htmlOf } from './html.ts'
import { pageDensity, pageLimitMs, type Opening } from './page.ts'
import type { Glyph } from './pdfium.ts'
import { rearrange } from './rearrangement.ts'
import { plainText } from './text.ts'

restrictLoaders()

/** Pages of a PDF as text, or as HTML that holds nothing but text. */
export interface PdfReading extends Opening {
  /** From 0. */
  readonly pages: readonly number[]
  readonly target: 'text' | 'html'
  readonly output: string
}

async function read({ path, password, pages, target, output }: PdfReading, context: TaskContext): Promise<null> {
  const document = await opened({ path, password }, context)
  const glyphs = pages.map((page, n) => {
    context.within(pageLimitMs)
    const found = document.glyphs(page)
    context.progress((n + 1) / pages.length)
    return found
  })
  context.within(null)
  if (glyphs.every((found) => found.every(({ text }) => text.trim() === '')))
    throw new JobError('source-unsupported', { path, because: 'no-text' })
  const title = document.about('Title').trim()
  const text = target === 'html' ? htmlOf(title === '' ? basename(path, extname(path)) : title, glyphs) : pagesOfText(glyphs)
  await writeFile(output, text, { flag: 'wx' })
  return null
}

/** As programs that print have it, with a form feed between pages. */
function pagesOfText(pages: readonly (readonly Glyph[])[]): string {
  return `${pages.map(plainText).join('\n\f')}\n`
}

export const tasks = {
  inspect: async (opening: Opening, context: TaskContext) => await factsOfPdf(opening, context),
  /** @returns of every page in pixels at the usual density, as shown. */
  pages: async (opening: Opening, context: TaskContext): Promise<readonly PixelSize[]> => {
    const document = await opened(opening, context)
    return Array.from({ length: document.pages }, (_, page) => pixelsOf(document.sizeOf(page), pageDensity))
  },
  draw: async (drawing: Drawing, context: TaskContext) => await drawPages(drawing, context),
  read,
  assemble,
  rearrange,
  look: async (look: PageView, context: TaskContext) => await lookAt(look, context),
}
