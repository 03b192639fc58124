/** Texts, converted and counted: work of a process of its own. Apart, as the process loads it. */
import { basename, extname } from 'node:path'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import type { Options } from '../../../../shared/options.ts'
import { readText } from '../text/decoding.ts'
import { countCharacters } from '../text/html.ts'
import { writeText } from '../text/sink.ts'
import type { MarkupSource, MarkupTarget } from './pairings.ts'
import { htmlOf } from './reading.ts'
import { markdownText, pageText, textOfHtml } from './writing.ts'

export interface MarkupOrder {
  readonly path: string
  readonly from: MarkupSource
  readonly target: MarkupTarget
  readonly options: Options
  readonly output: string
}

export const tasks = {
  convert: async ({ path, from, target, options, output }: MarkupOrder): Promise<void> => {
    const { sourceEncoding, encoding, toc = false } = options
    if (from === 'text' && target !== 'html')
      return await writeText(output, (await readText(path, sourceEncoding)).text, encoding)
    const html = await htmlOf(path, from, sourceEncoding)
    const text =
      target === 'html'
        ? pageText(html, basename(path, extname(path)), toc)
        : target === 'md'
          ? markdownText(html)
          : textOfHtml(html)
    await writeText(output, text, encoding)
  },

  /** Of Markdown, HTML and notebooks what is read, and not their marks; of what nobody here reads, only its encoding. */
  inspect: async ({ path, format }: { readonly path: string; readonly format: string }): Promise<DocumentFacts> => {
    const { text, encoding } = await readText(path)
    if (format === 'text') return { encoding, characters: countCharacters(text) }
    if (format !== 'md' && format !== 'html' && format !== 'ipynb') return { encoding }
    return { encoding, characters: countCharacters(textOfHtml(await htmlOf(path, format))) }
  },
}
