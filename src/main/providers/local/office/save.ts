/** How LibreOffice is told what to write. Apart, for the one that comes with Beside and the installed one. */
import type { Options } from '../../../../shared/options.ts'

const pdfVersions = { '1b': 1, '2b': 2, '3b': 3 } as const

/** Data of its PDF filter as JSON; empty where it is to do as it does. @param pages ranges in the words of the option. */
export function pdfFilter({ pdfa, pages }: Pick<Options, 'pdfa' | 'pages'>): string {
  const data = {
    ...(pages !== undefined && { PageRange: { type: 'string', value: pages } }),
    ...(pdfa !== undefined && { SelectPdfVersion: { type: 'long', value: String(pdfVersions[pdfa]) } }),
  }
  return Object.keys(data).length === 0 ? '' : JSON.stringify(data)
}

const separators = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const

/** Tokens of its CSV filter: values as they are shown, UTF-8. @param sheet from 1; -1: each becomes a file. */
export function csvFilter({ delimiter = 'comma' }: Pick<Options, 'delimiter'>, sheet: number): string {
  return `${separators[delimiter].codePointAt(0)},34,76,1,,0,false,true,false,false,false,${sheet}`
}
