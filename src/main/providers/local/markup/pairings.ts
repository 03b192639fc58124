/** Which texts become which, without a program and as documents on paper, as data. Apart, as nothing is loaded for it. */
import type { Pairing } from '../../provider.ts'

export const markupSources = ['md', 'html', 'text', 'ipynb', 'docx'] as const
export const markupTargets = ['html', 'md', 'text'] as const
export type MarkupSource = (typeof markupSources)[number]
export type MarkupTarget = (typeof markupTargets)[number]

const defaults = { toc: { kind: 'value', value: false }, encoding: { kind: 'value', value: 'utf-8' } } as const

export const markupPairings: readonly Pairing[] = [
  { from: ['md', 'text'], to: ['html'], options: ['sourceEncoding', 'toc'], defaults },
  { from: ['ipynb', 'docx'], to: ['html'], options: ['toc'], defaults },
  { from: ['md', 'html'], to: ['text'], options: ['sourceEncoding', 'encoding'], defaults },
  // Another encoding, and no other word.
  { from: ['text'], to: ['text'], options: ['sourceEncoding', 'encoding'], defaults },
  { from: ['html', 'text'], to: ['md'], options: ['sourceEncoding', 'encoding'], defaults },
  { from: ['ipynb', 'docx'], to: ['md', 'text'], options: ['encoding'], defaults },
]

/** As HTML first, and that by LibreOffice. */
export const byOfficePairings: readonly Pairing[] = [
  { from: ['md', 'ipynb', 'epub'], to: ['docx', 'odt', 'rtf', 'doc'], options: [] },
  {
    from: ['md', 'ipynb', 'epub'],
    to: ['pdf'],
    options: ['paper', 'orientation', 'margin'],
    values: { paper: ['a3', 'a4', 'a5', 'letter', 'legal'] },
    defaults: { paper: { kind: 'value', value: 'a4' }, orientation: { kind: 'value', value: 'portrait' } },
  },
]
