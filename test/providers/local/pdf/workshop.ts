/** PDF files of every kind written by hand, and the engines that read them. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../../src/main/engine/ports.ts'
import { createDjvu } from '../../../../src/main/providers/local/pdf/djvu.ts'
import { createGhostscript } from '../../../../src/main/providers/local/pdf/ghostscript.ts'
import { createPdf, type Pdf } from '../../../../src/main/providers/local/pdf/pdf.ts'
import type { LocalEngine } from '../../../../src/main/providers/local/engine.ts'
import { createPrograms } from '../../../../src/main/providers/local/process/programs.ts'
import type { FormatId } from '../../../../src/shared/formats.ts'
import type { Part } from '../../../../src/shared/job.ts'
import type { Options } from '../../../../src/shared/options.ts'
import { temporaryFolder } from '../../../support/folder.ts'
import { never, orderOf, quiet, realClock } from '../images/studio.ts'

export interface Workshop extends Pdf {
  readonly ghostscript: LocalEngine
  readonly djvu: LocalEngine
  stop(): Promise<void>
}

export function startWorkshop(clock: Clock = realClock): Workshop {
  const programs = createPrograms({ clock, maxBytes: 2 ** 40 })
  const context = { programs, clock, log: quiet, width: () => 1, pool: { log: quiet, clock, priority: 0 } }
  const pdf = createPdf(context)
  return {
    ...pdf,
    ghostscript: createGhostscript(context, pdf),
    djvu: createDjvu(context),
    stop: async () => {
      await pdf.engine.stop()
      await programs.stop()
    },
  }
}

let count = 0

/** Of one file, or of several that become one. */
export async function made(
  engine: LocalEngine,
  from: FormatId,
  target: FormatId,
  paths: string | readonly string[],
  options: Options = {},
): Promise<readonly Part[]> {
  const all = typeof paths === 'string' ? [paths] : paths
  const order = { ...orderOf(all[0] ?? '', from, target, options), temp: (n: number) => `${all[0]}.${count}.${n}.part` }
  count += 1
  const sources = all.map((path) => ({ kind: 'file', path, bytes: 0, mtimeMs: 0 }) as const)
  return await engine.convert({ ...order, ...(typeof paths !== 'string' && { sources }) }, () => {}, never)
}

export interface PageSpec {
  /** Operators of its content. */
  readonly drawing: string
  /** 300 × 400 points unless said. */
  readonly box?: string
  /** More of its dictionary. */
  readonly more?: string
}

/** Pages with Helvetica as `/F1`; `objects` come behind them, numbered from `3 + 2 × pages` on. */
export function pdfWith(pages: readonly PageSpec[], objects: readonly string[] = [], catalog = ''): Buffer {
  const own = [
    `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`,
    `<< /Type /Pages /Kids [${pages.map((_, n) => `${3 + n * 2} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    ...pages.flatMap(({ drawing, box = '0 0 300 400', more = '' }, n) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [${box}] /Contents ${4 + n * 2} 0 R ${
        more.includes('/Resources') ? '' : `/Resources ${helvetica}`
      } ${more} >>`,
      streamOf(drawing),
    ]),
    ...objects,
  ]
  let text = '%PDF-1.5\n'
  const offsets = own.map((object, n) => {
    const offset = text.length
    text += `${n + 1} 0 obj\n${object}\nendobj\n`
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const xref = `xref\n0 ${own.length + 1}\n0000000000 65535 f \n${offsets.join('')}`
  return Buffer.from(
    `${text}${xref}trailer\n<< /Size ${own.length + 1} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`,
    'latin1',
  )
}

export const helvetica = '<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>'

export function streamOf(content: string, more = ''): string {
  return `<< ${more} /Length ${content.length} >>\nstream\n${content}\nendstream`
}

/** Lines of text from a place on downwards. */
export function lines(texts: readonly string[], x = 40, y = 360): string {
  return `BT /F1 11 Tf 14 TL ${x} ${y} Td ${texts.map((text) => `(${text}) Tj T*`).join(' ')} ET`
}

export async function saved(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, bytes)
  return path
}
