/**
 * What a PDF holds, inside its process: pages and their size always, what stands on them where they are not too many. Apart from what is done
 * with them.
 */
import { stat } from 'node:fs/promises'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import { JobError } from '../../../../shared/failure.ts'
import { emptyFacts, type MediaFacts } from '../../../../shared/media.ts'
import type { TaskContext } from '../children/task-table.ts'
import { opened, pixelsOf } from './drawing.ts'
import { pageDensity, pageLimitMs, type Opening } from './page.ts'
import type { PdfDocument } from './pdfium.ts'

/** Of a document with more pages nothing is said of what stands on them: it would take longer than a look may. */
const maxPagesRead = 500

const tags = [
  ['Title', 'TITLE'],
  ['Author', 'ARTIST'],
  ['Subject', 'SUBJECT'],
  ['Keywords', 'KEYWORDS'],
] as const

export async function factsOfPdf({ path, password }: Opening, context: TaskContext): Promise<MediaFacts> {
  const facts = emptyFacts('pdf', (await stat(path)).size)
  const document = await opened({ path, password }, context).catch((error: unknown) => {
    if (error instanceof JobError && error.failure.code === 'source-unreadable') return null
    throw error
  })
  // That it is locked is something to know of a file, and its password comes with the order.
  if (document === null) return { ...facts, document: { isEncrypted: true } }
  const { pages } = document
  const pageSize = document.sizeOf(0)
  return {
    ...facts,
    image: { ...pixelsOf(pageSize, pageDensity), pages },
    tags: tags.flatMap(([name, key]) => {
      const value = document.about(name).trim()
      return value === '' ? [] : [{ name: key, values: [value] }]
    }),
    document: { pages, pageSize: rounded(pageSize), ...contentsOf(document, context) },
  }
}

function contentsOf(
  document: PdfDocument,
  { within }: Pick<TaskContext, 'within'>,
): Pick<DocumentFacts, 'characters' | 'images'> | null {
  if (document.pages > maxPagesRead) return null
  let [characters, images] = [0, 0]
  for (let page = 0; page < document.pages; page += 1) {
    within(pageLimitMs)
    const found = document.counts(page)
    characters += found.characters
    images += found.pictures
  }
  within(null)
  return { characters, images }
}

function rounded({ width, height }: { readonly width: number; readonly height: number }) {
  return { width: Math.round(width * 100) / 100, height: Math.round(height * 100) / 100 }
}
