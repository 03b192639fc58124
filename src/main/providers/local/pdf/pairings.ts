/** What becomes of PDF files, as data. Apart, as it loads nothing. */
import type { Pairing } from '../../provider.ts'
import { pairingsFrom } from '../images/pairings.ts'
import { pageDensity } from './page.ts'

/** Every page becomes a picture. */
const toPictures: readonly Pairing[] = pairingsFrom(['pdf']).map((pairing) => ({
  ...pairing,
  options: [...pairing.options, 'pages', 'dpi', 'password'],
  defaults: { ...pairing.defaults, dpi: { kind: 'value', value: pageDensity } },
}))

export const pdfPairings: readonly Pairing[] = toPictures
