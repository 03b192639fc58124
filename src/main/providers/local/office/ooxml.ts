/** Word, Excel and PowerPoint files since 2007, by their parts. */
import { JobError } from '../../../../shared/failure.ts'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import { tagsOf, type OfficeLook } from './looked.ts'
import { withoutWhite } from './text-source.ts'
import { attribute, textBetween, unescaped } from './xml-text.ts'
import type { ZipParts } from './zip-parts.ts'

export async function lookIntoOoxml(parts: ZipParts, path: string): Promise<OfficeLook> {
  const types = await parts.text('[Content_Types].xml')
  const relations = await parts.text('_rels/.rels')
  const core = await parts.text('docProps/core.xml')
  const tags = tagsOf({
    TITLE: textBetween(core, 'title'),
    ARTIST: textBetween(core, 'creator'),
    SUBJECT: textBetween(core, 'subject'),
    KEYWORDS: textBetween(core, 'keywords'),
  })
  const macros = { ...(parts.names.some((name) => /vbaProject\.bin$/i.test(name)) && { hasMacros: true as const }) }
  const { main, kind, ending } = mainPart(types, relations)
  const looked = { tags, ...(ending !== null && { ending }) }
  switch (kind) {
    case 'document': {
      const xml = await parts.text(main)
      const facts = { characters: charactersOf(xml), images: pictures(parts, 'word/media/'), ...macros }
      return { ...looked, format: 'docx', facts }
    }
    case 'workbook':
      return { ...looked, format: 'xlsx', facts: { sheets: await sheetsOf(parts, main), ...macros } }
    case 'binary-workbook':
      // Its sheets are no text.
      return { ...looked, format: 'xlsb', facts: macros }
    case 'presentation': {
      const slides = [...(await parts.text(main)).matchAll(/<p:sldId\s/g)].length
      return { ...looked, format: 'pptx', facts: { pages: slides, images: pictures(parts, 'ppt/media/'), ...macros } }
    }
    default:
      throw new JobError('source-unknown', { path })
  }
}

/** Templates and files with macros are told from others by their endings. */
type Kind = 'document' | 'workbook' | 'binary-workbook' | 'presentation'
const kinds: readonly (readonly [type: RegExp, kind: Kind, ending: string | null])[] = [
  [/ms-word\.document\.macroEnabled/, 'document', 'docm'],
  [/ms-word\.template\.macroEnabled/, 'document', 'dotm'],
  [/wordprocessingml\.template/, 'document', 'dotx'],
  [/wordprocessingml|ms-word/, 'document', null],
  [/ms-excel\.sheet\.macroEnabled/, 'workbook', 'xlsm'],
  [/spreadsheetml\.template/, 'workbook', 'xltx'],
  [/ms-excel\.sheet\.binary/, 'binary-workbook', null],
  [/spreadsheetml|ms-excel/, 'workbook', null],
  [/ms-powerpoint\.presentation\.macroEnabled/, 'presentation', 'pptm'],
  [/presentationml\.template/, 'presentation', 'potx'],
  [/presentationml\.slideshow/, 'presentation', 'ppsx'],
  [/presentationml|ms-powerpoint/, 'presentation', null],
]

/**
 * Its name, and what it is: an archive may be a package of another kind, as an installer for .NET. The type is stated for the part, or for all
 * parts of its ending that state none.
 */
function mainPart(types: string, relations: string) {
  const tags = [...types.matchAll(/<(?:\w+:)?(?:Override|Default)\s[^>]*>/g)].map(([tag]) => ({
    part: attribute(tag, 'PartName')?.replace(/^\//, '') ?? null,
    ending: attribute(tag, 'Extension')?.toLowerCase() ?? null,
    type: attribute(tag, 'ContentType') ?? '',
  }))
  const named = [...relations.matchAll(/<(?:\w+:)?Relationship\s[^>]*>/g)].find(([tag]) =>
    attribute(tag, 'Type')?.endsWith('/officeDocument'),
  )
  const main = attribute(named?.[0] ?? '', 'Target')?.replace(/^\.?\//, '') ?? null
  const stated =
    tags.find(({ part }) => part !== null && part.toLowerCase() === main?.toLowerCase()) ??
    tags.find(({ part, type }) => part !== null && type.endsWith('.main+xml')) ??
    tags.find(({ ending }) => ending !== null && main?.toLowerCase().endsWith(`.${ending}`) === true)
  const [, kind = null, ending = null] = kinds.find(([type]) => type.test(stated?.type ?? '')) ?? []
  return { main: stated?.part ?? main ?? '', kind, ending }
}

/** Of what is read: neither of what was moved away, nor of what stands in for a drawing in older programs. */
function charactersOf(document: string): number {
  const tokens = /<(\/?)(?:mc:Fallback|w:moveFrom)(?:\s[^>]*?)?(\/?)>|<w:t(?:\s[^>]*)?>([^<]*)</g
  let [characters, outside] = [0, 0]
  for (const [, closes, isEmpty, text] of document.matchAll(tokens)) {
    if (text !== undefined) characters += outside === 0 ? withoutWhite(unescaped(text)) : 0
    else if (isEmpty === '') outside += closes === '' ? 1 : -1
  }
  return characters
}

function pictures(parts: ZipParts, folder: string): number {
  return parts.names.filter((name) => name.startsWith(folder)).length
}

async function sheetsOf(parts: ZipParts, workbook: string): Promise<NonNullable<DocumentFacts['sheets']>> {
  const folder = workbook.slice(0, workbook.lastIndexOf('/') + 1)
  const relations = await parts.text(`${folder}_rels/${workbook.slice(folder.length)}.rels`)
  const related = [...relations.matchAll(/<(?:\w+:)?Relationship\s[^>]*>/g)].map(([tag]) => {
    const target = attribute(tag, 'Target') ?? ''
    const part = target.startsWith('/') ? target.slice(1) : `${folder}${target}`
    return { id: attribute(tag, 'Id'), type: attribute(tag, 'Type') ?? '', part }
  })
  const strings = await parts.text(related.find(({ type }) => type.endsWith('/sharedStrings'))?.part ?? '')
  const empty = emptyStrings(strings)
  const sheets: { name: string; rows: number; columns: number }[] = []
  for (const [tag] of (await parts.text(workbook)).matchAll(/<(?:\w+:)?sheet\s[^>]*>/g)) {
    const own = related.find(({ id }) => id !== null && id === attribute(tag, '[\\w.-]+:id'))
    sheets.push({ name: attribute(tag, 'name') ?? '', ...filled(await parts.text(own?.part ?? ''), empty) })
  }
  return sheets
}

/** Places of the texts in which nothing stands, as they are written for cells that somebody emptied. */
function emptyStrings(xml: string): ReadonlySet<number> {
  const found = new Set<number>()
  let at = 0
  for (const [, inner = ''] of xml.matchAll(/<(?:\w+:)?si(?:\s[^>]*)?(?:\/>|>([^]*?)<\/(?:\w+:)?si>)/g)) {
    if (inner.replaceAll(/<[^>]*>/g, '') === '') found.add(at)
    at += 1
  }
  return found
}

/** Rows in which anything stands, and columns up to the last one. What the sheet itself says of its size may be of what was formatted. */
function filled(xml: string, empty: ReadonlySet<number>): { readonly rows: number; readonly columns: number } {
  let [rows, columns, row, column, filledRow, isShared] = [0, 0, 0, 0, 0, false]
  for (const [tag, kind, text = ''] of xml.matchAll(/<(?:\w+:)?(row|c|v|t)(?=[\s/>])[^>]*>([^<]*)/g)) {
    const opening = tag.slice(0, tag.length - text.length)
    // Rows and cells that do not say where they are follow on the ones before.
    if (kind === 'row') {
      row = Number(attribute(opening, 'r') ?? row + 1)
      column = 0
    } else if (kind === 'c') {
      const [, letters = '', number = ''] = /^([A-Z]{1,3})(\d{1,7})$/.exec(attribute(opening, 'r') ?? '') ?? []
      row = number === '' ? row : Number(number)
      column = letters === '' ? column + 1 : columnNumber(letters)
      isShared = attribute(opening, 't') === 's'
    } else if (text !== '' && !(isShared && empty.has(Number(text)))) {
      if (row !== filledRow) rows += 1
      filledRow = row
      columns = Math.max(columns, column)
    }
  }
  return { rows, columns }
}

/** `A` is 1, `AA` 27. */
function columnNumber(letters: string): number {
  let number = 0
  for (const letter of letters) number = number * 26 + (letter.codePointAt(0) ?? 0) - 64
  return number
}
