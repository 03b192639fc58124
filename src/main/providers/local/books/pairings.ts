/** Which books are read and made without a program, as data. Apart, as nothing is loaded for it. */
import type { Pairing } from '../../provider.ts'

const defaults = { toc: { kind: 'value', value: false } } as const

export const bookPairings: readonly Pairing[] = [
  { from: ['md', 'html', 'text'], to: ['epub'], options: ['sourceEncoding', 'toc'], defaults },
  { from: ['docx', 'ipynb'], to: ['epub'], options: ['toc'], defaults },
  { from: ['epub'], to: ['html', 'md', 'text'], options: [] },
]
