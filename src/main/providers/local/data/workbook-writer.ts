/**
 * A table as an Excel workbook of one sheet (ECMA-376), written row by row, so that a million rows need no more memory than one. Text is
 * written as text, whatever it looks like: nothing becomes a formula.
 */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import type { ColumnKind } from './columns.ts'
import type { Cells } from './csv.ts'
import type { Table } from './table.ts'
import { notAs } from './value.ts'

/** What Excel opens. */
const max = { rows: 1_048_576, columns: 16_384, characters: 32_767 }
/** Nothing of when it was made is in it, so that the same table is the same file. */
const mtime = new Date(Date.UTC(1980, 0, 1))
/** Fast: sheets are packed to a tenth at any level. */
const compressionLevel = 3

/** @throws JobError `source-unsupported` (`not-as-target`) for more than a sheet of Excel holds. */
export async function writeWorkbook(path: string, table: Table, name: string, progress: (done: number) => void): Promise<void> {
  const { kinds, rows } = table.columns
  if (rows > max.rows) throw notAs('XLSX', `${rows} > ${max.rows}`, ['rows'])
  if (kinds.length > max.columns) throw notAs('XLSX', `${kinds.length} > ${max.columns}`, ['columns'])
  const zip = new ZipFile()
  for (const [part, text] of Object.entries(fixedParts(name))) zip.addBuffer(Buffer.from(text), part, { mtime })
  const sheet = Readable.from(sheetText(table, progress))
  zip.addReadStream(sheet, 'xl/worksheets/sheet1.xml', { mtime, compressionLevel })
  // What goes wrong with the rows would not reach the file by itself.
  const failed = new Promise<never>((_, reject) => sheet.on('error', reject))
  zip.end()
  await Promise.race([pipeline(zip.outputStream, createWriteStream(path, { flags: 'wx' })), failed])
}

const gatheredCharacters = 1 << 17

async function* sheetText({ rows, columns, hasHeader }: Table, progress: (done: number) => void): AsyncGenerator<string> {
  const letters = columns.kinds.map((_, at) => columnLetters(at))
  const filled = letters.length > 0 && columns.rows > 0 ? `<dimension ref="A1:${letters.at(-1)}${columns.rows}"/>` : ''
  let text = `${head}<worksheet xmlns="${main}">${filled}<sheetData>`
  let at = 0
  for await (const some of rows()) {
    for (const row of some) {
      at += 1
      text += rowText(row, at, letters, hasHeader && at === 1 ? null : columns.kinds)
      if (text.length < gatheredCharacters) continue
      yield text
      progress(at / columns.rows)
      text = ''
    }
  }
  yield `${text}</sheetData></worksheet>`
}

function rowText(row: Cells, number: number, letters: readonly string[], kinds: readonly ColumnKind[] | null): string {
  let text = `<row r="${number}">`
  for (let at = 0; at < row.length; at += 1) {
    const cell = row[at] ?? ''
    if (cell === '') continue
    const place = `r="${letters[at]}${number}"`
    const kind = kinds?.[at] ?? 'text'
    if (kind === 'figure') text += `<c ${place}><v>${cell}</v></c>`
    else if (kind === 'date') text += `<c ${place} s="1"><v>${dayNumber(cell)}</v></c>`
    else text += `<c ${place} t="inlineStr"><is><t xml:space="preserve">${cellText(cell, number, letters[at] ?? '')}</t></is></c>`
  }
  return `${text}</row>`
}

/** Days since the last one of 1899, as Excel counts them. */
function dayNumber(iso: string): number {
  return Date.UTC(Number(iso.slice(0, 4)), Number(iso.slice(5, 7)) - 1, Number(iso.slice(8))) / 86_400_000 + 25_569
}

const special = /[<>&\u0000-\u0008\u000b-\u001f\ufffe\uffff]|_x[\da-fA-F]{4}_|[\ud800-\udfff]/ // oxlint-disable-line no-control-regex -- what XML forbids
const specials = /[<>&\u0000-\u0008\u000b-\u001f\ufffe\uffff]|_(?=x[\da-fA-F]{4}_)/g // oxlint-disable-line no-control-regex -- what XML forbids

function cellText(cell: string, row: number, letters: string): string {
  if (cell.length > max.characters) throw notAs('XLSX', `${cell.length} > ${max.characters}`, [`${letters}${row}`])
  if (!special.test(cell)) return cell
  const escape = (sign: string): string =>
    ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[sign] ?? `_x${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`
  return cell.toWellFormed().replaceAll(specials, escape)
}

/** From 0: A, B, … Z, AA. */
function columnLetters(at: number): string {
  const before = Math.floor(at / 26) - 1
  return `${before < 0 ? '' : columnLetters(before)}${String.fromCharCode(65 + (at % 26))}`
}

// oxlint-disable-next-line no-control-regex -- what a name cannot hold
const notInNames = /[[\]:*?/\\<>&"\u0000-\u001f]/g

/** What Excel takes as the name of a sheet. */
function sheetName(name: string): string {
  const usable = name
    .replaceAll(notInNames, ' ')
    .replaceAll(/^'+|'+$/g, '')
    .trim()
    .slice(0, 31)
  return usable === '' ? 'Sheet1' : usable.toWellFormed()
}

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packages = 'http://schemas.openxmlformats.org/package/2006'
const typed = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

function fixedParts(name: string): Readonly<Record<string, string>> {
  const relation = (id: number, kind: string, target: string): string =>
    `<Relationship Id="rId${id}" Type="${office}/${kind}" Target="${target}"/>`
  const relations = (...all: readonly string[]): string =>
    `${head}<Relationships xmlns="${packages}/relationships">${all.join('')}</Relationships>`
  return {
    '[Content_Types].xml': `${head}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${typed}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${typed}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${typed}.styles+xml"/></Types>`,
    '_rels/.rels': relations(relation(1, 'officeDocument', 'xl/workbook.xml')),
    'xl/workbook.xml': `${head}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${sheetName(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations(
      relation(1, 'worksheet', 'worksheets/sheet1.xml'),
      relation(2, 'styles', 'styles.xml'),
    ),
    'xl/styles.xml': `${head}<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>`,
  }
}
