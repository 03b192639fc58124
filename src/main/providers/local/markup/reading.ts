/** Texts of every kind as HTML, from which all others are made. */
import { marked } from 'marked'
import { JobError } from '../../../../shared/failure.ts'
import type { Remark } from '../../../../shared/notes.ts'
import { readText, remarksOn } from '../text/decoding.ts'
import { escapedText, safely } from '../text/html.ts'
import type { MarkupSource } from './pairings.ts'
import { readWord } from './word.ts'

export interface TextAsHtml {
  readonly html: string
  /** What of the text is not in it, or otherwise. */
  readonly said: readonly Remark[]
}

/** Pictures of a notebook stand in it as `data:` addresses, as those of a Word document do. */
export async function htmlOf(path: string, from: MarkupSource, sourceEncoding?: string): Promise<TextAsHtml> {
  if (from === 'docx') return await readWord(path)
  const { text, isGuessed } = await readText(path, sourceEncoding)
  const unused = from === 'md' ? unusedFields(text) : 0
  const said = [...remarksOn({ isGuessed }), ...(unused > 0 ? [{ code: 'fields-left', count: unused } as const] : [])]
  return { html: htmlOfText(text, from, path), said }
}

function htmlOfText(text: string, from: Exclude<MarkupSource, 'docx'>, path: string): string {
  switch (from) {
    case 'md':
      return markdownHtml(text)
    case 'html':
      return text
    case 'text':
      return paragraphs(text)
    case 'ipynb':
      return notebookHtml(text, path)
  }
}

export function markdownHtml(text: string): string {
  const { head, rest } = frontMatter(text)
  return head + safely(() => marked.parse(rest, { gfm: true, async: false }))
}

const front = /^---\r?\n([^]{0,20000}?)\r?\n(?:---|\.\.\.)\r?\n/
const used = /^(title|author|lang|language)$/

/** How many of its fields are not used. */
function unusedFields(text: string): number {
  const [, inner = ''] = front.exec(text) ?? []
  return [...inner.matchAll(/^([\w-]+):/gm)].filter(([, name = '']) => !used.test(name)).length
}

/** What writers of Markdown put before it for their programs: title, author and language are used, the rest is theirs. */
function frontMatter(text: string): { readonly head: string; readonly rest: string } {
  const [whole = '', inner = ''] = front.exec(text) ?? []
  const value = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*["']?(.{0,300}?)["']?[ \\t]*$`, 'm').exec(inner)?.[1]?.trim() ?? ''
  if (whole === '') return { head: '', rest: text }
  const words = `<title>${escapedText(value('title'))}</title><meta name="author" content="${escapedText(value('author'))}">`
  return { head: `<html lang="${escapedText(value('lang') || value('language'))}">${words}`, rest: text.slice(whole.length) }
}

function paragraphs(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n[ \t]*\n\s*?(?=\S|$)/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => `<p>${escapedText(paragraph.replace(/^\n+|\n+$/g, '')).replaceAll('\n', '<br>\n')}</p>\n`)
    .join('')
}

interface Cell {
  readonly cell_type?: unknown
  readonly source?: unknown
  readonly outputs?: unknown
}
interface CellOutput {
  readonly text?: unknown
  readonly data?: Readonly<Record<string, unknown>>
  readonly traceback?: unknown
}

function notebookHtml(text: string, path: string): string {
  const notebook = parsedNotebook(text, path)
  const language = joined(notebook.metadata?.language_info?.name) || 'python'
  return notebook.cells
    .map(({ cell_type: kind, source, outputs }) => {
      if (kind === 'markdown') return markdownHtml(joined(source))
      if (kind !== 'code') return `<pre>${escapedText(joined(source))}</pre>\n`
      const shown = Array.isArray(outputs) ? (outputs as readonly CellOutput[]).map(outputHtml).join('') : ''
      return `<pre><code class="language-${escapedText(language)}">${escapedText(joined(source))}</code></pre>\n${shown}`
    })
    .join('')
}

interface Notebook {
  readonly cells: readonly Cell[]
  readonly metadata?: { readonly language_info?: { readonly name?: unknown } }
}

function parsedNotebook(text: string, path: string): Notebook {
  try {
    const found = JSON.parse(text) as Notebook
    if (Array.isArray(found.cells)) return found
  } catch {}
  throw new JobError('source-damaged', { path, because: 'not-decodable' })
}

function joined(source: unknown): string {
  return Array.isArray(source)
    ? source.filter((line) => typeof line === 'string').join('')
    : typeof source === 'string'
      ? source
      : ''
}

/** The best of what it says that needs no program to be shown. */
function outputHtml({ text, data = {}, traceback }: CellOutput): string {
  for (const kind of ['image/png', 'image/jpeg'] as const) {
    const picture = joined(data[kind]).replaceAll(/\s+/g, '')
    if (/^[\w+/=]+$/.test(picture)) return `<p><img alt="" src="data:${kind};base64,${picture}"></p>\n`
  }
  const html = joined(data['text/html'])
  if (html !== '') return html
  // oxlint-disable-next-line no-control-regex -- colours of a terminal
  const plain = (joined(text) || joined(data['text/plain']) || joined(traceback)).replaceAll(/\u001b\[[\d;]*m/g, '')
  return plain === '' ? '' : `<pre>${escapedText(plain)}</pre>\n`
}
