/**
 * HTML of strangers as a tree, by a parser that runs no script and fetches nothing; and out of it what may be passed on: well formed, without
 * scripts, frames and handlers, and as plain text.
 */
import domino, { type HtmlDocument, type HtmlNode } from '@mixmark-io/domino'
import { JobError } from '../../../../shared/failure.ts'

export type { HtmlNode } from '@mixmark-io/domino'

export interface Page {
  readonly title: string
  /** As the document says; null where it does not. */
  readonly language: string | null
  readonly author: string | null
  readonly body: HtmlNode
}

/** @throws JobError `nested-too-deep`. */
export function pageOf(html: string): Page {
  const document = safely(() => domino.createDocument(html))
  const metas = Array.from(document.querySelectorAll('meta[name]'))
  const author = metas.find((meta) => attribute(meta, 'name')?.toLowerCase() === 'author')
  const language = attribute(document.documentElement, 'lang') ?? attribute(document.documentElement, 'xml:lang')
  return {
    title: document.title.replaceAll(/\s+/g, ' ').trim(),
    language: language === null || language.trim() === '' ? null : language.trim(),
    author: author === undefined ? null : attribute(author, 'content'),
    body: bodyOf(document),
  }
}

function bodyOf(document: HtmlDocument): HtmlNode {
  return document.body ?? document.documentElement
}

/** What calls itself without end is so nested. */
export function safely<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof RangeError ? new JobError('source-damaged', { because: 'nested-too-deep' }) : error
  }
}

export function attribute(node: HtmlNode, name: string): string | null {
  return Array.from(node.attributes ?? []).find((one) => one.name === name)?.value ?? null
}

export const elementNode = 1
export const textNode = 3
/** What acts, or brings something from elsewhere. */
const left = new Set([
  'SCRIPT',
  'NOSCRIPT',
  'IFRAME',
  'FRAME',
  'FRAMESET',
  'OBJECT',
  'EMBED',
  'APPLET',
  'BASE',
  'LINK',
  'META',
  'TEMPLATE',
  'TITLE',
  'HEAD',
])
const empty = new Set(['AREA', 'BR', 'COL', 'HR', 'IMG', 'INPUT', 'SOURCE', 'TRACK', 'WBR'])
const attributeName = /^[a-z_][\w.-]*(?::[a-z_][\w.-]*)?$/i

export interface Markup {
  /** What stands for a picture; null leaves its alternative text. */
  readonly picture?: (source: string) => string | null
  readonly isLeft?: (node: HtmlNode) => boolean
}

/** Of one node, as XML and HTML both read it. */
export function markupOf(node: HtmlNode, options: Markup = {}): string {
  return safely(() => written(node, options))
}

export function innerMarkup(node: HtmlNode, options: Markup = {}): string {
  return safely(() => Array.from(node.childNodes, (child) => written(child, options)).join(''))
}

function written(node: HtmlNode, options: Markup): string {
  if (node.nodeType === textNode) return escapedText(node.nodeValue ?? '')
  if (node.nodeType !== elementNode || left.has(node.nodeName.toUpperCase()) || options.isLeft?.(node) === true) return ''
  const name = node.nodeName.toLowerCase()
  if (!attributeName.test(name)) return Array.from(node.childNodes, (child) => written(child, options)).join('')
  const picture = name === 'img' && options.picture !== undefined ? options.picture(attribute(node, 'src') ?? '') : undefined
  if (picture === null) return escapedText(attribute(node, 'alt') ?? '')
  const attributes = Array.from(node.attributes ?? [])
    .filter(({ name: key, value }) => isHarmless(key, value))
    .map(({ name: key, value }) => ` ${key}="${escapedText(key === 'src' && picture !== undefined ? picture : value)}"`)
    .join('')
  if (empty.has(node.nodeName.toUpperCase())) return `<${name}${attributes}/>`
  return `<${name}${attributes}>${Array.from(node.childNodes, (child) => written(child, options)).join('')}</${name}>`
}

function isHarmless(name: string, value: string): boolean {
  if (!attributeName.test(name) || /^(on|xmlns)/i.test(name) || name === 'srcset' || name === 'ping') return false
  return !/^(href|src|action|formaction|xlink:href)$/i.test(name) || !/^[\s\u0000-\u0020]*(javascript|vbscript):/i.test(value) // oxlint-disable-line no-control-regex -- what browsers skip
}

// oxlint-disable-next-line no-control-regex -- what XML forbids
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

export function escapedText(text: string): string {
  const plain = text.toWellFormed().replaceAll(forbidden, '')
  return plain.replaceAll(/[<>&"]/g, (sign) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[sign] ?? '&quot;')
}

const blocks =
  /^(ADDRESS|ARTICLE|ASIDE|BLOCKQUOTE|BODY|CAPTION|DD|DETAILS|DIV|DL|DT|FIELDSET|FIGCAPTION|FIGURE|FOOTER|FORM|H[1-6]|HEADER|HR|HTML|LI|MAIN|NAV|OL|P|PRE|SECTION|SUMMARY|TABLE|TR|UL)$/
/** Between which a line is left free. */
const apart = /^(ARTICLE|BLOCKQUOTE|DL|FIGURE|H[1-6]|HR|OL|P|PRE|SECTION|TABLE|UL)$/

/** As people would type it: paragraphs with a line between them, lists with their marks, cells of a table with tabs. */
export function plainText(node: HtmlNode): string {
  let text = ''
  const breakTo = (lines: number): void => {
    text = text.replace(/[ \t]+$/, '')
    const there = /\n*$/.exec(text)?.[0].length ?? 0
    if (text !== '') text += '\n'.repeat(Math.max(0, lines - there))
  }
  const walk = (one: HtmlNode, isPre: boolean, lists: readonly (number | null)[]): void => {
    if (one.nodeType === textNode) {
      const own = one.nodeValue ?? ''
      const flowing = own.replaceAll(/[ \t\r\n\f]+/g, ' ')
      text += isPre ? own : /(^|[\s])$/.test(text) ? flowing.trimStart() : flowing
      return
    }
    const name = one.nodeName.toUpperCase()
    if (one.nodeType !== elementNode || left.has(name) || name === 'STYLE') return
    if (name === 'BR') text += '\n'
    if (name === 'IMG') text += attribute(one, 'alt') ?? ''
    const gap = apart.test(name) && lists.length === 0 ? 2 : blocks.test(name) ? 1 : 0
    if (gap > 0) breakTo(gap)
    const numbers = name === 'OL' ? [...lists, 1] : name === 'UL' ? [...lists, null] : [...lists]
    if (name === 'LI') text += `${'  '.repeat(Math.max(0, lists.length - 1))}${markOf(lists)} `
    let number = 0
    for (const child of Array.from(one.childNodes)) {
      if (child.nodeName === 'LI' && name === 'OL') numbers[numbers.length - 1] = number += 1
      walk(child, isPre || name === 'PRE', numbers)
    }
    if (name === 'TD' || name === 'TH') text = `${text.trimEnd()}\t`
    if (name === 'TR') text = text.replace(/\t$/, '')
    if (gap > 0) breakTo(gap)
  }
  safely(() => walk(node, false, []))
  const trimmed = text
    .replaceAll(/[ \t]+\n/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .replace(/^\n+/, '')
    .trimEnd()
  return `${trimmed}\n`
}

function markOf(lists: readonly (number | null)[]): string {
  const number = lists.at(-1) ?? null
  return number === null ? '-' : `${number}.`
}

/** Of what is read, without what is white: neither marks of lists nor what stands for a picture, which other formats may have in another place. */
export function charactersIn(node: HtmlNode): number {
  if (node.nodeType === textNode) return countCharacters(node.nodeValue ?? '')
  const name = node.nodeName.toUpperCase()
  if (node.nodeType !== elementNode || left.has(name) || name === 'STYLE') return 0
  return safely(() => Array.from(node.childNodes).reduce((sum, child) => sum + charactersIn(child), 0))
}

/** Characters of a text, without what is white. */
export function countCharacters(text: string): number {
  return Array.from(text.replaceAll(/\s+/g, '')).length
}
