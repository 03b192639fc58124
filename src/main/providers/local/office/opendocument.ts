/** Files of OpenDocument, packed or in one XML. */
import { JobError } from '../../../../shared/failure.ts'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import type { FormatId } from '../../../../shared/formats.ts'
import { tagsOf, type OfficeLook } from './looked.ts'
import { withoutWhite } from './text-source.ts'
import { attribute, textBetween, unescaped } from './xml-text.ts'
import type { ZipParts } from './zip-parts.ts'

const kinds = { text: 'odt', spreadsheet: 'ods', presentation: 'odp' } as const satisfies Readonly<Record<string, FormatId>>

export async function lookIntoOdf(parts: ZipParts, path: string): Promise<OfficeLook> {
  const mime = (await parts.text('mimetype')).trim()
  const manifest = await parts.text('META-INF/manifest.xml')
  const format = formatOf(mime, path)
  if (/<(?:\w+:)?encryption-data\b/.test(manifest)) return { format, facts: { isEncrypted: true }, tags: [] }
  const meta = await parts.text('meta.xml')
  const macros = { ...(parts.names.some((name) => name.startsWith('Basic/')) && { hasMacros: true as const }) }
  const isTemplate = mime.endsWith('-template')
  return {
    format,
    facts: { ...factsOf(format, await parts.text('content.xml')), ...macros },
    tags: metaTags(meta),
    ...(isTemplate && { ending: format.replace(/^od/, 'ot') }),
  }
}

export function lookIntoFlatOdf(xml: string, path: string): OfficeLook {
  const format = formatOf(attribute(/<office:document\s[^>]*>/.exec(xml)?.[0] ?? '', 'office:mimetype') ?? '', path)
  return { format, facts: factsOf(format, xml), tags: metaTags(xml), ending: `f${format}` }
}

function formatOf(mime: string, path: string): FormatId {
  const kind = /^application\/vnd\.oasis\.opendocument\.([a-z]+)/.exec(mime)?.[1] ?? ''
  if (Object.hasOwn(kinds, kind)) return kinds[kind as keyof typeof kinds]
  throw new JobError('source-unknown', { path })
}

function metaTags(meta: string): OfficeLook['tags'] {
  const [, inner = ''] = /<office:meta>([^]*?)<\/office:meta>/.exec(meta) ?? []
  return tagsOf({
    TITLE: textBetween(inner, 'title'),
    ARTIST: textBetween(inner, 'creator') || textBetween(inner, 'initial-creator'),
    SUBJECT: textBetween(inner, 'subject'),
    KEYWORDS: textBetween(inner, 'keyword'),
  })
}

function factsOf(format: FormatId, content: string): DocumentFacts {
  if (format === 'odp') return { pages: [...content.matchAll(/<draw:page\s/g)].length }
  if (format === 'ods') return { sheets: sheetsOf(content) }
  const [, body = ''] = /<office:text\b[^>]*>([^]*)<\/office:text>/.exec(content) ?? []
  return {
    characters: withoutWhite(
      unescaped(body.replaceAll(/<(text:tracked-changes|office:annotation)(?=[\s>])[^]*?<\/\1>|<[^>]*>/g, ' ')),
    ),
  }
}

/** Rows in which anything stands, and columns up to the last one: sheets are filled up with repeated empty cells to their very end. */
function sheetsOf(content: string): NonNullable<DocumentFacts['sheets']> {
  return [...content.matchAll(/<table:table\s[^>]*>/g)].map(({ 0: tag, index }) => {
    const end = content.indexOf('</table:table>', index)
    return { name: attribute(tag, 'table:name') ?? '', ...filled(content.slice(index, end === -1 ? undefined : end)) }
  })
}

function filled(table: string): { readonly rows: number; readonly columns: number } {
  let [rows, column, columns, repeat, isFilled] = [0, 0, 0, 1, false]
  for (const [tag, name = ''] of table.matchAll(/<(\/?table:table-row|table:(?:covered-)?table-cell)\b[^>]*>/g)) {
    if (name === 'table:table-row') {
      repeat = Number(attribute(tag, 'table:number-rows-repeated') ?? 1)
      column = 0
      isFilled = false
    } else if (name === '/table:table-row') rows += isFilled ? repeat : 0
    else {
      column += Number(attribute(tag, 'table:number-columns-repeated') ?? 1)
      if (!tag.includes('office:value-type') && tag.endsWith('/>')) continue
      isFilled = true
      columns = Math.max(columns, column)
    }
  }
  return { rows, columns }
}
