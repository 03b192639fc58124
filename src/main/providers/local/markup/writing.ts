/** HTML as a page that stands alone, as Markdown, and as plain text. */
import { gfm } from '@joplin/turndown-plugin-gfm'
import TurndownService from 'turndown'
import { attribute, elementNode, escapedText, innerMarkup, pageOf, plainText, safely, type HtmlNode } from '../text/html.ts'

/** @param name stands for the title where the text has none. */
export function pageText(html: string, name: string, hasContents: boolean): string {
  const { title, language, author, body } = pageOf(html)
  const headings = headingsIn(body)
  const heading = headings[0]?.text ?? ''
  const head = [
    '<meta charset="utf-8"/>',
    `<title>${escapedText(title || heading || name)}</title>`,
    ...(author === null || author === '' ? [] : [`<meta name="author" content="${escapedText(author)}"/>`]),
  ]
  let at = 0
  const anchored = innerMarkup(body).replaceAll(/<h([1-6])((?: [^>]*)?)>/g, (tag, level: string, rest: string) => {
    const anchor = headings[at]?.anchor ?? ''
    at += 1
    return / id="/.test(rest) || !hasContents ? tag : `<h${level} id="${anchor}"${rest}>`
  })
  const contents = hasContents && headings.length > 0 ? `${contentsText(headings)}\n` : ''
  const named = language === null ? '' : ` lang="${escapedText(language)}"`
  return `<!DOCTYPE html>\n<html${named}>\n<head>\n${head.join('\n')}\n</head>\n<body>\n${contents}${anchored.trim()}\n</body>\n</html>\n`
}

interface Heading {
  readonly level: number
  readonly text: string
  readonly anchor: string
}

function headingsIn(body: HtmlNode): readonly Heading[] {
  const found: Heading[] = []
  const walk = (node: HtmlNode): void => {
    const [, level] = /^H([1-6])$/.exec(node.nodeName) ?? []
    if (node.nodeType === elementNode && level !== undefined) {
      const anchor = attribute(node, 'id') ?? `h${found.length + 1}`
      found.push({ level: Number(level), anchor, text: (node.textContent ?? '').replaceAll(/\s+/g, ' ').trim() })
    } else for (const child of Array.from(node.childNodes)) walk(child)
  }
  safely(() => walk(body))
  return found
}

function contentsText(headings: readonly Heading[]): string {
  const top = Math.min(...headings.map(({ level }) => level))
  const lines = headings.map(
    ({ level, text, anchor }) =>
      `<li style="margin-left: ${(level - top) * 1.5}em"><a href="#${escapedText(anchor)}">${escapedText(text)}</a></li>`,
  )
  return `<nav>\n<ul>\n${lines.join('\n')}\n</ul>\n</nav>`
}

export function markdownText(html: string): string {
  const service = new TurndownService({
    headingStyle: 'atx',
    codeBlockStyle: 'fenced',
    bulletListMarker: '-',
    emDelimiter: '*',
    hr: '---',
  })
  service.use(gfm)
  return safely(() => `${service.turndown(innerMarkup(pageOf(html).body)).trim()}\n`)
}

export function textOfHtml(html: string): string {
  return plainText(pageOf(html).body)
}
