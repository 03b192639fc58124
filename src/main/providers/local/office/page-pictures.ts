/**
 * Pages of documents and slides of presentations as pictures, each one of its own: laid out as a PDF by LibreOffice, the one that comes with Beside
 * or the installed one, and drawn by PDFium. Apart from both, as the way from one to the other.
 */
import type { LocalEngine } from '../engine.ts'
import { maxPages } from '../pdf/page.ts'
import { byWayOf } from '../result.ts'

/** @param engines `pdf` draws what `office` lays out. */
export function createPagePictures({ office, pdf }: { readonly office: LocalEngine; readonly pdf: LocalEngine }): LocalEngine {
  return {
    version: office.version,
    ...(office.isInstalled !== undefined && { isInstalled: office.isInstalled }),
    ...(office.warm !== undefined && { warm: office.warm }),
    convert: async (order, report, signal) => {
      const { password, ...options } = order.options
      // No page has this place.
      const path = order.temp(maxPages)
      const opening = password === undefined ? {} : { password }
      return await byWayOf(
        path,
        async () => await office.convert({ ...order, target: 'pdf', options: opening, temp: () => path }, report, signal),
        async (source) => await pdf.convert({ ...order, source, from: 'pdf', options, facts: null }, report, signal),
      )
    },
    // Those that it goes through end by themselves.
    stop: async () => {},
  }
}
