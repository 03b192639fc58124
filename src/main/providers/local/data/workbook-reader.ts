/** Workbooks as values: their sheets row by row, formulas as what they came to, dates as ISO 8601. How cells look is left behind. */
import { readFile } from 'node:fs/promises'
import { read, SSF, type CellObject, type WorkSheet } from '@e965/xlsx'
import { JobError } from '../../../../shared/failure.ts'
import { openPacked } from '../text/packed.ts'
import { Figure, Moment, type Data } from './value.ts'

export interface WorkbookSheet {
  readonly name: string
  /** Rows and columns as far as anything stands in them. */
  readonly rows: number
  readonly columns: number
  /** Cells whose value is what a formula came to. */
  readonly formulas: number
  /** Row by row, null where nothing stands. */
  cells(): Iterable<readonly Data[]>
}

/**
 * Those that have cells, in their order; of charts there are none.
 * @throws JobError `source-unreadable` where it opens with a password alone, `source-damaged`.
 */
export async function sheetsOf(path: string): Promise<readonly WorkbookSheet[]> {
  const bytes = await readFile(path)
  // What was protected by a password is a container of another kind, and so is what Excel 97 wrote.
  if (bytes.toString('latin1', 0, 2) === 'PK') (await openPacked(path)).close()
  if (isEncrypted(bytes)) throw new JobError('source-unreadable', { path, because: 'lock-unknown' })
  const book = opened(bytes, path)
  return book.SheetNames.flatMap((name) => {
    const sheet = book.Sheets[name]
    return sheet === undefined || sheet['!type'] === 'chart'
      ? []
      : [sheetOf(name, sheet, book.Workbook?.WBProps?.date1904 === true)]
  })
}

/** Office packs what is encrypted into a container with a stream of this name, in UTF-16. */
function isEncrypted(bytes: Buffer): boolean {
  return bytes.readUInt32BE(0) === 0xd0cf11e0 && bytes.includes(Buffer.from('EncryptedPackage', 'utf16le'))
}

function opened(bytes: Buffer, path: string): ReturnType<typeof read> {
  try {
    return read(bytes, {
      dense: true,
      cellFormula: true,
      cellHTML: false,
      cellText: false,
      cellNF: true,
      cellDates: false,
      bookVBA: false,
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0]?.slice(0, 160) : undefined
    if (reason !== undefined && /password|encrypt/i.test(reason))
      throw new JobError('source-unreadable', { path, because: 'lock-unknown' }, { cause: error })
    throw new JobError(
      'source-damaged',
      { path, because: 'not-decodable', ...(reason !== undefined && { reason }) },
      { cause: error },
    )
  }
}

function sheetOf(name: string, sheet: WorkSheet, is1904: boolean): WorkbookSheet {
  const data = (sheet['!data'] ?? []) as readonly (readonly (CellObject | undefined)[] | undefined)[]
  let rows = 0
  let columns = 0
  for (let at = 0; at < data.length; at += 1) {
    const row = data[at]
    if (row === undefined) continue
    for (let column = row.length - 1; column >= 0; column -= 1) {
      const cell = row[column]
      if (cell === undefined || cell.t === 'z' || cell.v === undefined || cell.v === '') continue
      rows = at + 1
      columns = Math.max(columns, column + 1)
      break
    }
  }
  const formulas = data.reduce((sum, row) => sum + (row?.filter((cell) => cell?.f !== undefined).length ?? 0), 0)
  return {
    name,
    rows,
    columns,
    formulas,
    *cells() {
      for (let at = 0; at < rows; at += 1)
        yield Array.from({ length: columns }, (_, column) => valueOf(data[at]?.[column], is1904))
    },
  }
}

/** What errors are called in a cell, by their numbers. */
const errorNames: Readonly<Record<number, string>> = {
  0: '#NULL!',
  7: '#DIV/0!',
  15: '#VALUE!',
  23: '#REF!',
  29: '#NAME?',
  36: '#NUM!',
  42: '#N/A',
  43: '#GETTING_DATA',
}

function valueOf(cell: CellObject | undefined, is1904: boolean): Data {
  if (cell === undefined || cell.v === undefined || cell.t === 'z') return null
  const { t, v, z } = cell
  if (t === 'e') return errorNames[Number(v)] ?? '#N/A'
  if (t === 'b') return v === true
  if (t !== 'n' || typeof v !== 'number') return v instanceof Date ? new Moment(v.toISOString()) : String(v)
  const format = typeof z === 'string' ? z : 'General'
  if (SSF.is_date(format)) return momentOf(v, is1904) ?? figure(v)
  // Noughts in front are what such a format is for, as of a postcode.
  return /^0{2,}$/.test(format) ? SSF.format(format, v) : figure(v)
}

function figure(value: number): Figure {
  return new Figure(Object.is(value, -0) ? '0' : String(value))
}

/** Fractions of a day below this are what counting in fractions left, ms. */
const dayMs = 86_400_000

function momentOf(days: number, is1904: boolean): Moment | null {
  const from = days + (is1904 ? 1462 : 0)
  if (from < 0 || from > 2_958_466) return null
  const ms = Math.round(from * dayMs)
  // The day that never was: before it Excel counts one too few.
  const since = ms < 60 * dayMs ? 25_568 : 25_569
  const [day = '', time = ''] = new Date(ms - since * dayMs).toISOString().split('T')
  const clock = time.replace(/(?:\.000)?Z$/, '').replace(/(\.\d{3})Z$/, '$1')
  if (from < 1) return new Moment(clock)
  return new Moment(ms % dayMs === 0 ? day : `${day}T${clock}`)
}
