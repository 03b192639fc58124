/** Programs that read results and had no part in making them. Which one is missing is said plainly: `npm run setup -- NAME` installs it. */
import { execFileSync } from 'node:child_process'

function run(program: string, args: readonly string[]): Buffer {
  try {
    return execFileSync(program, args, { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new Error(`${program} is missing; \`npm run setup -- ${program}\` installs it`, { cause })
  }
}

/** What ExifTool finds in a file, by group and name, e.g. `IFD0:Make`; numbers as they are stored. */
export function exiftool(path: string): Readonly<Record<string, unknown>> {
  const [found] = JSON.parse(run('exiftool', ['-j', '-n', '-a', '-G1', path]).toString('utf8')) as Record<string, unknown>[]
  return found ?? {}
}

/** Has ExifTool write into a file; it complains of what is not quite as standards want it. */
export function written(path: string, tags: readonly string[]): void {
  run('exiftool', ['-q', '-q', '-m', '-overwrite_original', ...tags, path])
}

export interface Frames {
  readonly width: number
  readonly height: number
  /** Red, green and blue of a place in each frame. */
  readonly at: (x: number, y: number) => readonly (readonly number[])[]
}

/** Every frame of a picture or film, as FFmpeg decodes it. Colour profiles are not applied. */
export function framesSeen(path: string): Frames {
  const size = JSON.parse(
    run('ffprobe', [
      '-v',
      'error',
      '-select_streams',
      'v:0',
      '-show_entries',
      'stream=width,height',
      '-of',
      'json',
      path,
    ]).toString(),
  ) as { readonly streams: readonly { readonly width: number; readonly height: number }[] }
  const { width, height } = size.streams[0] ?? { width: 0, height: 0 }
  const pixels = run('ffmpeg', [
    '-v',
    'error',
    '-i',
    path,
    '-map',
    '0:v:0',
    '-vsync',
    '0',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-',
  ])
  const bytes = width * height * 3
  const count = bytes === 0 ? 0 : Math.floor(pixels.length / bytes)
  const at = (x: number, y: number) =>
    Array.from({ length: count }, (_, n) => [
      ...pixels.subarray(n * bytes + (y * width + x) * 3, n * bytes + (y * width + x) * 3 + 3),
    ])
  return { width, height, at }
}

/** What Poppler finds in a PDF. */
export function pdfRead(path: string, password = '') {
  const locked = ['-upw', password]
  const about = run('pdfinfo', [...locked, path]).toString()
  return {
    pages: Number(/^Pages: +(\d+)/m.exec(about)?.[1] ?? 0),
    size: /^Page size: +(.*)/m.exec(about)?.[1] ?? '',
    isEncrypted: /^Encrypted: +yes/m.test(about),
    text: run('pdftotext', [...locked, path, '-']).toString(),
    /** Whether each font is within the file. */
    fonts: run('pdffonts', [...locked, path])
      .toString()
      .trim()
      .split('\n')
      .slice(2)
      .map((line) => / yes +\w+ +\w+ +\d+ +\d+$/.test(line)),
  }
}

/** Red, green and blue of a page, from 1, as Poppler draws it. */
export function pdfDrawn(path: string, page: number, dpi: number): Buffer {
  const ppm = run('pdftoppm', ['-r', String(dpi), '-f', String(page), '-l', String(page), path])
  const [header = ''] = /^P6\s+\d+\s+\d+\s+255\s/.exec(ppm.toString('latin1', 0, 64)) ?? []
  return ppm.subarray(header.length)
}

/** What qpdf has to say against a PDF: nothing, where it is as it should be. */
export function qpdfCheck(path: string, password = ''): string {
  return (
    run('qpdf', [`--password=${password}`, '--check', path])
      .toString()
      .match(/^(WARNING|ERROR).*/gm)
      ?.join('\n') ?? ''
  )
}

/** Titles of an outline and the pages that they lead to, from 1, as qpdf reads them. */
export function pdfOutline(path: string): readonly string[] {
  interface Entry {
    readonly title: string
    readonly destpageposfrom1: number
    readonly kids: readonly Entry[]
  }
  const { outlines } = JSON.parse(run('qpdf', ['--json', '--json-key=outlines', path]).toString()) as {
    readonly outlines: readonly Entry[]
  }
  const told = (entries: readonly Entry[]): readonly string[] =>
    entries.flatMap(({ title, destpageposfrom1, kids }) => [`${title} ${destpageposfrom1}`, ...told(kids)])
  return told(outlines)
}
