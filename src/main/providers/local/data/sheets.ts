/** The sheets of a workbook as tables or data: each becomes a result of its own, unless one is named. */
import { JobError } from '../../../../shared/failure.ts'
import type { Options } from '../../../../shared/options.ts'
import { columnNames } from './columns.ts'
import { writeData, writeTable } from './convert.ts'
import type { Cells } from './csv.ts'
import type { TableFormat, TreeFormat } from './pairings.ts'
import type { Table } from './table.ts'
import { Figure, Moment, type Data } from './value.ts'
import { sheetsOf, type WorkbookSheet } from './workbook-reader.ts'

export interface SheetsOrder {
  readonly path: string
  readonly target: TableFormat | TreeFormat
  readonly options: Options
  /** One for each sheet that may come; those that are not needed stay free. */
  readonly outputs: readonly string[]
}

export interface WrittenSheet {
  readonly output: string
  /** Of the sheet; null where there is but one. */
  readonly name: string | null
  /** Cells whose formula is not in the result. */
  readonly formulas: number
}

/** @throws JobError `option-invalid` with the names there are, where none is called so. */
export async function convertSheets(
  { path, target, options, outputs }: SheetsOrder,
  progress: (done: number) => void,
): Promise<readonly WrittenSheet[]> {
  const sheets = chosen(await sheetsOf(path), options.sheet, path)
  if (sheets.length > outputs.length)
    throw new JobError('source-unsupported', { path, because: 'too-many-entries', count: outputs.length })
  const written: WrittenSheet[] = []
  for (const [at, sheet] of sheets.entries()) {
    const output = outputs[at] ?? ''
    if (target === 'csv' || target === 'tsv') await writeTable(output, target, tableOfSheet(sheet), options, sheet.name, () => {})
    else
      await writeData(
        output,
        target,
        { kind: 'items', items: () => recordsOfSheet(sheet, options.header ?? true), encoding: '', isGuessed: false },
        options,
        () => {},
      )
    written.push({ output, name: sheets.length === 1 ? null : sheet.name, formulas: sheet.formulas })
    progress((at + 1) / sheets.length)
  }
  return written
}

function chosen(sheets: readonly WorkbookSheet[], wanted: string | undefined, path: string): readonly WorkbookSheet[] {
  if (wanted !== undefined) {
    const found =
      sheets.find(({ name }) => name === wanted) ??
      sheets.find(({ name }) => name.toLowerCase() === wanted.toLowerCase()) ??
      (/^\d+$/.test(wanted) ? sheets[Number(wanted) - 1] : undefined)
    if (found === undefined)
      throw new JobError('option-invalid', { option: 'sheet', value: wanted, allowed: sheets.map(({ name }) => name).join(', ') })
    return [found]
  }
  const filled = sheets.filter(({ rows }) => rows > 0)
  if (filled.length === 0) throw new JobError('nothing-found', { path, because: 'no-cells' })
  return filled
}

function cellText(data: Data): string {
  if (data instanceof Figure || data instanceof Moment) return data.text
  if (typeof data === 'boolean') return data ? 'TRUE' : 'FALSE'
  return typeof data === 'string' ? data : ''
}

const portion = 1000

function tableOfSheet(sheet: WorkbookSheet): Table {
  async function* rows(): AsyncGenerator<readonly Cells[]> {
    let some: Cells[] = []
    for (const cells of sheet.cells()) {
      some.push(cells.map(cellText))
      if (some.length < portion) continue
      yield some
      some = []
    }
    if (some.length > 0) yield some
  }
  return { rows, hasHeader: false, columns: { kinds: [], rows: sheet.rows, filled: sheet.rows } }
}

async function* recordsOfSheet(sheet: WorkbookSheet, hasHeader: boolean): AsyncGenerator<Data> {
  let names: readonly string[] | null = null
  for (const cells of sheet.cells()) {
    if (hasHeader && names === null) names = columnNames(cells.map(cellText), sheet.columns)
    else yield names === null ? cells : new Map(names.map((name, at) => [name, cells[at] ?? null]))
  }
}
