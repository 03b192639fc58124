/** Pages of a PDF as pictures: drawn by PDFium, encoded like any other picture while the next page is being drawn. */
import sharp from 'sharp'
import { JobError } from '../../../../shared/failure.ts'
import type { Matched } from '../../../../shared/notes.ts'
import type { Options } from '../../../../shared/options.ts'
import type { TaskContext } from '../children/task-table.ts'
import { failureOf, maxPixels, type DrawnPage } from '../images/call.ts'
import { convert } from '../images/convert.ts'
import { checkSides } from '../images/limits.ts'
import type { ImageTarget } from '../images/pairings.ts'
import { reserve } from '../images/reserve.ts'
import { renderScale, type PixelSize } from '../images/size.ts'
import { pageDensity, pageLimitMs, pointsPerInch, type Opening } from './page.ts'
import { openPdf, type PdfDocument } from './pdfium.ts'

export interface Drawing extends Opening {
  readonly target: ImageTarget
  readonly options: Options
  /** Which page becomes which file; none of these is there yet. */
  readonly pages: readonly { readonly page: number; readonly output: string }[]
}

/** Pixels of all pages that are being encoded at the same time; one page alone may have more. */
const maxPixelsInWork = 150_000_000

/** Writes each page to its file; answers how near each came, where that was asked for. @throws JobError; files may be left. */
export async function drawPages(
  { path, password, target, options, pages }: Drawing,
  context: TaskContext,
): Promise<readonly (Matched | null)[]> {
  const matched: (Matched | null)[] = pages.map(() => null)
  sharp.concurrency(1)
  const document = await opened({ path, password }, context)
  const running = new Map<Promise<void>, number>()
  let done = 0
  try {
    for (const [n, { page, output }] of pages.entries()) {
      const drawn = draw(document, page, options, target, context)
      const pixels = drawn.width * drawn.height
      const isFull = () => [...running.values()].reduce((sum, one) => sum + one, pixels) > maxPixelsInWork
      while (running.size > context.threads || (running.size > 0 && isFull())) await Promise.race(running.keys())
      const work = encode(drawn, output, target, options).then((found) => {
        matched[n] = found
        running.delete(work)
        context.progress((done += 1) / pages.length)
      })
      // Whoever waits for it hears of its failure; until then it is none that nobody has heard of.
      work.catch(() => {})
      running.set(work, pixels)
      // Else nothing of what has been encoded is heard of while one page is drawn after the other.
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(running.keys())
    return matched
  } finally {
    await Promise.allSettled(running.keys())
  }
}

function draw(
  document: PdfDocument,
  page: number,
  options: Options,
  target: ImageTarget,
  { within }: Pick<TaskContext, 'within'>,
): DrawnPage {
  const { dpi = pageDensity } = options
  const natural = pixelsOf(document.sizeOf(page), dpi)
  const scale = renderScale(natural, options)
  const size = {
    width: Math.max(1, Math.round(natural.width * scale)),
    height: Math.max(1, Math.round(natural.height * scale)),
  }
  checkPage(size)
  if (options.maxSize === undefined) checkSides(size, target)
  within(pageLimitMs)
  const drawn = document.draw(page, size)
  within(null)
  return { ...drawn, density: dpi * scale }
}

async function encode(source: DrawnPage, output: string, target: ImageTarget, options: Options): Promise<Matched | null> {
  await reserve(output)
  return await convert({ kind: 'convert', source, from: 'pdf', target, page: 0, options, output }).catch((error: unknown) => {
    throw JobError.from(failureOf(error))
  })
}

export interface PageView extends Opening {
  readonly page: number
  readonly size: PixelSize
}

/** A PNG of a page for somebody who looks at it. */
export async function lookAt({ path, password, page, size }: PageView, context: TaskContext): Promise<Uint8Array> {
  checkPage(size)
  const document = await opened({ path, password }, context)
  context.within(pageLimitMs)
  const { data, width, height } = document.draw(page, size)
  context.within(null)
  return await sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: maxPixels })
    .png({ compressionLevel: 1 })
    .toBuffer()
}

export async function opened({ path, password }: Opening, { within }: Pick<TaskContext, 'within'>): Promise<PdfDocument> {
  within(pageLimitMs)
  const document = await openPdf(path, password)
  within(null)
  return document
}

/** In points to pixels. */
export function pixelsOf({ width, height }: PixelSize, dpi: number): PixelSize {
  const [across, down] = [width, height].map((points) => Math.max(1, Math.round((points * dpi) / pointsPerInch)))
  return { width: across ?? 1, height: down ?? 1 }
}

function checkPage({ width, height }: PixelSize): void {
  const pixels = width * height
  if (pixels > maxPixels) throw new JobError('tool-memory', { because: 'page-too-large', megapixels: Math.round(pixels / 1e6) })
}
