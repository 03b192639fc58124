/** EPUB (2 and 3): its title, author and language, and its chapters in their order of reading. */
import { posix } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import { parseXml, type XmlElement } from '../data/xml.ts'
import { innerMarkup, pageOf } from '../text/html.ts'
import { openPacked, type PackedDocument } from '../text/packed.ts'

export interface Book {
  readonly title: string | null
  readonly authors: readonly string[]
  readonly language: string | null
  /** Of each the inside of its body; pictures as `data:` addresses. */
  readonly chapters: readonly string[]
}

/** @throws JobError `source-damaged`, `source-protected` for one that a shop has locked. */
export async function readBook(path: string): Promise<Book> {
  const packed = await openPacked(path)
  try {
    const damaged = (reason: string): JobError => new JobError('source-damaged', { path, reason })
    if (packed.names.has('META-INF/encryption.xml') && packed.names.has('META-INF/rights.xml'))
      throw new JobError('source-protected', { path })
    const container = parseXml((await packed.read('META-INF/container.xml')).toString('utf8'))
    const place = attributeOf(all(container, 'rootfile')[0], 'full-path')
    if (place === null || !packed.names.has(place)) throw damaged('OPF')
    const opf = parseXml((await packed.read(place)).toString('utf8').replace(/^\uFEFF/, ''))
    const items = new Map(all(opf, 'item').map((item) => [attributeOf(item, 'id') ?? '', item]))
    const inBook = (href: string, from: string): string =>
      posix.normalize(posix.join(posix.dirname(from), decoded(href.split('#')[0] ?? '')))
    const kinds = new Map(
      [...items.values()].map((item) => [inBook(attributeOf(item, 'href') ?? '', place), attributeOf(item, 'media-type') ?? '']),
    )
    const chapters: string[] = []
    for (const reference of all(opf, 'itemref')) {
      const item = items.get(attributeOf(reference, 'idref') ?? '')
      const href = attributeOf(item, 'href')
      // Its own list of contents would be one more chapter.
      if (href === null || / nav( |$)/.test(` ${attributeOf(item, 'properties') ?? ''}`)) continue
      const name = inBook(href, place)
      const kind = attributeOf(item, 'media-type') ?? ''
      if (!packed.names.has(name)) throw damaged(name)
      if (/html|xml/.test(kind)) chapters.push(await chapterOf(packed, name, kinds, (source) => inBook(source, name)))
    }
    if (chapters.length === 0) throw new JobError('source-damaged', { path, because: 'no-text' })
    const text = (name: string): readonly string[] =>
      all(opf, name)
        .map((element) => textIn(element).trim())
        .filter((found) => found !== '')
    return { title: text('title')[0] ?? null, authors: text('creator'), language: text('language')[0] ?? null, chapters }
  } finally {
    packed.close()
  }
}

/** Percent signs that mean nothing are what they are. */
function decoded(href: string): string {
  try {
    return decodeURIComponent(href)
  } catch {
    return href
  }
}

const pictureKinds = /^image\/(png|jpeg|gif|webp|svg\+xml)$/

async function chapterOf(
  packed: PackedDocument,
  name: string,
  kinds: ReadonlyMap<string, string>,
  place: (source: string) => string,
): Promise<string> {
  const { body } = pageOf((await packed.read(name)).toString('utf8').replace(/^\uFEFF?<\?xml[^>]*\?>/, ''))
  const wanted = new Set<string>()
  innerMarkup(body, { picture: (source) => (wanted.add(source), null) })
  const pictures = new Map<string, string>()
  for (const source of wanted) {
    const inside = /^[a-z][\w+.-]*:/i.test(source) ? null : place(source)
    const kind = inside === null ? undefined : kinds.get(inside)
    if (inside === null || kind === undefined || !pictureKinds.test(kind) || !packed.names.has(inside)) continue
    pictures.set(source, `data:${kind};base64,${(await packed.read(inside)).toString('base64')}`)
  }
  return innerMarkup(body, { picture: (source) => pictures.get(source) ?? null }).trim()
}

function all(element: XmlElement, local: string): readonly XmlElement[] {
  const own = element.name.replace(/^.*:/, '') === local ? [element] : []
  return [...own, ...element.children.flatMap((child) => (typeof child === 'string' ? [] : all(child, local)))]
}

function attributeOf(element: XmlElement | undefined, name: string): string | null {
  return element?.attributes.get(name) ?? null
}

function textIn(element: XmlElement): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textIn(child))).join('')
}
