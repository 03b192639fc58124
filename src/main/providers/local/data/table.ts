/** Rows that are gone through twice: once for what their columns are, once to be written. From text, from a sheet, or from data that is a list. Pure. */
import type { Cells } from './csv.ts'
import { columnNames, type Columns, createColumns } from './columns.ts'
import { jsonText } from './json.ts'
import { Figure, isList, isMap, Moment, type Data, type DataMap } from './value.ts'

export interface Table {
  /** All rows, in portions; each time from the first one. */
  rows(): AsyncIterable<readonly Cells[]>
  readonly columns: Columns
  /** Whether its first row has the names of the columns. */
  readonly hasHeader: boolean
}

/** @param rows without what is no row. */
export async function tableOf(rows: Table['rows'], hasHeader: boolean): Promise<Table> {
  const columns = createColumns()
  let isFirst = hasHeader
  let widest = 0
  let named = 0
  for await (const some of rows()) {
    for (const row of some) {
      widest = Math.max(widest, row.length)
      if (isFirst) {
        isFirst = false
        named = row.some((cell) => cell !== '') ? 1 : 0
      } else columns.add(row)
    }
  }
  const { kinds, rows: count, filled } = columns.found
  const all = Array.from({ length: widest }, (_, at) => kinds[at] ?? 'text')
  return { rows, hasHeader, columns: { kinds: all, rows: count + (hasHeader && !isFirst ? 1 : 0), filled: filled + named } }
}

/** Each row under its header as a map by the columns' names, or as a list where there is none. */
export async function* recordsOf({ rows, columns, hasHeader }: Table): AsyncGenerator<Data> {
  const { kinds } = columns
  let names: readonly string[] | null = null
  for await (const some of rows()) {
    for (const row of some) {
      if (hasHeader && names === null) {
        names = columnNames(row, kinds.length)
        continue
      }
      const value = (at: number): Data => {
        const cell = row[at] ?? ''
        if (kinds[at] !== 'figure') return cell
        return cell === '' ? null : new Figure(cell)
      }
      yield names === null ? row.map((_, at) => value(at)) : new Map(names.map((name, at) => [name, value(at)]))
    }
  }
}

/**
 * Data as rows: maps by the keys of all of them in the order in which they first come, lists as they are, anything else as one column. What a
 * cell has no place for stands in it as JSON.
 */
export async function tableOfData(items: () => AsyncIterable<Data>): Promise<Table> {
  const keys = new Set<string>()
  const seen = { maps: 0, lists: 0, others: 0 }
  for await (const item of items()) {
    if (isMap(item)) {
      seen.maps += 1
      for (const key of item.keys()) keys.add(key)
    } else if (isList(item)) seen.lists += 1
    else seen.others += 1
  }
  const isKeyed = seen.maps > 0 && seen.lists + seen.others === 0 && keys.size > 0
  const isPlain = seen.lists > 0 && seen.maps + seen.others === 0
  const names = [...keys]
  const rowOf = (item: Data): Cells => {
    if (isKeyed) return names.map((name) => cellText((item as DataMap).get(name) ?? null))
    return isPlain ? (item as readonly Data[]).map(cellText) : [cellText(item)]
  }
  async function* rows(): AsyncGenerator<readonly Cells[]> {
    if (!isPlain) yield [isKeyed ? names : ['value']]
    for await (const item of items()) yield [rowOf(item)]
  }
  return await tableOf(rows, !isPlain)
}

function cellText(data: Data): string {
  if (data === null) return ''
  if (typeof data === 'string') return data
  if (data instanceof Figure || data instanceof Moment) return data.text
  return typeof data === 'boolean' ? String(data) : jsonText(data, 0)
}

/** The list that a tree is about: itself, or the one that stands alone on its way down; else it is one item. */
export function itemsIn(data: Data): readonly Data[] {
  if (isList(data)) return data
  if (!isMap(data)) return [data]
  const inner = [...data].filter(([key]) => !key.startsWith('@')).map(([, value]) => value)
  const [only] = inner
  if (inner.length !== 1 || only === undefined || !(isList(only) || isMap(only))) return [data]
  return itemsWithin(only) ?? [data]
}

function itemsWithin(data: Data): readonly Data[] | null {
  if (isList(data)) return data
  if (!isMap(data) || data.size !== 1) return null
  const [only] = data.values()
  return only === undefined ? null : itemsWithin(only)
}
