/** Texts, converted and counted: work of a process of its own. Apart, as the process loads it. */
import { basename, extname } from 'node:path'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import type { MediaFacts } from '../../../../shared/media.ts'
import type { Remark } from '../../../../shared/notes.ts'
import type { Options } from '../../../../shared/options.ts'
import { readText, remarksOn } from '../text/decoding.ts'
import { charactersIn, countCharacters, pageOf } from '../text/html.ts'
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

export interface MarkupLook {
  readonly document: DocumentFacts
  readonly tags: MediaFacts['tags']
}

export const tasks = {
  convert: async ({ path, from, target, options, output }: MarkupOrder): Promise<readonly Remark[]> => {
    const { sourceEncoding, encoding, toc = false } = options
    if (from === 'text' && target !== 'html') {
      const { text, isGuessed } = await readText(path, sourceEncoding)
      await writeText(output, text, encoding)
      return remarksOn({ isGuessed })
    }
    const { html, said } = await htmlOf(path, from, sourceEncoding)
    const text =
      target === 'html'
        ? pageText(html, basename(path, extname(path)), toc)
        : target === 'md'
          ? markdownText(html)
          : textOfHtml(html)
    await writeText(output, text, encoding)
    return said
  },

  /** Of Markdown, HTML and notebooks what is read, and not their marks; of what nobody here reads, only its encoding. */
  inspect: async ({ path, format }: { readonly path: string; readonly format: string }): Promise<MarkupLook> => {
    const { text, encoding } = await readText(path)
    if (format === 'text') return { document: { encoding, characters: countCharacters(text) }, tags: [] }
    if (format !== 'md' && format !== 'html' && format !== 'ipynb') return { document: { encoding }, tags: [] }
    const { body, title, author } = pageOf((await htmlOf(path, format)).html)
    const named = { TITLE: title, ARTIST: author?.trim() ?? '' }
    const tags = Object.entries(named).flatMap(([name, value]) => (value === '' ? [] : [{ name, values: [value] }]))
    return { document: { encoding, characters: charactersIn(body) }, tags }
  },
}
