/** Data, tables and workbooks, read, converted and counted: work of a process of its own. Apart, as the process loads it. */
import { stat } from 'node:fs/promises'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import type { TaskContext } from '../children/task-table.ts'
import { convertData, readData, sheetNameOf, type DataOrder } from './convert.ts'
import type { DataFormat } from './pairings.ts'
import { convertSheets, type SheetsOrder } from './sheets.ts'
import { isList, isMap, type Data } from './value.ts'

/** Larger trees are not held only to be counted, bytes. */
const countedBytes = 48 * 2 ** 20

export const tasks = {
  convert: async (order: DataOrder, { progress }: TaskContext) => await convertData(order, progress),

  sheets: async (order: SheetsOrder, { progress }: TaskContext) => await convertSheets(order, progress),

  /** Reads all of it, so that what it answers for is what it says. */
  inspect: async ({ path, format }: { readonly path: string; readonly format: DataFormat }): Promise<DocumentFacts> => {
    const isStreamed = format === 'csv' || format === 'tsv' || format === 'ndjson'
    if (!isStreamed && (await stat(path)).size > countedBytes) return {}
    const reading = await readData(path, format, {})
    const { encoding } = reading
    if (reading.kind === 'table') {
      const { filled: rows, kinds } = reading.table.columns
      return { encoding, delimiter: reading.separator, sheets: [{ name: sheetNameOf(path), rows, columns: kinds.length }] }
    }
    if (reading.kind === 'trees') return { encoding, top: topOf(reading.trees) }
    let count = 0
    for await (const _ of reading.items()) count += 1
    return { encoding, top: { kind: format === 'ndjson' ? 'documents' : 'list', count } }
  },
}

function topOf(trees: readonly Data[]): DocumentFacts['top'] {
  const [only] = trees
  if (trees.length !== 1 || only === undefined) return { kind: 'documents', count: trees.length }
  if (isList(only)) return { kind: 'list', count: only.length }
  return isMap(only) ? { kind: 'map', count: only.size } : { kind: 'value', count: 1 }
}
