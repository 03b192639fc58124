/** Which font files become which, as data. Outlines, tables and hints go over as they are: the formats differ in how they are packed alone. Apart, so that it is known without
 * loading a library. */
import type { Pairing } from '../../provider.ts'

export const fontPairings: readonly Pairing[] = [
  { from: ['ttf', 'woff', 'woff2'], to: ['ttf'], options: [] },
  { from: ['otf', 'woff', 'woff2'], to: ['otf'], options: [] },
  { from: ['ttf', 'otf', 'woff', 'woff2'], to: ['woff', 'woff2'], options: [] },
]
