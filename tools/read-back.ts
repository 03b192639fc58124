/** What is in a finished file, in one line, as FFprobe, sharp and pdf-lib see it: readers that had no part in making the demo's results. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { PDFDocument } from 'pdf-lib'
import sharp from 'sharp'

interface Probed {
  readonly streams: readonly {
    readonly codec_type: string
    readonly codec_name: string
    readonly width?: number
    readonly height?: number
    readonly disposition: { readonly attached_pic: number }
  }[]
  readonly chapters: readonly unknown[]
  readonly format: { readonly duration?: string; readonly tags?: Readonly<Record<string, string>> }
}

export async function readBack(path: string): Promise<string> {
  const ending = extname(path)
  if (ending === '.pdf') return await pages(path)
  return await (['.jpg', '.png', '.webp'].includes(ending) ? picture(path) : media(path))
}

async function pages(path: string): Promise<string> {
  const pdf = await PDFDocument.load(await readFile(path))
  const [page] = pdf.getPages()
  const millimetres = (points = 0) => Math.round((points / 72) * 25.4)
  const title = pdf.getTitle()
  return listed([
    pdf.getPageCount() === 1 ? '1 page' : `${pdf.getPageCount()} pages`,
    page !== undefined && `${millimetres(page.getWidth())} × ${millimetres(page.getHeight())} mm`,
    title !== undefined && `“${title}”`,
  ])
}

async function picture(path: string): Promise<string> {
  const { width, height, orientation, icc, exif } = await sharp(path).metadata()
  const turned = (orientation ?? 1) > 1 ? 'set upright by EXIF' : 'upright'
  return listed([`${width} × ${height}`, turned, exif !== undefined && 'camera data', icc !== undefined && 'colour profile'])
}

async function media(path: string): Promise<string> {
  const args = ['-v', 'error', '-of', 'json', '-show_streams', '-show_chapters', '-show_format', path]
  const { stdout } = await promisify(execFile)('ffprobe', args)
  const { streams, chapters, format } = JSON.parse(stdout) as Probed
  const isCover = (stream: Probed['streams'][number]): boolean => stream.disposition.attached_pic === 1
  const film = streams.find((stream) => stream.codec_type === 'video' && !isCover(stream))
  const title = Object.entries(format.tags ?? {}).find(([name]) => name.toLowerCase() === 'title')?.[1]
  return listed([
    film !== undefined && `${film.width} × ${film.height}`,
    streams
      .filter((stream) => ['audio', 'video'].includes(stream.codec_type) && !isCover(stream))
      .map((stream) => stream.codec_name)
      .join(' + '),
    `${Number(format.duration).toFixed(1)} s`,
    title !== undefined && `“${title}”`,
    streams.some(isCover) && 'cover',
    chapters.length > 0 && `${chapters.length} chapters`,
  ])
}

function listed(parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join(', ')
}
