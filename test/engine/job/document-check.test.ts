/** What of documents, sheets, archives and fonts has to be in a result, and what is said where something is not. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documentRemarks, documentTrouble, type DocumentCheck } from '../../../src/main/engine/job/document-check.ts'
import type { DocumentFacts } from '../../../src/shared/document-facts.ts'
import type { FormatId } from '../../../src/shared/formats.ts'
import { emptyFacts, type MediaFacts } from '../../../src/shared/media.ts'
import { testBeside } from '../../support/beside.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { docmOf } from '../../support/office-files.ts'

const of = (format: FormatId, document?: DocumentFacts): MediaFacts => ({
  ...emptyFacts(format, 1),
  ...(document !== undefined && { document }),
})

function check(sources: readonly MediaFacts[], results: readonly MediaFacts[], options: DocumentCheck['options'] = {}) {
  const [first] = results
  return { target: first?.format ?? 'pdf', options, sources, results }
}

const sheet = (rows: number) => ({ name: 'a', rows, columns: 1 })

describe('a result is refused', () => {
  it.each<readonly [name: string, found: DocumentCheck, because: string | null]>([
    ['with fewer pages', check([of('pdf', { pages: 3 })], [of('pdf', { pages: 2 })]), 'pages-missing'],
    ['not where pages were asked for', check([of('pdf', { pages: 3 })], [of('pdf', { pages: 2 })], { pages: '1-2' }), null],
    ['not where nobody has counted', check([of('pdf')], [of('pdf', { pages: 2 })]), null],
    ['with less text', check([of('docx', { characters: 100 })], [of('md', { characters: 80 })]), 'text-missing'],
    ['not for marks and numbers of lists', check([of('docx', { characters: 100 })], [of('md', { characters: 95 })]), null],
    ['with fewer rows', check([of('xlsx', { sheets: [sheet(9)] })], [of('ods', { sheets: [sheet(8)] })]), 'rows-missing'],
    [
      'with fewer sheets',
      check([of('xlsx', { sheets: [sheet(9), sheet(1)] })], [of('ods', { sheets: [sheet(10)] })]),
      'sheets-missing',
    ],
    ['not for an empty sheet', check([of('xlsx', { sheets: [sheet(9), sheet(0)] })], [of('ods', { sheets: [sheet(9)] })]), null],
    ['with other files', check([of('zip', { entries: 3 })], [of('7z', { entries: 4 })]), 'entries-missing'],
    ['with fewer glyphs', check([of('ttf', { glyphs: 9 })], [of('woff2', { glyphs: 8 })]), 'glyphs-missing'],
    ['with fewer cues', check([of('srt', { cues: 9 })], [of('vtt', { cues: 8 })]), 'cues-missing'],
    [
      'of several with fewer pages',
      check([of('pdf', { pages: 2 }), of('pdf', { pages: 2 })], [of('pdf', { pages: 3 })]),
      'pages-missing',
    ],
  ])('%s', (_name, found, because) => {
    const { because: why = null } = { ...documentTrouble(found)?.facts } as { readonly because?: string }
    expect(why).toBe(because)
  })
})

describe('what describes a document', () => {
  const tagsOf = (...names: readonly string[]) => names.map((name) => ({ name, values: ['a'] }))
  const source = { ...of('docx', { characters: 5 }), tags: tagsOf('TITLE', 'ARTIST', 'KEYWORDS') }

  it('is counted where it is left, as far as the format of the result has a place for it or none at all', () => {
    const targets = [
      { ...of('odt'), tags: tagsOf('TITLE') },
      { ...of('pdf'), tags: tagsOf('TITLE', 'ARTIST') },
      of('text'),
      of('csv'),
      // Whether it has a place nobody here knows.
      of('rst'),
      of('png'),
    ]
    const counts = targets.map((target) => documentRemarks(check([source], [target])).map(({ count }) => count))
    expect(counts).toEqual([[1], [], [3], [3], [], []])
    expect(documentRemarks(check([{ ...of('mp3'), tags: source.tags }], [of('text')]))).toEqual([])
  })
})

describe('macros that are left', () => {
  const withMacros = of('docx', { characters: 5, hasMacros: true })

  it('are said of every result but an archive, in which they are', () => {
    const targets = [
      of('odt', { characters: 5 }),
      of('pdf'),
      of('png'),
      of('zip', { entries: 1 }),
      of('doc', { hasMacros: true }),
    ]
    expect(targets.map((target) => documentRemarks(check([withMacros], [target])).map(({ code }) => code))).toEqual([
      ['macros-left'],
      ['macros-left'],
      ['macros-left'],
      [],
      [],
    ])
    expect(documentRemarks(check([of('docx', { characters: 5 })], [of('pdf')]))).toEqual([])
  })

  it('are said by whatever makes a text of the document', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.docm'), docmOf(['Some words']))
    const { convert } = await testBeside(folder)
    const { jobs } = await convert([join(folder, 'a.docm')], 'md')
    expect(jobs.map(({ state }) => (state.phase === 'done' ? state.notes : state))).toEqual([
      expect.arrayContaining([{ what: 'said', code: 'macros-left' }]),
    ])
  })
})
