/** A text as an EPUB 3 that readers of EPUB 2 open too: a chapter for each of its highest headings, pictures as files, a list of contents. */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { elementNode, escapedText, markupOf, pageOf, textNode, type HtmlNode } from '../text/html.ts'

export interface BookOrder {
  readonly html: string
  /** Stands for the title where the text has none. */
  readonly name: string
  /** When its source was changed: a book has to say it. */
  readonly mtimeMs: number
  /** Whether it begins with its contents. */
  readonly hasContents: boolean
}

interface Chapter {
  readonly title: string
  readonly markup: string
}

export async function writeBook(path: string, { html, name, mtimeMs, hasContents }: BookOrder): Promise<void> {
  const page = pageOf(html)
  const pictures = new Map<string, { readonly file: string; readonly kind: string; readonly bytes: Buffer }>()
  const picture = (source: string): string | null => {
    const [, kind, ending, data] = /^data:(image\/(png|jpeg|gif|webp|svg\+xml));base64,([\w+/=\s]+)$/.exec(source) ?? []
    // What stands elsewhere is not fetched; its words stay.
    if (kind === undefined || data === undefined) return null
    const bytes = Buffer.from(data, 'base64')
    const file = `images/${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.${ending === 'svg+xml' ? 'svg' : ending}`
    pictures.set(file, { file, kind, bytes })
    return file
  }
  const chapters = chaptersOf(page.body, (node) => markupOf(node, { picture, isLeft: (one) => one.nodeName === 'INPUT' }))
  const title = page.title || (chapters.find((chapter) => chapter.title !== '')?.title ?? name)
  const language = page.language ?? 'und'
  const mtime = new Date(Date.UTC(1980, 0, 1))
  const zip = new ZipFile()
  const add = (file: string, text: string): void => zip.addBuffer(Buffer.from(text), file, { mtime })
  // By this a program tells a book from any other ZIP: the first file, and as it is.
  zip.addBuffer(Buffer.from('application/epub+zip'), 'mimetype', { mtime, compress: false })
  add('META-INF/container.xml', containerText)
  const files = chapters.map((chapter, at) => ({
    ...chapter,
    title: chapter.title || title,
    id: `c${at + 1}`,
    file: `c${at + 1}.xhtml`,
  }))
  const entries = files.map((chapter) => ({ title: chapter.title, file: chapter.file }))
  const facts = {
    title,
    language,
    author: page.author ?? '',
    identifier: `urn:sha256:${createHash('sha256').update(html).digest('hex')}`,
  }
  add(
    'EPUB/package.opf',
    packageText({
      ...facts,
      modified: `${new Date(mtimeMs).toISOString().slice(0, 19)}Z`,
      files,
      pictures: [...pictures.values()],
      hasContents,
    }),
  )
  add('EPUB/nav.xhtml', navText(title, language, entries))
  add('EPUB/toc.ncx', ncxText(facts.identifier, title, entries))
  for (const { file, title: own, markup } of files) add(`EPUB/${file}`, chapterText(own, language, markup))
  for (const { file, bytes } of pictures.values()) zip.addBuffer(bytes, `EPUB/${file}`, { mtime, compress: false })
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(path, { flags: 'wx' }))
}

/** Cut before each of the highest headings of which there is one at least; what stands before the first is one too. */
function chaptersOf(body: HtmlNode, markup: (node: HtmlNode) => string): readonly Chapter[] {
  const top = flattened(body)
  const levels = top.flatMap((node) => /^H([1-6])$/.exec(node.nodeName)?.[1] ?? [])
  const level = `H${levels.toSorted()[0] ?? '1'}`
  const chapters: { title: string; markup: string }[] = []
  for (const node of top) {
    const isHeading = node.nodeName === level
    const text = markup(node)
    if (isHeading || chapters.length === 0) {
      if (!isHeading && text.trim() === '') continue
      chapters.push({ title: isHeading ? (node.textContent ?? '').replaceAll(/\s+/g, ' ').trim() : '', markup: '' })
    }
    const last = chapters.at(-1)
    if (last === undefined) continue
    // A body holds blocks; what stands loose in it is made one.
    const isBare = node.nodeType === textNode && text.trim() !== ''
    last.markup += isBare ? `<p>${text.trim()}</p>` : text
  }
  return chapters.length > 0 ? chapters : [{ title: '', markup: '<p></p>' }]
}

/** Through what only holds everything together, as an article or a division around all of it. */
function flattened(body: HtmlNode): readonly HtmlNode[] {
  const nodes = Array.from(body.childNodes)
  const filled = nodes.filter(
    (node) => node.nodeType === elementNode || (node.nodeType === textNode && (node.nodeValue ?? '').trim() !== ''),
  )
  const [only] = filled
  return filled.length === 1 && only !== undefined && /^(ARTICLE|DIV|MAIN|SECTION)$/.test(only.nodeName) ? flattened(only) : nodes
}

const head = '<?xml version="1.0" encoding="UTF-8"?>\n'
const containerText = `${head}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>\n`

interface PackageFacts {
  readonly title: string
  readonly author: string
  readonly language: string
  readonly identifier: string
  readonly modified: string
  readonly files: readonly { readonly id: string; readonly file: string }[]
  readonly pictures: readonly { readonly file: string; readonly kind: string }[]
  readonly hasContents: boolean
}

function packageText({ title, author, language, identifier, modified, files, pictures, hasContents }: PackageFacts): string {
  const creator = author === '' ? '' : `<dc:creator>${escapedText(author)}</dc:creator>`
  const items = [
    '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
    '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>',
    ...files.map(({ id, file }) => `<item id="${id}" href="${file}" media-type="application/xhtml+xml"/>`),
    ...pictures.map(({ file, kind }, at) => `<item id="p${at + 1}" href="${file}" media-type="${kind}"/>`),
  ]
  const spine = [...(hasContents ? ['nav'] : []), ...files.map(({ id }) => id)].map((id) => `<itemref idref="${id}"/>`)
  return `${head}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">${identifier}</dc:identifier><dc:title>${escapedText(title)}</dc:title>${creator}<dc:language>${escapedText(language)}</dc:language><meta property="dcterms:modified">${modified}</meta></metadata>
<manifest>${items.join('')}</manifest>
<spine toc="ncx">${spine.join('')}</spine>
</package>\n`
}

interface Entry {
  readonly title: string
  readonly file: string
}

function pageOfBook(title: string, language: string, attributes: string, body: string): string {
  const name = escapedText(language)
  return `${head}<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml"${attributes} xml:lang="${name}" lang="${name}"><head><title>${escapedText(title)}</title></head><body>\n${body}\n</body></html>\n`
}

function chapterText(title: string, language: string, markup: string): string {
  return pageOfBook(title, language, '', markup)
}

function navText(title: string, language: string, entries: readonly Entry[]): string {
  const items = entries.map((entry) => `<li><a href="${entry.file}">${escapedText(entry.title)}</a></li>`)
  const body = `<nav epub:type="toc" id="toc"><h1>${escapedText(title)}</h1><ol>${items.join('')}</ol></nav>`
  return pageOfBook(title, language, ' xmlns:epub="http://www.idpf.org/2007/ops"', body)
}

function ncxText(identifier: string, title: string, entries: readonly Entry[]): string {
  const points = entries.map(
    (entry, at) =>
      `<navPoint id="n${at + 1}" playOrder="${at + 1}"><navLabel><text>${escapedText(entry.title)}</text></navLabel><content src="${entry.file}"/></navPoint>`,
  )
  return `${head}<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><head><meta name="dtb:uid" content="${identifier}"/></head><docTitle><text>${escapedText(title)}</text></docTitle><navMap>${points.join('')}</navMap></ncx>\n`
}
