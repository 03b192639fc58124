/** What Pandoc and Calibre make of what, as data; what comes with Beside is not repeated. Apart, as nothing is loaded for it. */
import type { FormatId, KnownFormat } from '../../../../shared/formats.ts'
import type { Pairing } from '../../provider.ts'
import type { Need } from '../engine.ts'

export const pandocNeed: Need = {
  program: 'pandoc',
  title: 'Pandoc',
  packages: {
    apt: 'pandoc',
    dnf: 'pandoc',
    pacman: 'pandoc-cli',
    zypper: 'pandoc',
    brew: 'pandoc',
    winget: 'JohnMacFarlane.Pandoc',
  },
}
export const calibreNeed: Need = {
  program: 'ebook-convert',
  title: 'Calibre',
  packages: { apt: 'calibre', dnf: 'calibre', pacman: 'calibre', zypper: 'calibre', brew: 'calibre', winget: 'calibre.calibre' },
}

/** What Pandoc calls otherwise. */
export const pandocNames: Readonly<Partial<Record<string, string>>> = { md: 'gfm+footnotes+tex_math_dollars+yaml_metadata_block' }
/** What it writes by another name than it reads it by. */
export const pandocWrites: Readonly<Partial<Record<string, string>>> = { md: 'gfm', text: 'plain', html: 'html5', epub: 'epub3' }

const read: readonly KnownFormat[] = ['rst', 'latex', 'org', 'mediawiki', 'docbook', 'ipynb', 'md', 'html', 'docx', 'odt', 'epub']
const markup: readonly KnownFormat[] = ['rst', 'latex', 'org', 'asciidoc', 'mediawiki', 'docbook', 'ipynb', 'typst']
const documents: readonly KnownFormat[] = ['html', 'md', 'text', 'docx', 'odt', 'rtf', 'epub']
const withContents: ReadonlySet<FormatId> = new Set(['html', 'docx', 'odt', 'rtf', 'epub', 'latex'])

export const pandocPairings: readonly Pairing[] = read.flatMap((from) =>
  [...documents, ...markup]
    .filter((to) => to !== from)
    .map((to) => ({ from: [from], to: [to], options: withContents.has(to) ? (['toc'] as const) : [] })),
)

const books: readonly KnownFormat[] = ['epub', 'mobi', 'azw3', 'fb2']
const fromBooks: readonly KnownFormat[] = [...books, 'docx', 'rtf', 'text']

export const calibrePairings: readonly Pairing[] = [
  ...books.map((from) => ({ from: [from], to: fromBooks.filter((to) => to !== from), options: [] })),
  { from: books, to: ['pdf'], options: ['toc'] },
  { from: ['docx', 'odt', 'html', 'text'], to: ['mobi', 'azw3', 'fb2'], options: [] },
]
