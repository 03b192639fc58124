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
