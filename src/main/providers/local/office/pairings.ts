/** Which office files become which, as data: by LibreOffice as it comes with Beside, and by the one that somebody installed. Apart, so that the table of engines loads no more. */
import type { FormatId } from '../../../../shared/formats.ts'
import type { OptionName } from '../../../../shared/options.ts'
import type { OptionDefaults } from '../../../../shared/option-defaults.ts'
import type { Pairing } from '../../provider.ts'
import { toPictures } from '../pdf/pairings.ts'

export const documents = ['docx', 'doc', 'odt', 'rtf'] as const satisfies readonly FormatId[]
export const spreadsheets = ['xlsx', 'xls', 'ods'] as const satisfies readonly FormatId[]
export const presentations = ['pptx', 'ppt', 'odp'] as const satisfies readonly FormatId[]
/** Which LibreOffice reads alone. */
export const appleFormats = ['pages', 'numbers', 'key'] as const satisfies readonly FormatId[]

/** Of sources that state no paper of their own. */
const onPaper = ['paper', 'orientation', 'margin'] as const satisfies readonly OptionName[]
const papers = ['a3', 'a4', 'a5', 'letter', 'legal'] as const
const ofPaper: OptionDefaults = { paper: { kind: 'value', value: 'a4' }, orientation: { kind: 'value', value: 'portrait' } }
const toPdf = ['pages', 'pdfa'] as const satisfies readonly OptionName[]
const allPages: OptionDefaults = { pages: { kind: 'none' } }

/** Each to all others. */
function amongThem(formats: readonly FormatId[]): readonly Pairing[] {
  return formats.map((from) => ({ from: [from], to: formats.filter((to) => to !== from), options: [] }))
}

const both: readonly Pairing[] = [
  { from: documents, to: ['pdf'], options: toPdf, defaults: allPages },
  {
    from: ['html', 'text'],
    to: ['pdf'],
    options: [...toPdf, ...onPaper],
    values: { paper: papers },
    defaults: { ...ofPaper, ...allPages },
  },
  ...amongThem(documents),
  { from: documents, to: ['text'], options: [] },
  { from: ['html', 'text'], to: documents, options: [] },
  { from: [...spreadsheets, 'xlsb'], to: ['pdf'], options: toPdf, defaults: allPages },
  {
    from: ['csv'],
    to: ['pdf'],
    options: [...toPdf, 'paper', 'orientation', 'sourceEncoding'],
    values: { paper: papers },
    defaults: { ...ofPaper, ...allPages },
  },
  ...amongThem(spreadsheets),
  { from: ['xlsb'], to: spreadsheets, options: [] },
  { from: [...spreadsheets, 'xlsb'], to: ['html'], options: [] },
  { from: ['csv'], to: [...spreadsheets, 'html'], options: ['sourceEncoding'] },
  { from: presentations, to: ['pdf'], options: toPdf, defaults: allPages },
  ...amongThem(presentations),
  { from: ['svg'], to: ['pdf'], options: [] },
]

export const officePairings: readonly Pairing[] = both

/** The installed program does these besides. What it makes of a PDF is boxes of text at their places, which hold few paragraphs together. */
export const sofficePairings: readonly Pairing[] = [
  ...both,
  { from: documents, to: ['html', 'epub'], options: [] },
  { from: ['html', 'text'], to: ['epub'], options: [] },
  { from: ['pdf'], to: ['docx', 'odt'], options: [] },
  { from: appleFormats, to: ['pdf'], options: toPdf, defaults: allPages },
  { from: ['pages'], to: [...documents, 'text', 'html', 'epub'], options: [] },
  { from: ['numbers'], to: [...spreadsheets, 'html'], options: [] },
  { from: ['key'], to: presentations, options: [] },
]

/** Every page or slide becomes a picture. */
export const pagePicturePairings: readonly Pairing[] = toPictures([...documents, ...presentations], [])
