/** The text of a PDF as HTML: paragraphs page by page, and nothing of how it looked. Apart from plain text, which keeps lines. */
import type { Glyph } from './pdfium.ts'
import { blocksOf, type TextLine } from './text.ts'

export function htmlOf(title: string, pages: readonly (readonly Glyph[])[]): string {
  const body = pages.map((glyphs, n) => `<section id="page-${n + 1}">\n${blocksOf(glyphs).map(block).join('\n')}\n</section>`)
  return `<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>${escaped(title)}</title>\n</head>\n<body>\n${body.join('\n')}\n</body>\n</html>\n`
}

function block(lines: readonly TextLine[]): string {
  const paragraphs: TextLine[][] = []
  for (const line of lines) {
    const last = paragraphs.at(-1)?.at(-1)
    if (last === undefined || line.top - last.bottom > (last.bottom - last.top) / 2) paragraphs.push([line])
    else paragraphs.at(-1)?.push(line)
  }
  return paragraphs.map((paragraph) => `<p>${paragraph.map(lineText).reduce(joined)}</p>`).join('\n')
}

function lineText({ words }: TextLine): string {
  return escaped(words.map(({ text }) => text).join(' '))
}

/** A word that was broken at the end of a line is whole again. */
function joined(before: string, next: string): string {
  return /\p{L}-$/u.test(before) && /^\p{Ll}/u.test(next) ? before.slice(0, -1) + next : `${before} ${next}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
