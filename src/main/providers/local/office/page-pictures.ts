/**
 * Pages of documents and slides of presentations as pictures, each one of its own: laid out as a PDF by LibreOffice, the one that comes with Beside
 * or the installed one, and drawn by PDFium. Apart from both, as the way from one to the other.
 */
import { rm } from 'node:fs/promises'
import type { LocalEngine } from '../engine.ts'
import { maxPages } from '../pdf/page.ts'

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
      await office.convert({ ...order, target: 'pdf', options: opening, temp: () => path }, report, signal)
      try {
        const source = { kind: 'file', path, bytes: 0, mtimeMs: 0 } as const
        return await pdf.convert({ ...order, source, from: 'pdf', options, facts: null }, report, signal)
      } finally {
        await rm(path, { force: true })
      }
    },
    // Those that it goes through end by themselves.
    stop: async () => {},
  }
}
