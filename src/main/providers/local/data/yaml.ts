/** YAML: read by its library down to its nodes, of which trees are made here with a limit on what aliases repeat; written so that readers of 1.1 see the same. */
import {
  isAlias,
  isMap as isYamlMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml'
import { JobError } from '../../../../shared/failure.ts'
import { Figure, isList, isMap, maxDepth, Moment, notAs, tooDeep, type Data, type Way } from './value.ts'

/** Nodes that come of one file by its aliases; people repeat a few hundred. */
const maxRepeated = 100_000

const brackets = new RegExp(`(?:[[{]\\s*){${maxDepth}}`)

/** @throws JobError `source-damaged` with the library's words and the line, `nested-too-deep` for what repeats itself without end. */
export function parseYaml(text: string): readonly Data[] {
  // Its library would take a minute to find out.
  if (brackets.test(text)) throw tooDeep()
  const documents = within(() =>
    parseAllDocuments(text, { uniqueKeys: true, prettyErrors: true, strict: true, logLevel: 'silent' }),
  )
  if (!Array.isArray(documents)) return []
  const repeated = { count: 0 }
  return documents.map((document) => {
    const [error] = document.errors
    if (error !== undefined) throw new JobError('source-damaged', { reason: error.message.split('\n')[0]?.slice(0, 160) ?? '' })
    return within(() => dataOf(document.contents, { document, repeated, within: new Set(), isRepeat: false }, 0))
  })
}

/** What calls itself without end is so nested. */
function within<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof RangeError ? tooDeep() : error
  }
}

interface Reading {
  readonly document: Document
  readonly repeated: { count: number }
  /** Anchors that are being read. */
  readonly within: Set<Node>
  readonly isRepeat: boolean
}

function dataOf(node: unknown, reading: Reading, depth: number): Data {
  if (depth > maxDepth) throw tooDeep()
  if (reading.isRepeat && (reading.repeated.count += 1) > maxRepeated) throw tooDeep()
  if (node === null || node === undefined) return null
  if (isAlias(node)) return aliased(node, reading, depth)
  if (isScalar(node)) return scalarOf(node)
  if (reading.within.has(node as Node)) throw tooDeep()
  reading.within.add(node as Node)
  try {
    if (isSeq(node)) return node.items.map((item) => dataOf(item, reading, depth + 1))
    return isYamlMap(node) ? mapOf(node.items, reading, depth) : null
  } finally {
    reading.within.delete(node as Node)
  }
}

function aliased(alias: Alias, reading: Reading, depth: number): Data {
  const target = alias.resolve(reading.document)
  if (target === undefined) throw new JobError('source-damaged', { reason: `*${alias.source}` })
  return dataOf(target, { ...reading, isRepeat: true }, depth + 1)
}

function mapOf(pairs: readonly Pair[], reading: Reading, depth: number): Data {
  const map = new Map<string, Data>()
  const merged: Data[] = []
  for (const { key, value } of pairs) {
    // Widely used, though of version 1.1.
    if (isScalar(key) && key.value === '<<' && key.type === 'PLAIN') merged.push(dataOf(value, reading, depth + 1))
    else map.set(keyOf(dataOf(key, reading, depth + 1)), dataOf(value, reading, depth + 1))
  }
  for (const source of merged.flatMap((one) => (isList(one) ? one : [one]))) {
    if (!isMap(source)) throw new JobError('source-damaged', { reason: '<<' })
    for (const [key, value] of source) if (!map.has(key)) map.set(key, value)
  }
  return map
}

/** Keys that are no text become what is written for them. */
function keyOf(key: Data): string {
  if (typeof key === 'string') return key
  if (key instanceof Figure || key instanceof Moment) return key.text
  if (key === null || typeof key === 'boolean') return String(key)
  throw new JobError('source-unsupported', { because: 'not-as-target', target: 'text', reason: '? [ ]' })
}

const dated = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?: ?(?:[Zz]|[+-]\d{2}:\d{2}))?)?$/

function scalarOf({ value, source = '', type }: Scalar): Data {
  if (typeof value === 'string') return type === 'PLAIN' && dated.test(value) ? new Moment(value) : value
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number' || typeof value === 'bigint') return figureOf(value, source)
  if (value instanceof Date) return new Moment(source === '' ? value.toISOString() : source)
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : source
}

function figureOf(value: number | bigint, source: string): Data {
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(source)) return new Figure(source)
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? new Figure('NaN') : new Figure(value > 0 ? 'Infinity' : '-Infinity')
  // Octal, hexadecimal and what begins with a plus.
  const whole = /^[+-]?0[xo]/i.test(source) ? BigInt(source.replace(/^[+-]/, '')) * (source.startsWith('-') ? -1n : 1n) : null
  return new Figure(String(whole ?? value))
}

/** What no version of YAML takes for anything but text, when it stands there plain. */
const plainText = /^[A-Za-z_\u00c0-\u024f](?:[\w \u00c0-\u024f./()+-]*[\w\u00c0-\u024f./()+-])?$/
const words = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|infinity)$/i
/** What a block of lines can hold as it is. */
const blockText = /^[^\s\u0000-\u001f][^\r\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]*$/ // oxlint-disable-line no-control-regex -- what it cannot hold

/** @param indent spaces a level, 1 at least. */
export function yamlText(documents: readonly Data[], indent: number): string {
  const step = ' '.repeat(Math.max(1, indent))
  return documents.map((data) => `${documents.length > 1 ? '---\n' : ''}${block(data, '', step, [])}\n`).join('')
}

function inline(text: string): string {
  if (plainText.test(text) && !words.test(text)) return text
  const escape = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escape)
}

/** A text of several lines stays one that people can read. */
function lines(text: string, margin: string): string {
  const isBlock = /\n./.test(text) && blockText.test(text) && !/[ \t]\n|\n\n$|[ \t]$/.test(text) && text.isWellFormed()
  if (!isBlock) return inline(text)
  const indented = text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => (line === '' ? '' : `${margin}${line}`))
  return `|${text.endsWith('\n') ? '' : '-'}\n${indented.join('\n')}`
}

function block(data: Data, margin: string, step: string, way: Way): string {
  if (data === null) return 'null'
  if (typeof data === 'boolean') return String(data)
  if (typeof data === 'string') return lines(data, `${margin}${step}`)
  if (data instanceof Moment) return data.text
  if (data instanceof Figure) return { NaN: '.nan', Infinity: '.inf', '-Infinity': '-.inf' }[data.text] ?? exactFigure(data.text)
  if (way.length > maxDepth) throw notAs('YAML', '[…]', way.slice(0, 3))
  if (isMap(data)) {
    if (data.size === 0) return '{}'
    return [...data].map(([key, value]) => `${inline(key)}:${below(value, margin, step, [...way, key])}`).join(`\n${margin}`)
  }
  if (data.length === 0) return '[]'
  const inner = `${margin}  `
  return data
    .map((item, at) => `- ${typeof item === 'string' ? lines(item, inner) : block(item, inner, step, [...way, at])}`)
    .join(`\n${margin}`)
}

/** Readers of 1.1 know no exponent without a point and a sign. */
function exactFigure(text: string): string {
  return text.replace(
    /^(-?\d+)(\.\d+)?[eE]([+-]?)(\d+)$/,
    (_, whole: string, part: string | undefined, sign: string, power: string) => `${whole}${part ?? '.0'}e${sign || '+'}${power}`,
  )
}

function below(value: Data, margin: string, step: string, way: Way): string {
  const inner = `${margin}${step}`
  if (isMap(value) && value.size > 0) return `\n${inner}${block(value, inner, step, way)}`
  if (isList(value) && value.length > 0) return `\n${inner}${block(value, inner, step, way)}`
  return ` ${block(value, margin, step, way)}`
}
