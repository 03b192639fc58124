/** Data of one format as another. What is rows goes through row by row, whatever its size; what is a tree is held as a whole. */
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { JobError } from '../../../../shared/failure.ts'
import type { Remark } from '../../../../shared/notes.ts'
import type { Options } from '../../../../shared/options.ts'
import { codingOf, readText, remarksOn, textOf, type Coding } from '../text/decoding.ts'
import { createSink, writeText, type TextSink } from '../text/sink.ts'
import { csvLine, csvRows, isBlank, separatorOf, separators, type Cells } from './csv.ts'
import { jsonItems, jsonText, parseJson } from './json.ts'
import type { DataFormat, TableFormat, TreeFormat } from './pairings.ts'
import { itemsIn, recordsOf, tableOf, tableOfData, type Table } from './table.ts'
import { parseToml, tomlText } from './toml.ts'
import { isList, sorted, type Data } from './value.ts'
import { writeWorkbook } from './workbook-writer.ts'
import { parseXml, xmlData, xmlListText, xmlText } from './xml.ts'
import { parseYaml, yamlText } from './yaml.ts'

export interface DataOrder {
  readonly path: string
  readonly from: DataFormat
  readonly target: DataFormat | 'xlsx'
  readonly options: Options
  readonly output: string
}

interface Read {
  readonly encoding: string
  readonly isGuessed: boolean
}

/** What is read: rows under a header, items one by one, or a whole with as many documents as it has. */
export type DataReading =
  | ({ readonly kind: 'table'; readonly table: Table; readonly separator: string } & Read)
  | ({ readonly kind: 'items'; readonly items: () => AsyncIterable<Data> } & Read)
  | ({ readonly kind: 'trees'; readonly trees: readonly Data[] } & Read)

const usualIndent = 2

export async function convertData(
  { path, from, target, options, output }: DataOrder,
  progress: (done: number) => void,
): Promise<readonly Remark[]> {
  const reading = await readData(path, from, options, (done) => progress(done * 0.4))
  const later = (done: number): void => progress(0.4 + done * 0.6)
  if (target === 'csv' || target === 'tsv' || target === 'xlsx') {
    await writeTable(output, target, await asTable(reading), options, sheetNameOf(path), later)
  } else await writeData(output, target, reading, options, later)
  return remarksOn(reading)
}

export async function readData(
  path: string,
  from: DataFormat,
  { sourceEncoding, header = true }: Pick<Options, 'sourceEncoding' | 'header'>,
  progress: (done: number) => void = () => {},
): Promise<DataReading> {
  if (from === 'csv' || from === 'tsv') {
    const coding = await codingOf(path, sourceEncoding)
    const separator = from === 'tsv' ? '\t' : await separatorOf(...(await headText(path, coding)))
    const rows = (): AsyncIterable<readonly Cells[]> => filledRows(csvRows(textOf(path, coding), separator))
    const table = await tableOf(counted(rows, await stat(path).then(({ size }) => size), progress), header)
    return { kind: 'table', table: { ...table, rows }, separator, ...readAs(coding) }
  }
  if (from === 'ndjson' || (from === 'json' && (await beginsWithList(path, sourceEncoding)))) {
    const coding = await codingOf(path, sourceEncoding)
    const items = (): AsyncIterable<Data> => (from === 'json' ? jsonItems(textOf(path, coding)) : lineItems(textOf(path, coding)))
    return { kind: 'items', items, ...readAs(coding) }
  }
  const { text, ...coding } = await readText(path, sourceEncoding)
  return { kind: 'trees', trees: parseTrees(text, from), ...coding }
}

function readAs({ encoding, isGuessed }: Coding): Read {
  return { encoding, isGuessed }
}

function parseTrees(text: string, from: Exclude<DataFormat, 'csv' | 'tsv' | 'ndjson'>): readonly Data[] {
  switch (from) {
    case 'json':
      return [parseJson(text)]
    case 'yaml':
      return parseYaml(text)
    case 'toml':
      return [parseToml(text)]
    case 'xml':
      return [xmlData(parseXml(text))]
  }
}

/** Rows, with how many characters of the whole they were. */
function counted(rows: Table['rows'], bytes: number, progress: (done: number) => void): Table['rows'] {
  return async function* all() {
    let characters = 0
    for await (const some of rows()) {
      yield some
      for (const row of some) for (const cell of row) characters += cell.length + 1
      progress(Math.min(1, characters / bytes))
    }
  }
}

async function* filledRows(rows: AsyncIterable<readonly Cells[]>): AsyncGenerator<readonly Cells[]> {
  for await (const some of rows) yield some.some(isBlank) ? some.filter((row) => !isBlank(row)) : some
}

const headCharacters = 1 << 16

async function headText(path: string, coding: Coding): Promise<readonly [text: string, isWhole: boolean]> {
  let head = ''
  for await (const chunk of textOf(path, coding)) {
    head += chunk
    if (head.length > headCharacters) return [head.slice(0, headCharacters), false]
  }
  return [head, true]
}

async function beginsWithList(path: string, sourceEncoding: string | undefined): Promise<boolean> {
  const [head] = await headText(path, await codingOf(path, sourceEncoding))
  return /^[ \t\r\n]*\[/.test(head)
}

async function* lineItems(chunks: AsyncIterable<string>): AsyncGenerator<Data> {
  let held = ''
  let number = 0
  const item = (line: string): readonly Data[] => {
    number += 1
    if (line.trim() === '') return []
    try {
      return [parseJson(line)]
    } catch (error) {
      if (!(error instanceof JobError) || error.failure.code !== 'source-damaged') throw error
      throw new JobError(
        'source-damaged',
        { ...error.failure.facts, reason: `${number}: ${line.trim().slice(0, 60)}` },
        { cause: error },
      )
    }
  }
  for await (const chunk of chunks) {
    const lines = (held + chunk).split('\n')
    held = lines.pop() ?? ''
    for (const line of lines) yield* item(line)
  }
  yield* item(held)
}

async function asTable(reading: DataReading): Promise<Table> {
  if (reading.kind === 'table') return reading.table
  if (reading.kind === 'items') return await tableOfData(reading.items)
  const { trees } = reading
  const list = trees.length === 1 && trees[0] !== undefined ? itemsIn(trees[0]) : trees
  return await tableOfData(() => each(list))
}

async function* each(list: readonly Data[]): AsyncGenerator<Data> {
  yield* list
}

/** @param name of the one sheet, where the target has sheets. */
export async function writeTable(
  output: string,
  target: TableFormat | 'xlsx',
  table: Table,
  { delimiter, encoding }: Options,
  name: string,
  progress: (done: number) => void,
): Promise<void> {
  if (target === 'xlsx') return await writeWorkbook(output, table, name, progress)
  const separator = target === 'tsv' ? '\t' : separators[delimiter ?? 'comma']
  await written(output, encoding, async (sink) => {
    let at = 0
    for await (const some of table.rows()) {
      for (const row of some) await sink.write(csvLine(row, separator))
      at += some.length
      progress(at / Math.max(1, table.columns.rows))
    }
  })
}

async function written(output: string, encoding: string | undefined, work: (sink: TextSink) => Promise<void>): Promise<void> {
  const sink = createSink(output, encoding)
  try {
    await work(sink)
  } finally {
    await sink.end()
  }
}

/** @throws JobError `source-unsupported` (`not-as-target`) for what the target has no kind for. */
export async function writeData(
  output: string,
  target: TreeFormat,
  reading: DataReading,
  options: Options,
  progress: (done: number) => void,
): Promise<void> {
  const { indent = usualIndent, sortKeys = false } = options
  // XML says within itself what it is in, and JSON, YAML and TOML are UTF-8 by their rules unless somebody insists.
  const encoding = target === 'xml' ? undefined : options.encoding
  const inOrder = sortKeys ? sorted : (data: Data) => data
  if (reading.kind !== 'trees' && target !== 'toml') {
    const items = reading.kind === 'items' ? reading.items() : recordsOf(reading.table)
    const rows = reading.kind === 'table' ? reading.table.columns.rows : null
    const { head, between, item, tail } = listWriting(target, indent)
    return await written(output, encoding, async (sink) => {
      await sink.write(head)
      let at = 0
      for await (const data of items) {
        await sink.write((at === 0 ? '' : between) + item(inOrder(data)))
        at += 1
        if (rows !== null && at % 10_000 === 0) progress(at / rows)
      }
      await sink.write(at === 0 && target === 'yaml' ? '[]\n' : tail)
    })
  }
  const trees = reading.kind === 'trees' ? reading.trees : [await gathered(reading)]
  await writeText(output, treesText(target, trees.map(inOrder), indent), encoding)
}

async function gathered(reading: Exclude<DataReading, { readonly kind: 'trees' }>): Promise<Data> {
  const list: Data[] = []
  for await (const item of reading.kind === 'items' ? reading.items() : recordsOf(reading.table)) list.push(item)
  return list
}

interface ListWriting {
  readonly head: string
  readonly between: string
  readonly item: (data: Data) => string
  readonly tail: string
}

function listWriting(target: Exclude<TreeFormat, 'toml'>, indent: number): ListWriting {
  const margin = ' '.repeat(indent)
  switch (target) {
    case 'json':
      if (indent === 0) return { head: '[', between: ',', item: (data) => jsonText(data, 0), tail: ']\n' }
      // No text in JSON has a line's end of its own.
      return {
        head: '[\n',
        between: ',\n',
        item: (data) => margin + jsonText(data, indent).replaceAll('\n', `\n${margin}`),
        tail: '\n]\n',
      }
    case 'ndjson':
      return { head: '', between: '', item: (data) => `${jsonText(data, 0)}\n`, tail: '' }
    case 'yaml':
      return { head: '', between: '', item: (data) => yamlText([[data]], indent), tail: '' }
    case 'xml':
      return { between: '', ...xmlListText(indent) }
  }
}

function treesText(target: TreeFormat, trees: readonly Data[], indent: number): string {
  const [only = null] = trees
  const whole = trees.length === 1 ? only : trees
  switch (target) {
    case 'json':
      return `${jsonText(whole, indent)}\n`
    case 'ndjson':
      return (isList(whole) ? whole : [whole]).map((item) => `${jsonText(item, 0)}\n`).join('')
    case 'yaml':
      return yamlText(trees, indent)
    case 'toml':
      return tomlText(whole)
    case 'xml':
      return xmlText(whole, indent)
  }
}

export function sheetNameOf(path: string): string {
  return basename(path, extname(path))
}
