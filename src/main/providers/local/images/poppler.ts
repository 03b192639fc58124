/** PDF through Poppler's programs, where they are installed: they are kept up to date by the system, and crash on their own. */
import { JobError } from '../../../../shared/failure.ts'
import type { Ended, Programs } from '../process/programs.ts'
import type { PixelSize } from './size.ts'
import { maxPixels } from './call.ts'

/** Pixels an inch, unless a size is asked for. */
export const pageDensity = 150
const pointsPerInch = 72
const maxPages = 10_000

export interface Poppler {
  /** PixelSize in pixels at `pageDensity` of every page, as shown. */
  pages(path: string, signal: AbortSignal): Promise<readonly PixelSize[]>
  /** A page, from 0, as a PNG; `scale` counts from `pageDensity`. */
  page(path: string, page: number, size: PixelSize, scale: number, signal: AbortSignal): Promise<Uint8Array>
  /** In its own words. */
  version(signal: AbortSignal): Promise<string>
}

export function createPoppler(programs: Programs): Poppler {
  async function run(program: string, args: readonly string[], signal: AbortSignal): Promise<Ended> {
    return await programs.run({ program, args, stdin: null }, signal).catch((error: unknown) => {
      throw error instanceof JobError && error.failure.code === 'tool-missing' ? missing() : error
    })
  }
  async function read(program: string, args: readonly string[], path: string, signal: AbortSignal): Promise<Uint8Array> {
    const ended = await run(program, [...args, path, ...(program === 'pdftocairo' ? ['-'] : [])], signal)
    if (ended.code !== 0) throw failureOf(program, ended, path)
    return ended.output
  }

  return {
    pages: async (path, signal) =>
      pagesIn(Buffer.from(await read('pdfinfo', ['-f', '1', '-l', String(maxPages)], path, signal)).toString()),
    page: async (path, page, size, scale, signal) => {
      const pixels = size.width * size.height * scale * scale
      if (pixels > maxPixels)
        throw new JobError('tool-memory', { because: 'page-too-large', megapixels: Math.round(pixels / 1e6) })
      const number = String(page + 1)
      const args = ['-png', '-singlefile', '-cropbox', '-r', String(pageDensity * scale), '-f', number, '-l', number]
      return await read('pdftocairo', args, path, signal)
    },
    version: async (signal) => {
      const { errors, output } = await run('pdftocairo', ['-v'], signal)
      return `${errors}${Buffer.from(output).toString()}`.split('\n', 1)[0]?.trim() ?? ''
    },
  }
}

/** `Page    3 size: 612 x 792 pts (letter)`, and `Page    3 rot:  90` behind it. */
function pagesIn(text: string): readonly PixelSize[] {
  const turned = new Set([...text.matchAll(/^Page\s+(\d+) rot:\s+(90|270)$/gm)].map(([, page]) => page))
  const pages = [...text.matchAll(/^Page\s+(\d+) size:\s+([\d.]+) x ([\d.]+) pts/gm)].map(([, page, across, down]) => {
    const [width, height] = [across, down].map((points) =>
      Math.max(1, Math.round((Number(points) * pageDensity) / pointsPerInch)),
    )
    const size = { width: width ?? 1, height: height ?? 1 }
    return turned.has(page) ? { width: size.height, height: size.width } : size
  })
  if (pages.length === 0) throw new JobError('source-damaged', { because: 'no-pages' })
  return pages
}

function failureOf(tool: string, { code, signal, errors }: Ended, path: string): JobError {
  if (code === null) return new JobError('tool-crashed', { tool, ...(signal !== null && { reason: signal }) })
  if (/Incorrect password/.test(errors)) return new JobError('source-unreadable', { path, because: 'password' })
  const reason = errors.trim().split('\n').at(-1)?.slice(0, 200)
  return new JobError(
    'source-damaged',
    reason === undefined || reason === '' ? { because: 'exit-status', tool, status: code } : { reason },
  )
}

function missing(): JobError {
  return new JobError('tool-missing', { because: 'poppler-missing', program: 'Poppler (pdftocairo)' })
}
