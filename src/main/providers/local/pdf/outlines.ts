/** Outlines of files that were joined, behind the one of the first. Apart, as the only work on the objects of somebody else's PDF. */
import { PDFDict, PDFDocument, PDFHexString, PDFName, PDFNumber, PDFRef } from 'pdf-lib'
import type { OutlineEntry } from './pdfium.ts'

/** The entries of a file whose first page is the n-th, from 0. */
export interface OutlinePart {
  readonly firstPage: number
  readonly entries: readonly OutlineEntry[]
}

export async function withOutlines(joined: Uint8Array, parts: readonly OutlinePart[]): Promise<Uint8Array> {
  if (parts.length === 0) return joined
  const document = await PDFDocument.load(joined, { updateMetadata: false })
  const { context, catalog } = document
  const pages = document.getPages().map(({ ref }) => ref)
  const outlines = catalog.lookupMaybe(PDFName.of('Outlines'), PDFDict) ?? context.obj({ Type: 'Outlines' })
  const root =
    catalog.get(PDFName.of('Outlines')) instanceof PDFRef
      ? (catalog.get(PDFName.of('Outlines')) as PDFRef)
      : context.register(outlines)
  catalog.set(PDFName.of('Outlines'), root)

  const chain = (entries: readonly OutlineEntry[], parent: PDFRef, firstPage: number): readonly PDFRef[] => {
    const refs = entries.map(() => context.nextRef())
    for (const [n, { title, page, children }] of entries.entries()) {
      const [ref, previous, next] = [refs[n], refs[n - 1], refs[n + 1]]
      if (ref === undefined) continue
      const own = chain(children, ref, firstPage)
      const target = page === null ? undefined : pages[firstPage + page]
      const item = context.obj({
        Title: PDFHexString.fromText(title),
        Parent: parent,
        ...(target !== undefined && { Dest: [target, 'Fit'] }),
        ...(previous !== undefined && { Prev: previous }),
        ...(next !== undefined && { Next: next }),
        ...(own.length > 0 && { First: own[0], Last: own.at(-1), Count: -own.length }),
      })
      context.assign(ref, item)
    }
    return refs
  }

  for (const { firstPage, entries } of parts) {
    const refs = chain(entries, root, firstPage)
    const [first] = refs
    const last = refs.at(-1)
    if (first === undefined || last === undefined) continue
    const before = outlines.get(PDFName.of('Last'))
    if (before instanceof PDFRef) {
      context.lookup(before, PDFDict).set(PDFName.of('Next'), first)
      context.lookup(first, PDFDict).set(PDFName.of('Prev'), before)
    } else outlines.set(PDFName.of('First'), first)
    outlines.set(PDFName.of('Last'), last)
    const count = outlines.lookupMaybe(PDFName.of('Count'), PDFNumber)?.asNumber() ?? 0
    outlines.set(PDFName.of('Count'), PDFNumber.of(Math.abs(count) + refs.length))
  }
  return await document.save({ addDefaultPage: false, updateFieldAppearances: false })
}
