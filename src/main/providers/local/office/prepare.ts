/**
 * What LibreOffice is given of a source, and how it is told to take it. Text and CSV are read here, so that encodings, separators, leading zeros
 * and long numbers do not depend on its guesses; what states no paper of its own gets one.
 */
import { parse } from 'csv-parse/sync'
import { JobError } from '../../../../shared/failure.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import type { Options } from '../../../../shared/options.ts'
import { decoded } from './text-source.ts'

export interface Prepared {
  readonly bytes: Buffer
  /** By which LibreOffice knows how to read it. */
  readonly ending: string
  /** Options of the filter that reads it; empty where it needs none. */
  readonly load: string
}

export interface Preparing {
  readonly path: string
  readonly from: FormatId
  readonly target: FormatId
  readonly options: Options
  /** What its contents call for, where that is not the usual ending. */
  readonly ending?: string | undefined
}

/** @throws JobError `source-unsupported` where it is not text. */
export function prepared(bytes: Buffer, { path, from, target, options, ending }: Preparing): Prepared {
  if (from === 'csv') return { bytes: textOf(), ending: 'csv', load: csvLoad(textOf().toString('utf8'), path) }
  if (from === 'text') {
    const text = textOf().toString('utf8')
    if (target === 'pdf') return { bytes: Buffer.from(asPage(text, options)), ending: 'html', load: '' }
    return { bytes: Buffer.from(text), ending: 'txt', load: 'UTF8,LF' }
  }
  if (from === 'html' && target === 'pdf') return { bytes: withPaper(bytes, options), ending: 'html', load: '' }
  return { bytes, ending: ending ?? from, load: '' }

  function textOf(): Buffer {
    const text = decoded(bytes, options.sourceEncoding)
    if (text === null) throw new JobError('source-unsupported', { path, because: 'not-text' })
    return Buffer.from(text.replace(/^\uFEFF/, ''))
  }
}

// ── Paper ──

/** mm, upright. */
const sizes = { a3: [297, 420], a4: [210, 297], a5: [148, 210], letter: [215.9, 279.4], legal: [215.9, 355.6] } as const
const usualMargin = 20

export function paperOf({ paper = 'a4', orientation = 'portrait' }: Options): {
  readonly width: number
  readonly height: number
} {
  const [short, long] = sizes[paper === 'source' ? 'a4' : paper]
  return orientation === 'portrait' ? { width: short, height: long } : { width: long, height: short }
}

function pageRule(options: Options): string {
  const { width, height } = paperOf(options)
  return `<style>@page { size: ${width}mm ${height}mm; margin: ${options.margin ?? usualMargin}mm }</style>`
}

/** What was asked for comes last and holds; what nobody asked for comes first, and the page's own word holds. */
function withPaper(bytes: Buffer, options: Options): Buffer {
  const isAsked = options.paper !== undefined || options.orientation !== undefined || options.margin !== undefined
  const text = bytes.toString('latin1')
  const place = isAsked ? /<\/head\s*>/i.exec(text)?.index : openingEnd(text)
  const rule = Buffer.from(pageRule(options))
  const at = place ?? openingEnd(text)
  return Buffer.concat([bytes.subarray(0, at), rule, bytes.subarray(at)])
}

function openingEnd(text: string): number {
  const found = /<head(?:\s[^>]*)?>/i.exec(text) ?? /<html(?:\s[^>]*)?>/i.exec(text) ?? /<!doctype[^>]*>/i.exec(text)
  return found === null ? 0 : found.index + found[0].length
}

function asPage(text: string, options: Options): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\0', '')
  const head = `<meta http-equiv="content-type" content="text/html; charset=utf-8">${pageRule(options)}`
  // The first line break within the element belongs to it.
  return `<!doctype html><html><head>${head}</head><body><pre>\n${escaped}</pre></body></html>`
}

// ── CSV ──

const separators = [',', ';', '\t', '|'] as const
const asText = 2

/** Tokens of LibreOffice's filter: separator, quote, UTF-8, first row, columns, language; then that nothing is computed or guessed. */
function csvLoad(text: string, path: string): string {
  const separator = separatorOf(text)
  const columns = [...textColumns(text, separator, path)].map((column) => `${column + 1}/${asText}`).join('/')
  return `${separator.codePointAt(0)},34,76,1,${columns},1033,false,false,false,false,false,0,false,false,false`
}

/** The one that cuts the first rows into the most columns, equally many in each. */
export function separatorOf(text: string): (typeof separators)[number] {
  const head = text.slice(0, 65_536).split(/\r?\n/).slice(0, 20)
  const rows = head.filter((line) => line.trim() !== '').map((line) => line.replaceAll(/"[^"]*"/g, ''))
  const rated = separators.map((separator) => {
    const counts = rows.map((row) => row.split(separator).length - 1)
    const least = Math.min(...counts)
    return { separator, rate: counts.length === 0 ? 0 : least * 1000 + (counts.every((count) => count === least) ? 1 : 0) }
  })
  return rated.toSorted((one, other) => other.rate - one.rate)[0]?.separator ?? ','
}

/** A number that a program writes again just as it stands: without leading zeros, signs, separators of thousands or more digits than it holds. */
const plainNumber = /^-?(0|[1-9]\d{0,14})(\.\d{1,10})?$/
const numberLike = /^\s*[-+]?[\d.,'\u00a0 ]*\d[\d.,]*([eE][-+]?\d+)?\s*%?\s*$/

/** Of columns with anything that reads as a number and would not be the same afterwards, everything stays text. */
function textColumns(text: string, delimiter: string, path: string): ReadonlySet<number> {
  const found = new Set<number>()
  try {
    const onRecord = (record: readonly string[]): null => {
      for (const [column, value] of record.entries())
        if (numberLike.test(value) && !plainNumber.test(value) && value.length < 200) found.add(column)
      return null
    }
    parse(text, { delimiter, relaxColumnCount: true, relaxQuotes: true, skipEmptyLines: true, onRecord })
  } catch (cause) {
    throw new JobError('source-damaged', { path, because: 'not-decodable' }, { cause })
  }
  return found
}
