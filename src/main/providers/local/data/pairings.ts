/** Which data and tables become which, as data. Values go over exactly; how the cells of a workbook look is what is left behind. Apart, as nothing is loaded for it. */
import type { OptionName } from '../../../../shared/options.ts'
import type { OptionDefaults } from '../../../../shared/option-defaults.ts'
import type { Pairing } from '../../provider.ts'

export const tableFormats = ['csv', 'tsv'] as const
export const treeFormats = ['json', 'ndjson', 'yaml', 'toml', 'xml'] as const
export const dataFormats = [...tableFormats, ...treeFormats] as const
const workbookFormats = ['xlsx', 'xlsb', 'xls', 'ods'] as const
export type TableFormat = (typeof tableFormats)[number]
export type TreeFormat = (typeof treeFormats)[number]
export type DataFormat = (typeof dataFormats)[number]

const ofTables: readonly OptionName[] = ['sourceEncoding', 'header']
const indented: readonly OptionName[] = ['indent', 'sortKeys']
const usual: OptionDefaults = {
  indent: { kind: 'value', value: 2 },
  sortKeys: { kind: 'value', value: false },
  delimiter: { kind: 'value', value: 'comma' },
  encoding: { kind: 'value', value: 'utf-8' },
  header: { kind: 'value', value: true },
}

export const dataPairings: readonly Pairing[] = [
  { from: tableFormats, to: ['csv'], options: [...ofTables, 'delimiter', 'encoding'], defaults: usual },
  { from: tableFormats, to: ['tsv'], options: [...ofTables, 'encoding'], defaults: usual },
  { from: tableFormats, to: ['json', 'yaml'], options: [...ofTables, ...indented, 'encoding'], defaults: usual },
  { from: tableFormats, to: ['ndjson', 'toml'], options: [...ofTables, 'sortKeys', 'encoding'], defaults: usual },
  { from: tableFormats, to: ['xml'], options: [...ofTables, ...indented], defaults: usual },
  { from: tableFormats, to: ['xlsx'], options: ofTables, defaults: usual },
  { from: treeFormats, to: ['csv'], options: ['sourceEncoding', 'delimiter', 'encoding'], defaults: usual },
  { from: treeFormats, to: ['tsv'], options: ['sourceEncoding', 'encoding'], defaults: usual },
  { from: treeFormats, to: ['json', 'yaml'], options: ['sourceEncoding', ...indented, 'encoding'], defaults: usual },
  { from: treeFormats, to: ['ndjson', 'toml'], options: ['sourceEncoding', 'sortKeys', 'encoding'], defaults: usual },
  { from: treeFormats, to: ['xml'], options: ['sourceEncoding', ...indented], defaults: usual },
  { from: treeFormats, to: ['xlsx'], options: ['sourceEncoding'] },
]

export const sheetPairings: readonly Pairing[] = [
  { from: workbookFormats, to: ['csv'], options: ['sheet', 'delimiter', 'encoding'], defaults: usual },
  { from: workbookFormats, to: ['tsv'], options: ['sheet', 'encoding'], defaults: usual },
  {
    from: workbookFormats,
    to: ['json', 'yaml'],
    options: ['sheet', 'header', 'indent', 'sortKeys', 'encoding'],
    defaults: usual,
  },
  { from: workbookFormats, to: ['ndjson'], options: ['sheet', 'header', 'sortKeys', 'encoding'], defaults: usual },
  { from: workbookFormats, to: ['xml'], options: ['sheet', 'header', 'indent', 'sortKeys'], defaults: usual },
]
