/**
 * XML as data: an element is a map of its attributes (`@name`), its elements and its text (`#text`); one with text alone is that text; those of one
 * name are a list. Entities that a document declares are not followed: what uses one is refused. Apart from it, for books, its plain tree.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { JobError } from '../../../../shared/failure.ts'
import { Figure, isList, isMap, maxDepth, Moment, notAs, tooDeep, type Data, type Way } from './value.ts'

export interface XmlElement {
  /** With its prefix. */
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly (XmlElement | string)[]
}

const attributesKey = ':@'
const textKey = '#text'
type Raw = Readonly<Record<string, unknown>>

/** @throws JobError `source-damaged` with the place, where it is not well formed or uses an entity of its own. */
export function parseXml(text: string): XmlElement {
  const wellFormed = XMLValidator.validate(text)
  if (wellFormed !== true) {
    const { msg, line, col } = wellFormed.err
    throw new JobError('source-damaged', { reason: `${msg} (${line}:${col})` })
  }
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    processEntities: false,
    htmlEntities: false,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    cdataPropName: '#cdata',
    maxNestedTags: maxDepth,
  })
  const found = parsed(() => parser.parse(text) as readonly Raw[])
  const root = found.map((raw) => elementOf(raw)).find((one) => typeof one !== 'string')
  if (root === undefined) throw new JobError('source-damaged', { reason: '<?>' })
  return root
}

function parsed<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && /nested/i.test(error.message))) throw tooDeep()
    if (error instanceof JobError) throw error
    throw new JobError('source-damaged', { reason: error instanceof Error ? error.message.slice(0, 160) : '' }, { cause: error })
  }
}

function elementOf(raw: Raw): XmlElement | string {
  const name = Object.keys(raw).find((key) => key !== attributesKey) ?? ''
  const value = raw[name]
  if (name === textKey) return decoded(String(value))
  // What stands there counts as it is.
  if (name === '#cdata') return (value as readonly Raw[]).map((one) => one[textKey] as string).join('')
  const attributes = Object.entries((raw[attributesKey] ?? {}) as Readonly<Record<string, unknown>>)
  const children = (value as readonly Raw[]).map((one) => elementOf(one))
  return { name, attributes: new Map(attributes.map(([key, one]) => [key, decoded(String(one))])), children }
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function decoded(text: string): string {
  return text.replaceAll(/&([^;&\s]{0,40})(;?)/g, (whole, name: string, end: string) => {
    const code = /^#(?:x([\da-fA-F]{1,6})|(\d{1,7}))$/.exec(name)
    const point = code === null ? Number.NaN : Number.parseInt(code[1] ?? code[2] ?? '', code[1] === undefined ? 10 : 16)
    const character = Number.isNaN(point) ? named[name] : point <= 0x10ffff ? String.fromCodePoint(point) : undefined
    if (end === '' || character === undefined) throw new JobError('source-damaged', { reason: whole })
    return character
  })
}

/** The root by its name. */
export function xmlData(root: XmlElement): Data {
  return new Map([[root.name, elementData(root, [root.name])]])
}

function elementData({ attributes, children }: XmlElement, way: Way): Data {
  const elements = children.filter((child) => typeof child !== 'string')
  const text = children.filter((child) => typeof child === 'string').join('')
  const isMixed = elements.length > 0 && text.trim() !== ''
  // In which order text and elements follow each other, no map can hold.
  if (isMixed) throw notAs('data', '<p>text <b>text</b> text</p>', way)
  if (elements.length === 0 && attributes.size === 0) return text
  const map = new Map<string, Data>([...attributes].map(([name, value]) => [`@${name}`, value]))
  const counts = new Map<string, number>()
  for (const { name } of elements) counts.set(name, (counts.get(name) ?? 0) + 1)
  const lists = new Map<string, Data[]>()
  for (const element of elements) {
    const { name } = element
    const data = elementData(element, [...way, name])
    const list = lists.get(name)
    if (list !== undefined) list.push(data)
    else if ((counts.get(name) ?? 0) > 1) {
      const fresh = [data]
      lists.set(name, fresh)
      map.set(name, fresh)
    } else map.set(name, data)
  }
  if (elements.length === 0 && text !== '') map.set(textKey, text)
  return map
}

/** The same way back; what has no name of its own is `root` and `item`, and a key that is no name of XML stands in `name`. */
export function xmlText(data: Data, indent: number): string {
  const [first] = isMap(data) && data.size === 1 ? data : []
  const isRooted = first !== undefined && !isList(first[1]) && !/^[@#]/.test(first[0])
  const [name, top] = isRooted ? first : ['root', data]
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elementText(name, top, '', ' '.repeat(indent), [name])}\n`
}

/** A list whose items come one by one: what stands before, for each, and behind them. */
export function xmlListText(indent: number): {
  readonly head: string
  readonly item: (data: Data) => string
  readonly tail: string
} {
  const step = ' '.repeat(indent)
  const line = step === '' ? '' : '\n'
  const item = (data: Data): string => `${elementText('item', data, step, step, ['item'])}${line}`
  return { head: `<?xml version="1.0" encoding="UTF-8"?>\n<root>${line}`, item, tail: '</root>\n' }
}

const nameStart =
  'A-Z_a-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u2070-\\u218f\\u3001-\\ud7ff'
const xmlName = new RegExp(
  `^[${nameStart}][${nameStart}\\-.0-9\\u00b7\\u0300-\\u036f]*(?::[${nameStart}][${nameStart}\\-.0-9]*)?$`,
)

function isXmlName(text: string): boolean {
  return xmlName.test(text)
}

function tagOf(key: string): { readonly tag: string; readonly named: string } {
  if (isXmlName(key)) return { tag: key, named: '' }
  const usable = Array.from(key, (sign) => (isXmlName(`_${sign}`) && sign !== ':' ? sign : '_')).join('')
  return { tag: isXmlName(usable) ? usable : `_${usable}`, named: ` name="${quotedText(key, [])}"` }
}

function elementText(key: string, data: Data, margin: string, step: string, way: Way): string {
  if (way.length > maxDepth) throw tooDeep()
  const { tag, named: own } = tagOf(key)
  const line = step === '' ? '' : '\n'
  const inner = `${margin}${step}`
  const opened = `${margin}<${tag}${own}`
  if (isList(data)) {
    const items = data.map((item, at) => elementText('item', item, inner, step, [...way, at]))
    return items.length === 0 ? `${opened}/>` : `${opened}>${line}${items.join(line)}${line}${margin}</${tag}>`
  }
  if (!isMap(data)) return data === null || data === '' ? `${opened}/>` : `${opened}>${textOf(data, way)}</${tag}>`
  const attributes = [...data].filter(([name, value]) => isAttribute(name, value))
  const rest = [...data].filter(([name, value]) => !isAttribute(name, value))
  const head = `${opened}${attributes.map(([name, value]) => ` ${name.slice(1)}="${quotedText(value, [...way, name])}"`).join('')}`
  const [only] = rest
  if (rest.length === 1 && only?.[0] === textKey && !isMap(only[1]) && !isList(only[1]))
    return `${head}>${textOf(only[1], way)}</${tag}>`
  const parts = rest.flatMap(([name, value]) => {
    const next = [...way, name]
    return isList(value) && value.length > 0 && !value.some(isList)
      ? value.map((item, at) => elementText(name, item, inner, step, [...next, at]))
      : [elementText(name, value, inner, step, next)]
  })
  return parts.length === 0 ? `${head}/>` : `${head}>${line}${parts.join(line)}${line}${margin}</${tag}>`
}

function isAttribute(name: string, value: Data): boolean {
  return name.startsWith('@') && isXmlName(name.slice(1)) && !isMap(value) && !isList(value) && value !== null
}

function textOf(data: Data, way: Way): string {
  if (data instanceof Figure || data instanceof Moment) return data.text
  if (data === null || isMap(data) || isList(data)) return ''
  return escaped(String(data), way)
}

/** Readers make blanks of line ends in attributes, unless they are written so. */
function quotedText(data: Data, way: Way): string {
  return textOf(data, way).replaceAll(/[\n\t]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

const forbidden =
  // oxlint-disable-next-line no-control-regex -- what XML forbids
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** @throws JobError `not-as-target` for characters that XML 1.0 has no way to write. */
export function escaped(text: string, way: Way): string {
  const control = forbidden.exec(text)
  if (control !== null) throw notAs('XML', `U+${control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`, way)
  return text.replaceAll(/[<>&"\r]/g, (sign) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[sign] ?? '&#13;')
}
