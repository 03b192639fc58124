/** Books, made, read and counted: work of a process of its own. Apart, as the process loads it. */
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import type { Remark } from '../../../../shared/notes.ts'
import type { Options } from '../../../../shared/options.ts'
import type { MarkupSource, MarkupTarget } from '../markup/pairings.ts'
import { htmlOf } from '../markup/reading.ts'
import { markdownText, pageText, textOfHtml } from '../markup/writing.ts'
import { charactersIn, escapedText, pageOf } from '../text/html.ts'
import { writeText } from '../text/sink.ts'
import { readBook } from './epub-reader.ts'
import { writeBook } from './epub-writer.ts'

export interface BookTask {
  readonly path: string
  readonly from: MarkupSource | 'epub'
  readonly target: MarkupTarget | 'epub'
  readonly options: Options
  readonly output: string
}

export interface BookFacts {
  readonly document: DocumentFacts
  readonly title: string | null
  readonly authors: readonly string[]
  readonly language: string | null
}

export const tasks = {
  convert: async ({ path, from, target, options, output }: BookTask): Promise<readonly Remark[]> => {
    const name = basename(path, extname(path))
    if (from !== 'epub') {
      const { html, said } = await htmlOf(path, from, options.sourceEncoding)
      const { mtimeMs } = await stat(path)
      await writeBook(output, { html, name, mtimeMs, hasContents: options.toc ?? false })
      return said
    }
    const { title, authors, language, chapters } = await readBook(path)
    const head = `<title>${escapedText(title ?? name)}</title><meta name="author" content="${escapedText(authors.join(', '))}">`
    const html = `<html lang="${escapedText(language ?? '')}"><head>${head}</head><body>${chapters.join('\n<hr>\n')}</body></html>`
    await writeText(
      output,
      target === 'html' ? pageText(html, name, false) : target === 'md' ? markdownText(html) : textOfHtml(html),
    )
    return []
  },

  inspect: async ({ path }: { readonly path: string }): Promise<BookFacts> => {
    const { chapters, ...facts } = await readBook(path)
    const characters = chapters.reduce((sum, chapter) => sum + charactersIn(pageOf(chapter).body), 0)
    return { ...facts, document: { chapters: chapters.length, characters } }
  },
}
