/** What becomes of PDF files, as data. Apart, as it loads nothing. */
import type { Pairing } from '../../provider.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import type { OptionName } from '../../../../shared/options.ts'
import type { OptionDefaults } from '../../../../shared/option-defaults.ts'
import { imageSources, pairingsFrom } from '../images/pairings.ts'
import { pageDensity } from './page.ts'

/** Every page becomes a picture. */
export function toPictures(from: readonly FormatId[], more: readonly OptionName[]): readonly Pairing[] {
  return pairingsFrom(from).map((pairing) => ({
    ...pairing,
    options: [...pairing.options, 'pages', 'dpi', ...more],
    defaults: { ...pairing.defaults, dpi: { kind: 'value', value: pageDensity } },
  }))
}

const ofPage: OptionDefaults = {
  paper: { kind: 'value', value: 'source' },
  margin: { kind: 'value', value: 0 },
}
const joining = ['paper', 'orientation', 'margin', 'dpi', 'password', 'protect'] as const

export const pdfPairings: readonly Pairing[] = [
  ...toPictures(['pdf'], ['password']),
  { from: ['pdf'], to: ['text', 'html'], options: ['pages', 'password'] },
  { from: ['pdf'], to: ['pdf'], options: ['pages', 'pagesPerFile', 'rotate', 'compress', 'password', 'protect'] },
  { from: [...imageSources, 'pdf'], to: ['pdf'], options: joining, defaults: ofPage, joins: true },
]

export const ghostscriptPairings: readonly Pairing[] = [
  { from: ['pdf', 'eps'], to: ['pdf'], options: ['pdfa'] },
  ...toPictures(['eps'], []),
]

export const djvuPairings: readonly Pairing[] = [{ from: ['djvu'], to: ['pdf'], options: ['pages'] }]
