/** What programs without a part in it find in a result: the words that every source has, or its pixels. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type FormatId, factsOf } from '../../../src/shared/formats.ts'
import { exiftool, pdfRead } from '../../support/readers.ts'

/** Words of the sources by what they hold. */
export const words = {
  document: ['Alpha', 'beta', 'größer'],
  table: ['name', 'größer', '01234'],
  subtitle: ['Hello', 'Bye'],
} as const

export function wordsOf(source: FormatId): readonly string[] {
  const { family } = factsOf(source)
  if (family === 'spreadsheet' || family === 'data') return words.table
  if (family === 'subtitle') return words.subtitle
  // Letters beyond those of English are missing in fonts of PostScript.
  return family === 'image' ? words.document.slice(0, 2) : words.document
}

/** The text of a result, in the order of its parts. */
export function textOf(path: string, format: FormatId): string {
  switch (format) {
    case 'pdf':
      return pdfRead(path).text
    case 'doc':
      return run('catdoc', ['-d', 'utf-8', path])
    case 'xls':
      return run('xls2csv', ['-d', 'utf-8', path])
    case 'ppt':
      return slideText(readFileSync(path))
    case 'docx':
    case 'odt':
    case 'xlsx':
    case 'ods':
    case 'pptx':
    case 'odp':
    case 'epub':
      return run('python3', ['-c', packedText, path])
    case 'mobi':
    case 'azw3':
      return kindleText(path)
    case 'rtf':
      return rtfText(readFileSync(path, 'latin1'))
    case 'xml':
      return readFileSync(path, 'utf8')
    case 'ipynb':
      return JSON.stringify(JSON.parse(readFileSync(path, 'utf8')))
    default:
      return readFileSync(path, 'utf8').replaceAll(/<[^>]*>/g, ' ')
  }
}

/** Its kind, where it has pixels. */
export function pictureSeen(path: string): string {
  const { 'File:FileType': type, 'Composite:ImageSize': size } = exiftool(path)
  return /^\d+ \d+$/.test(String(size)) ? String(type).toLowerCase().replace('extended ', '') : 'no pixels'
}

export function pagesSeen(pdf: string): string {
  const { pages } = pdfRead(pdf)
  return pages === 1 ? '1 page' : `${pages} pages`
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 })
}

const packedText = `
import sys, zipfile, xml.etree.ElementTree as e
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(' '.join(t for n in z.namelist() if n.endswith(('xml', 'html')) for t in e.fromstring(z.read(n)).itertext()))`

function rtfText(rtf: string): string {
  return rtf
    .replaceAll(/\\u(-?\d+) ?(\\'[\da-f]{2}|\?)?/g, (_, code: string) => String.fromCodePoint(Number(code) & 0xffff))
    .replaceAll(/\\'([\da-f]{2})/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
}

/** Nothing but Calibre reads them, by another part than the one that writes. */
function kindleText(path: string): string {
  const text = `${path}.txt`
  run('ebook-convert', [path, text])
  return readFileSync(text, 'utf8')
}

/** Its atoms of text, of two bytes a letter and of one ([MS-PPT] 2.9.42 and 2.9.43): catppt finds none in what LibreOffice 24.8 writes. */
function slideText(bytes: Buffer): string {
  const texts: string[] = []
  for (const [type, encoding] of [['\xa0', 'utf16le'] as const, ['\xa8', 'latin1'] as const])
    for (const { index } of bytes.toString('latin1').matchAll(new RegExp(`\\0\\0${type}\\x0f`, 'g')))
      texts.push(bytes.toString(encoding, index + 8, index + 8 + Math.min(bytes.readUInt32LE(index + 4), 4096)))
  return texts.join(' ')
}
