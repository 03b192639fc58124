/** Conversions by LibreOffice as WebAssembly: work of a process of its own, which keeps it from one document to the next. */
import { readFile, writeFile } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import { extensionOf, factsOf, type FormatId } from '../../../../shared/formats.ts'
import { pagesIn, type Options } from '../../../../shared/options.ts'
import type { TaskContext } from '../children/task-table.ts'
import { libreOffice, type LibreOffice, type OpenDocument } from './lok.ts'
import { look } from './look.ts'
import { paperOf, prepared, type Prepared } from './prepare.ts'
import { pdfFilter } from './save.ts'

export interface OfficeConversion {
  readonly path: string
  readonly from: FormatId
  readonly target: FormatId
  readonly options: Options
  /** Paths for as many results as there may be. */
  readonly outputs: readonly string[]
  /** What the document may take, ms, once LibreOffice has started. */
  readonly limitMs: number
}

export interface OfficeResult {
  readonly output: string
  /** What it is of, where there are several; null where the whole document is in it. */
  readonly name: string | null
  readonly bytes: number
}

/** Formats that no look tells from others; they are taken by their names. */
const withoutSignature: ReadonlySet<FormatId> = new Set(['text', 'csv', 'svg', 'html'])

let isStarted = false

/** Fonts are read when the first page is laid out, which takes half of the whole start. */
async function started(): Promise<LibreOffice> {
  const office = await libreOffice()
  if (!isStarted) {
    const first = { bytes: Buffer.from('.'), ending: 'txt', load: 'UTF8,LF' }
    office.open(first, '', (page) => page.save('pdf', ''))
    isStarted = true
  }
  return office
}

export const tasks = {
  /** Ahead of need. */
  start: async (_input: Record<string, never>): Promise<void> => {
    await started()
  },

  convert: async (conversion: OfficeConversion, { within }: TaskContext): Promise<readonly OfficeResult[]> => {
    const { path, from, target, options } = conversion
    const bytes = await readFile(path)
    const looked = withoutSignature.has(from) ? null : await look(bytes, path)
    if (looked?.facts.isEncrypted === true) throw new JobError('source-unreadable', { path, because: 'lock-unknown' })
    if (looked !== null && looked.format !== from)
      throw new JobError('source-unknown', { path, because: 'not-what-it-says', expected: factsOf(from).title })
    const source = prepared(bytes, { path, from, target, options, ending: looked?.ending })
    const office = await started()
    within(conversion.limitMs)
    const isOnPaper = from === 'csv' && target === 'pdf'
    const laidOut = isOnPaper
      ? onPaper(
          office.open(source, path, (sheet) => sheet.save('fods', '')),
          options,
        )
      : source
    const made = office.open(laidOut, path, (document) => results(document, conversion))
    const written: OfficeResult[] = []
    for (const [n, { name, content }] of made.entries()) {
      const output = conversion.outputs[n]
      if (output === undefined) throw new JobError('source-unsupported', { path, because: 'too-many-entries', count: n })
      await writeFile(output, content, { flag: 'wx' })
      written.push({ output, name, bytes: content.length })
    }
    return written
  },
}

type Made = readonly { readonly name: string | null; readonly content: Buffer }[]

function results(document: OpenDocument, { target, options }: OfficeConversion): Made {
  const whole = (content: Buffer): Made => [{ name: null, content }]
  if (target === 'text') return whole(withoutMark(document.save('txt', 'UTF8')))
  if (target !== 'pdf') return whole(document.save(extensionOf(target), ''))
  const count = document.pages()
  if (count !== null && pagesIn(options.pages, count).length === 0)
    throw new JobError('option-invalid', { option: 'pages', value: options.pages ?? '', allowed: `1–${count}` })
  return whole(document.save('pdf', pdfFilter(options)))
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes.toString('latin1', 0, 3) === '\xef\xbb\xbf' ? bytes.subarray(3) : bytes
}

/** A spreadsheet in one XML, whose pages get a size: CSV states none, and what LibreOffice takes without one is American. */
function onPaper(flat: Buffer, options: Options): Prepared {
  const { width, height } = paperOf(options)
  const { orientation = 'portrait' } = options
  const size = `fo:page-width="${width}mm" fo:page-height="${height}mm" style:print-orientation="${orientation}"`
  const xml = flat.toString('utf8').replaceAll('<style:page-layout-properties ', `<style:page-layout-properties ${size} `)
  return { bytes: Buffer.from(xml), ending: 'fods', load: '' }
}
