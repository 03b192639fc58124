/** Text recognized in pictures and pages: work of a process of its own, a page at a time. */
import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import sharp from 'sharp'
import type { TaskContext } from '../children/task-table.ts'
import { failureOf } from '../images/call.ts'
import { readable } from '../images/source.ts'
import { sheetsOf } from '../images/tiff.ts'
import { JobError } from '../../../../shared/failure.ts'
import type { LanguageData } from './languages.ts'
import { joined, type PageLayer, withLayers } from './layers.ts'
import type { OcrSource } from './pairings.ts'
import { openPdf, type PdfDocument } from '../pdf/pdfium.ts'
import { pictureFor, sheetOf, type SheetAsked } from './sheet.ts'
import { startTesseract, type Recognized, type Tesseract } from './tesseract.ts'

/** A page that text may be recognized on. */
export interface PageFound {
  /** Of the file, from 0. */
  readonly page: number
  /** What it has as text already; pictures have none. */
  readonly text: string
}

export interface PageRead extends Recognized {
  readonly pdf: Uint8Array | null
}

let last: { readonly key: string; readonly tesseract: Tesseract } | null = null

async function tesseractFor(languages: readonly LanguageData[]): Promise<Tesseract> {
  const key = JSON.stringify(languages)
  if (last?.key !== key) last = { key, tesseract: await startTesseract(languages) }
  return last.tesseract
}

export interface PageAsked {
  readonly sheet: SheetAsked
  readonly languages: readonly LanguageData[]
  /** `layer`: the text alone; `page`: over the picture of the page. Null: none. */
  readonly pdf: 'layer' | 'page' | null
}

export const tasks = {
  /** All pages that are worth reading. */
  pages: async ({
    path,
    from,
    password,
  }: {
    readonly path: string
    readonly from: OcrSource
    readonly password?: string | undefined
  }): Promise<readonly PageFound[]> => {
    if (from !== 'pdf') return (await sheetNumbers(path, from)).map((page) => ({ page, text: '' }))
    const pdf = await openPdf(path, password)
    return Array.from({ length: pdf.pages }, (_, page) => ({ page, text: textOf(pdf, page) }))
  },

  read: async ({ sheet, languages, pdf }: PageAsked, { progress }: TaskContext): Promise<PageRead> => {
    const tesseract = await tesseractFor(languages)
    const page = await sheetOf(sheet)
    const found = tesseract.recognize(page, page.dpi, progress)
    if (pdf === null) return { ...found, pdf: null }
    const picture = pdf === 'layer' ? null : await pictureFor(sheet)
    return { ...found, pdf: tesseract.pdf(titleOf(sheet.path), picture) }
  },

  /** The page for a program that reads it: a PGM. */
  draw: async (sheet: SheetAsked): Promise<{ readonly pgm: Uint8Array; readonly dpi: number }> => {
    const { width, height, pixels, dpi } = await sheetOf(sheet)
    return { pgm: Buffer.concat([Buffer.from(`P5 ${width} ${height} 255\n`), pixels]), dpi }
  },

  /** The PDF with what was recognized on its pages. */
  lay: async ({
    path,
    password,
    layers,
    count,
    output,
  }: {
    readonly path: string
    readonly password?: string | undefined
    readonly layers: readonly PageLayer[]
    readonly count: number
    readonly output: string
  }) => {
    await writeFile(output, await withLayers(path, password, layers, count), { flag: 'wx' })
  },

  /** Pages, each a PDF of its own, as one. */
  join: async ({
    path,
    pages,
    output,
  }: {
    readonly path: string
    readonly pages: readonly Uint8Array[]
    readonly output: string
  }) => {
    await writeFile(output, await joined(pages, path), { flag: 'wx' })
  },
}

/** Of a TIFF those that are no smaller copies of others; of an animation its first. */
async function sheetNumbers(path: string, from: Exclude<OcrSource, 'pdf'>): Promise<readonly number[]> {
  if (from !== 'tiff') return [0]
  const { pages = 1 } = await sharp(await readable(path, from), { failOn: 'none' })
    .metadata()
    .catch((error: unknown) => {
      throw JobError.from(failureOf(error))
    })
  const numbers = Array.from({ length: pages }, (_, page) => page)
  const listed = pages > 1 ? sheetsOf(path) : null
  const whole = numbers.filter((page) => listed?.[page]?.isReduced !== true)
  return whole.length === 0 ? [0] : whole
}

/** In the order in which the page has it. */
function textOf(pdf: PdfDocument, page: number): string {
  const glyphs = pdf.glyphs(page).map(({ text }) => text)
  return glyphs.join('').replaceAll('\r\n', '\n').trim()
}

function titleOf(path: string): string {
  return basename(path).replace(/\.[^.]+$/, '')
}
