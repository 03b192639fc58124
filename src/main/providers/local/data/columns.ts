/**
 * What the columns of a table are, told from all of their cells: text, unless every one of them is a figure or a date written just as a program
 * would write it. So `0012`, `1e5`, `+49`, the long number of a card and the postcodes of one column stay what they are. Pure; apart from the tables, as
 * a rule that people ask about.
 */
import type { Cells } from './csv.ts'

export type ColumnKind = 'text' | 'figure' | 'date'

/** Digits that every program keeps. */
const exactDigits = 15
const figurePattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

export function isPlainFigure(cell: string): boolean {
  return (
    cell.length <= exactDigits + 2 &&
    figurePattern.test(cell) &&
    cell.replaceAll(/\D/g, '').length <= exactDigits &&
    cell !== '-0'
  )
}

/** From the first day that calendars of spreadsheets agree on. */
export function isIsoDate(cell: string): boolean {
  if (cell.length !== 10 || cell < '1900-03-01' || !/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(cell)) return false
  return Number(cell.slice(8)) <= new Date(Date.UTC(Number(cell.slice(0, 4)), Number(cell.slice(5, 7)), 0)).getUTCDate()
}

export interface Columns {
  /** Of each column. */
  readonly kinds: readonly ColumnKind[]
  readonly rows: number
  /** Of them those in which anything stands. */
  readonly filled: number
}

/** Told row by row; the first row counts unless it is `header`. */
export function createColumns(): { add(row: Cells): void; readonly found: Columns } {
  const kinds: (ColumnKind | null)[] = []
  let rows = 0
  let filled = 0
  return {
    add: (row) => {
      rows += 1
      if (row.some((cell) => cell !== '')) filled += 1
      for (let at = 0; at < row.length; at += 1) {
        const cell = row[at] ?? ''
        const kind = kinds[at] ?? null
        if (at >= kinds.length) kinds[at] = null
        if (cell === '' || kind === 'text') continue
        const own = isPlainFigure(cell) ? 'figure' : isIsoDate(cell) ? 'date' : 'text'
        kinds[at] = kind === null || kind === own ? own : 'text'
      }
    },
    get found() {
      return { kinds: kinds.map((kind) => kind ?? 'text'), rows, filled }
    },
  }
}

/** Names for all columns: those of the first row, each once, and a number where there is none. */
export function columnNames(header: Cells, columns: number): readonly string[] {
  const taken = new Set<string>()
  return Array.from({ length: Math.max(columns, header.length) }, (_, at) => {
    const own = header[at]?.trim() ?? ''
    const base = own === '' ? `column_${at + 1}` : own
    let name = base
    for (let n = 2; taken.has(name); n += 1) name = `${base}_${n}`
    taken.add(name)
    return name
  })
}
