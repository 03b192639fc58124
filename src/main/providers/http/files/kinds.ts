/**
 * What a result is by its beginning: what was asked for, or a page, a message or a file of another kind in its place. What is known of no format
 * is refused for no more than looking like an error. Apart from how results come in, for its rules alone.
 */
import type { FactsOf } from '../../../../shared/failure.ts'
import { type Family, type FormatId, factsOf, type KnownFormat } from '../../../../shared/formats.ts'

/** So much of a result's beginning is looked at. */
export const headBytes = 1024

type KindTrouble = Pick<FactsOf['answer-bad'], 'because' | 'format'>

/** Why bytes that begin like this are no result, or null: an error page is never saved as audio. @param type its Content-Type, empty where none was given. */
export function kindTrouble(head: Uint8Array, type: string, target: FormatId): KindTrouble | null {
  if (head.length === 0) return { because: 'empty-result' }
  const text = textOf(head)
  if (text === null) return isOtherKind(head, target) ? { because: 'other-kind', format: factsOf(target).title } : null
  if (saysPage(type, target) || isError(text, target)) return { because: 'error-instead' }
  if (target === 'svg' && !/<svg|<\?xml|<!--|<!doctype svg/i.test(text)) return textInstead(target)
  if (target === 'pdf') return text.startsWith('%PDF') ? null : textInstead(target)
  return mayBeText(target) ? null : textInstead(target)
}

function textInstead(target: FormatId): KindTrouble {
  return { because: 'text-instead', format: factsOf(target).title }
}

const textFamilies: ReadonlySet<Family> = new Set(['markup', 'data', 'subtitle', 'other'])
const textFormats: ReadonlySet<FormatId> = new Set<KnownFormat>([
  'csv',
  'tsv',
  'rtf',
  'eml',
  'fb2',
  'svg',
  'eps',
  'ai',
  'ppm',
] satisfies readonly KnownFormat[])

function mayBeText(target: FormatId): boolean {
  return textFamilies.has(factsOf(target).family) || textFormats.has(target)
}

const pages: ReadonlySet<FormatId> = new Set<FormatId>(['html'])
const objects: ReadonlySet<FormatId> = new Set<FormatId>(['json', 'ndjson', 'ipynb'])

/** What nobody knows may still say by its name that it is one of these: `mhtml`, `geojson`. */
function isPage(target: FormatId): boolean {
  return pages.has(target) || (factsOf(target).family === 'other' && target.includes('htm'))
}

function isObject(target: FormatId): boolean {
  return objects.has(target) || (factsOf(target).family === 'other' && target.includes('json'))
}

function saysPage(type: string, target: FormatId): boolean {
  const says = type.trim()
  if (/^(text\/html|application\/xhtml)/i.test(says)) return !isPage(target)
  if (/^application\/problem\+json/i.test(says)) return true
  return /^application\/json/i.test(says) && !isObject(target)
}

/** As objects of JSON in which services say what went wrong. */
const errorNames = /^\s*\{\s*"(error|errors|message|detail|code|status)"\s*:/i

function isError(text: string, target: FormatId): boolean {
  if (/^\s*(<\?xml[^>]*>\s*)?<Error>\s*<Code>/.test(text)) return true
  // Whatever somebody said may be a text.
  if (target === 'text') return false
  if (/^\s*(<!doctype html|<html)/i.test(text)) return !isPage(target)
  if (isObject(target)) return false
  // Text of many kinds begins with brackets.
  return mayBeText(target) ? errorNames.test(text) : /^\s*[{[]/.test(text)
}

const zip = [0x50, 0x4b]
const compound = [0xd0, 0xcf, 0x11, 0xe0]

/** How files begin that nobody opens again before they are placed; audio, video and images are looked into. */
const beginnings: Readonly<Partial<Record<KnownFormat, readonly (readonly number[])[]>>> = {
  pdf: [[0x25, 0x50, 0x44, 0x46]],
  docx: [zip, compound],
  xlsx: [zip, compound],
  pptx: [zip, compound],
  odt: [zip],
  ods: [zip],
  odp: [zip],
  epub: [zip],
  doc: [compound],
  xls: [compound],
  ppt: [compound],
  zip: [zip],
  '7z': [[0x37, 0x7a, 0xbc, 0xaf]],
  rar: [[0x52, 0x61, 0x72, 0x21]],
  'tar.gz': [[0x1f, 0x8b]],
  'tar.xz': [[0xfd, 0x37, 0x7a, 0x58]],
  'tar.bz2': [[0x42, 0x5a, 0x68]],
  'tar.zst': [[0x28, 0xb5, 0x2f, 0xfd]],
  ttf: [[0x00, 0x01, 0x00, 0x00], [0x74, 0x72, 0x75, 0x65], [0x74, 0x74, 0x63, 0x66]], // prettier-ignore
  otf: [[0x4f, 0x54, 0x54, 0x4f], [0x00, 0x01, 0x00, 0x00]], // prettier-ignore
  woff: [[0x77, 0x4f, 0x46, 0x46]],
  woff2: [[0x77, 0x4f, 0x46, 0x32]],
}

/** An archive may hold several results, whatever they are. */
function isOtherKind(head: Uint8Array, target: FormatId): boolean {
  const own = Object.hasOwn(beginnings, target) ? beginnings[target as KnownFormat] : undefined
  // Some put a few bytes before the mark of a PDF.
  if (own === undefined || isZip(head) || (target === 'pdf' && Buffer.from(head).includes('%PDF'))) return false
  return !own.some((bytes) => bytes.every((byte, at) => head[at] === byte))
}

/** The text that these bytes are, or null where they hold what no text holds. */
function textOf(head: Uint8Array): string | null {
  try {
    // The last character may be cut in two: streamed decoding leaves it out.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    // oxlint-disable-next-line no-control-regex -- control characters tell media from text
    return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? null : text
  } catch {
    return null
  }
}

/** An archive with entries, or an empty one. */
export function isZip(head: Uint8Array): boolean {
  const [p, k, a, b] = head
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6))
}

/** Whether a file of the format is, or may be, a ZIP itself: then only what is in it tells it from several results. */
export function mayBeZip(target: FormatId): boolean {
  if (factsOf(target).family === 'other') return true
  const own = Object.hasOwn(beginnings, target) ? beginnings[target as KnownFormat] : undefined
  return own?.includes(zip) === true || zipped.has(target)
}

const zipped: ReadonlySet<FormatId> = new Set<FormatId>(['pages', 'numbers', 'key', 'xps'])
