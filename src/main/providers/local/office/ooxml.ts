/** Word, Excel and PowerPoint files since 2007, by their parts. */
import { JobError } from '../../../../shared/failure.ts'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import { tagsOf, type OfficeLook } from './looked.ts'
import { withoutWhite } from './text-source.ts'
import { attribute, textBetween, unescaped } from './xml-text.ts'
import type { ZipParts } from './zip-parts.ts'

export async function lookIntoOoxml(parts: ZipParts, path: string): Promise<OfficeLook> {
  const types = await parts.text('[Content_Types].xml')
  const core = await parts.text(parts.names.find((name) => /^docProps\/core\.xml$/i.test(name)) ?? '')
  const tags = tagsOf({
    TITLE: textBetween(core, 'title'),
    ARTIST: textBetween(core, 'creator'),
    SUBJECT: textBetween(core, 'subject'),
    KEYWORDS: textBetween(core, 'keywords'),
  })
  const macros = { ...(parts.names.some((name) => name.endsWith('vbaProject.bin')) && { hasMacros: true as const }) }
  const [main, kind] = mainPart(types)
  const ending = endingOf(types)
  const looked = { tags, ...(ending !== null && { ending }) }
  switch (kind) {
    case 'document': {
      const text = (await parts.text(main)).matchAll(/<w:t(?:\s[^>]*)?>([^<]*)</g)
      let characters = 0
      for (const [, run = ''] of text) characters += withoutWhite(unescaped(run))
      return { ...looked, format: 'docx', facts: { characters, images: pictures(parts, 'word/media/'), ...macros } }
    }
    case 'workbook':
      return { ...looked, format: 'xlsx', facts: { sheets: await sheetsOf(parts, main), ...macros } }
    case 'presentation': {
      const slides = [...(await parts.text(main)).matchAll(/<p:sldId\s/g)].length
      return { ...looked, format: 'pptx', facts: { pages: slides, images: pictures(parts, 'ppt/media/'), ...macros } }
    }
    default:
      throw new JobError('source-unknown', { path })
  }
}

/** Its name, and what it is: an archive may be a package of another kind, as an installer for .NET. */
function mainPart(types: string): readonly [name: string, kind: 'document' | 'workbook' | 'presentation' | null] {
  for (const [tag] of types.matchAll(/<(?:\w+:)?Override\s[^>]*>/g)) {
    const type = attribute(tag, 'ContentType') ?? ''
    if (!type.endsWith('.main+xml')) continue
    const part = (attribute(tag, 'PartName') ?? '').replace(/^\//, '')
    if (/wordprocessingml|ms-word/.test(type)) return [part, 'document']
    if (/spreadsheetml|ms-excel/.test(type)) return [part, 'workbook']
    if (/presentationml|ms-powerpoint/.test(type)) return [part, 'presentation']
  }
  return ['', null]
}

/** Templates and files with macros are told from others by their endings. */
function endingOf(types: string): string | null {
  const isWith = (words: string): boolean => types.includes(words)
  if (isWith('ms-word.document.macroEnabled')) return 'docm'
  if (isWith('ms-excel.sheet.macroEnabled')) return 'xlsm'
  if (isWith('ms-powerpoint.presentation.macroEnabled')) return 'pptm'
  if (isWith('wordprocessingml.template')) return 'dotx'
  if (isWith('spreadsheetml.template')) return 'xltx'
  if (isWith('presentationml.template')) return 'potx'
  return isWith('presentationml.slideshow') ? 'ppsx' : null
}

function pictures(parts: ZipParts, folder: string): number {
  return parts.names.filter((name) => name.startsWith(folder)).length
}

async function sheetsOf(parts: ZipParts, workbook: string): Promise<NonNullable<DocumentFacts['sheets']>> {
  const folder = workbook.slice(0, workbook.lastIndexOf('/') + 1)
  const relations = await parts.text(`${folder}_rels/${workbook.slice(folder.length)}.rels`)
  const targets = new Map(
    [...relations.matchAll(/<Relationship\s[^>]*>/g)].map(([tag]) => [attribute(tag, 'Id'), attribute(tag, 'Target') ?? '']),
  )
  const sheets: { name: string; rows: number; columns: number }[] = []
  for (const [tag] of (await parts.text(workbook)).matchAll(/<(?:\w+:)?sheet\s[^>]*>/g)) {
    const target = targets.get(attribute(tag, 'r:id')) ?? ''
    const xml = await parts.text(target.startsWith('/') ? target.slice(1) : `${folder}${target}`)
    sheets.push({ name: attribute(tag, 'name') ?? '', ...filled(xml) })
  }
  return sheets
}

/** Up to the last row and the last column in which anything stands. What the sheet itself says of its size may be of what was formatted. */
function filled(xml: string): { readonly rows: number; readonly columns: number } {
  let rows = 0
  let columns = 0
  for (const [, letters = '', row = ''] of xml.matchAll(/<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*?(?<!\/)>/g)) {
    rows = Math.max(rows, Number(row))
    columns = Math.max(columns, columnNumber(letters))
  }
  return { rows, columns }
}

/** `A` is 1, `AA` 27. */
function columnNumber(letters: string): number {
  let number = 0
  for (const letter of letters) number = number * 26 + (letter.codePointAt(0) ?? 0) - 64
  return number
}
