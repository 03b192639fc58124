/**
 * Whether results hold as many pages, sheets, rows, characters, files, glyphs and cues as their sources: the gate for all that is neither
 * heard nor seen. Pure. What nobody has counted on either side is not compared. Apart from the check of media, with which it shares nothing.
 */
import type { DocumentFacts } from '../../../shared/document-facts.ts'
import { failure, type Failure } from '../../../shared/failure.ts'
import { factsOf, type Family, type FormatId } from '../../../shared/formats.ts'
import type { MediaFacts } from '../../../shared/media.ts'
import type { Remark } from '../../../shared/notes.ts'
import type { Options } from '../../../shared/options.ts'

export interface DocumentCheck {
  readonly target: FormatId
  readonly options: Options
  /** All of them, in order; empty where they cannot be looked into. */
  readonly sources: readonly MediaFacts[]
  /** All parts, in order. */
  readonly results: readonly MediaFacts[]
}

type Shortage = 'pages' | 'sheets' | 'rows' | 'text' | 'entries' | 'glyphs' | 'cues' | 'chapters'

/** Of the characters of a text so many may be those of its form: marks, numbers of lists, what stands in a header. */
const textShare = 0.9
/** A reader of pages sees vowel marks and hyphens otherwise than who wrote them. */
const drawnTextShare = 0.5

const written: ReadonlySet<Family> = new Set(['document', 'presentation', 'book', 'markup', 'spreadsheet'])

/** What is wrong with the results, or null. */
export function documentTrouble(check: DocumentCheck): Failure | null {
  const { target, options, sources, results } = check
  const from = sources.flatMap(({ document }) => document ?? [])
  const to = results.flatMap(({ document }) => document ?? [])
  if (from.length === 0 || from.length < sources.length || to.length < results.length || to.length === 0) return null
  const [first] = sources
  const { family } = factsOf(target)
  const source = first === undefined ? 'other' : factsOf(first.format).family
  const isPart = options.pages !== undefined || options.sheet !== undefined
  // Drawn anew, it gets those that its new kind asks for.
  if (family === 'font') return atLeast('glyphs', sum(from, 'glyphs'), sum(to, 'glyphs'), 1)
  // Of several, each is one file of the result.
  if (family === 'archive')
    return source === 'archive' && sources.length === 1 ? exactly('entries', sum(from, 'entries'), sum(to, 'entries')) : null
  if (family === 'subtitle')
    return source === 'subtitle' && options.shift === undefined ? exactly('cues', sum(from, 'cues'), sum(to, 'cues')) : null
  if (isPart) return null
  if (target === 'pdf' && (first?.format === 'pdf' || source === 'presentation')) {
    const trouble = atLeast('pages', sum(from, 'pages'), sum(to, 'pages'), 1)
    if (trouble !== null) return trouble
  }
  if (family === 'spreadsheet' && source === 'spreadsheet') return sheetTrouble(from, to)
  if (!written.has(source) || !written.has(family)) return null
  return atLeast('text', sum(from, 'characters'), sum(to, 'characters'), target === 'pdf' ? drawnTextShare : textShare)
}

/** What the results do not have any more, whoever made them. */
export function documentRemarks(check: DocumentCheck): readonly Remark[] {
  const { target, sources, results } = check
  const haveMacros = (all: readonly MediaFacts[]) => all.some(({ document }) => document?.hasMacros === true)
  const isLeft = factsOf(target).family !== 'archive' && haveMacros(sources) && !haveMacros(results)
  const fields = fieldsLeft(check)
  return [
    ...(isLeft ? [{ code: 'macros-left' } as const] : []),
    ...(fields > 0 ? [{ code: 'fields-left', count: fields } as const] : []),
  ]
}

/** Nothing but contents: there is no place to say who wrote it. */
const bare: ReadonlySet<FormatId> = new Set(['text', 'csv', 'tsv', 'json', 'ndjson', 'yaml', 'toml', 'xml'])
const titled: ReadonlySet<FormatId> = new Set([
  ...(['docx', 'doc', 'odt', 'rtf', 'xlsx', 'xls', 'ods', 'pptx', 'ppt', 'odp', 'pdf', 'epub', 'html', 'md'] as const),
])
/** Of what describes a document, what every reader of those tells. */
const told: ReadonlySet<string> = new Set(['TITLE', 'ARTIST'])

/** How much of what describes a document is in no result, as far as those tell. */
function fieldsLeft({ target, sources, results }: DocumentCheck): number {
  const [source, ...others] = sources
  if (source === undefined || others.length > 0 || !written.has(factsOf(source.format).family)) return 0
  const names = source.tags.map(({ name }) => name).filter((name) => bare.has(target) || (titled.has(target) && told.has(name)))
  return names.filter((name) => !results.some(({ tags }) => tags.some((tag) => tag.name === name))).length
}

function sheetTrouble(from: readonly DocumentFacts[], to: readonly DocumentFacts[]): Failure | null {
  const rows = (all: readonly DocumentFacts[]) => {
    // Of a sheet on which nothing stands there is nothing to make.
    const sheets = all.flatMap((facts) => facts.sheets ?? []).filter(({ rows: filled }) => filled > 0)
    return all.some((facts) => facts.sheets === undefined)
      ? null
      : { count: sheets.length, rows: sheets.reduce((count, sheet) => count + sheet.rows, 0) }
  }
  const [before, after] = [rows(from), rows(to)]
  if (before === null || after === null) return null
  return atLeast('sheets', before.count, after.count, 1) ?? atLeast('rows', before.rows, after.rows, 1)
}

type Counted = 'pages' | 'characters' | 'entries' | 'glyphs' | 'cues' | 'chapters'

/** Null where one of them has not been counted. */
function sum(all: readonly DocumentFacts[], what: Counted): number | null {
  return all.reduce<number | null>((total, facts) => {
    const count = facts[what]
    return total === null || count === undefined ? null : total + count
  }, 0)
}

function exactly(what: Shortage, expected: number | null, actual: number | null): Failure | null {
  return expected === null || actual === null || expected === actual ? null : missing(what, expected, actual)
}

function atLeast(what: Shortage, expected: number | null, actual: number | null, share: number): Failure | null {
  return expected === null || actual === null || actual >= Math.floor(expected * share) ? null : missing(what, expected, actual)
}

function missing(what: Shortage, expected: number, actual: number): Failure {
  return failure('output-bad', { because: `${what}-missing`, expected, actual })
}
