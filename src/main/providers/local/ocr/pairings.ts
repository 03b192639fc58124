/** Of which pictures and pages text is recognized, as data; nothing is loaded for this. */
import type { FormatId } from '../../../../shared/formats.ts'
import type { OptionName } from '../../../../shared/options.ts'
import type { OptionDefaults } from '../../../../shared/option-defaults.ts'
import type { Pairing } from '../../provider.ts'

export const pictureSources = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif', 'heic'] as const satisfies readonly FormatId[]
export type PictureSource = (typeof pictureSources)[number]
export type OcrSource = PictureSource | 'pdf'

/** Pixels an inch at which pages are drawn, unless asked for others: the data was trained on text of this size. */
export const drawnDpi = 300

const options = ['ocr', 'ocrLanguage', 'pages', 'dpi'] as const satisfies readonly OptionName[]
const values = { ocr: ['auto', 'force'] } as const
const ofAll: OptionDefaults = { ocrLanguage: { kind: 'value', value: 'eng' }, pages: { kind: 'none' } }
const ofPages: OptionDefaults = { ...ofAll, dpi: { kind: 'value', value: drawnDpi } }

const pictureToText: Pairing = { from: pictureSources, to: ['text'], options, values, defaults: ofAll }
const pictureToPdf: Pairing = { from: pictureSources, to: ['pdf'], options, values, defaults: ofAll }
const pdfToText: Pairing = { from: ['pdf'], to: ['text'], options: [...options, 'password'], values, defaults: ofPages }
const pdfToPdf: Pairing = { ...pdfToText, to: ['pdf'] }

export const ocrPairings: readonly Pairing[] = [pictureToText, pictureToPdf, pdfToText, pdfToPdf]
/** A page's picture goes into a PDF without a loss by the embedded engine alone. */
export const tesseractPairings: readonly Pairing[] = [pictureToText, pdfToText, pdfToPdf]

/** It asks for no password, and draws pages as finely as their pictures are. */
export const ocrmypdfPairings: readonly Pairing[] = [
  { from: ['pdf'], to: ['pdf'], options: ['ocr', 'ocrLanguage', 'pages', 'pdfa'], values, defaults: ofAll },
]

export function isOcrSource(format: FormatId): format is OcrSource {
  return format === 'pdf' || (pictureSources as readonly FormatId[]).includes(format)
}
