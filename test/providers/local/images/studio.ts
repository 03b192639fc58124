/** What the tests of pictures share: a converter, sources of every kind, and readers that have nothing to do with libvips. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { load, type ExpandedTags } from 'exifreader'
import sharp, { type Sharp } from 'sharp'
import type { Clock, Log } from '../../../../src/main/engine/ports.ts'
import { createImages, type Images } from '../../../../src/main/providers/local/images/images.ts'
import { createSequences } from '../../../../src/main/providers/local/images/sequences.ts'
import { createFfmpeg } from '../../../../src/main/providers/local/media/ffmpeg.ts'
import { createPdf } from '../../../../src/main/providers/local/pdf/pdf.ts'
import { createPrograms } from '../../../../src/main/providers/local/process/programs.ts'
import type { ProviderOrder } from '../../../../src/main/providers/provider.ts'
import { isKnown, type FormatId } from '../../../../src/shared/formats.ts'
import type { Part } from '../../../../src/shared/job.ts'
import type { Options } from '../../../../src/shared/options.ts'
import { processes } from '../../../support/processes.ts'

export const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** The real time: nothing here waits for it, but a converter that hangs is stopped by it. */
export const realClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async () => Promise.reject(new Error('no picture needs to wait')),
  after: (ms, then) => {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
}

export const never = new AbortController().signal

export function startImages(width = 2, clock = realClock): Images {
  const programs = createPrograms({ clock, maxBytes: 2 ** 40 })
  const sequences = createSequences(createFfmpeg(() => ({ from: 'path', path: null }), programs))
  const pool = { log: quiet, clock, priority: 0 }
  const pdf = createPdf({ programs, log: quiet, clock, pool, width: () => width })
  const images = createImages({ width: () => width, pages: pdf.pages, sequences, log: quiet, clock })
  return {
    ...images,
    inspect: async (path, format, signal) => await (format === 'pdf' ? pdf.inspector : images).inspect(path, format, signal),
    convert: async (order, report, signal) => await (order.from === 'pdf' ? pdf.engine : images).convert(order, report, signal),
    stop: async () => {
      await Promise.all([images.stop(), pdf.engine.stop()])
      await programs.stop()
    },
  }
}

export function orderOf(path: string, from: FormatId, target: FormatId, options: Options = {}): ProviderOrder {
  return {
    source: { kind: 'file', path, bytes: 0, mtimeMs: 0 },
    from,
    target,
    options,
    facts: null,
    key: '',
    notes: {},
    note: async () => {},
    temp: (n) => `${path}.${n}.${target}.part`,
  }
}

/** The one part that comes of it. */
export async function convert(
  images: Images,
  path: string,
  from: FormatId,
  target: FormatId,
  options: Options = {},
): Promise<Part> {
  const parts = await images.convert(orderOf(path, from, target, options), () => {}, never)
  const [part] = parts
  if (part === undefined || parts.length > 1) throw new Error(`${parts.length} parts instead of one`)
  return part
}

/** Worker processes of this test's process. */
export function workers(): readonly number[] {
  return processes()
    .filter(({ parent, line }) => parent === process.pid && /image-worker|task-child/.test(line))
    .map(({ pid }) => pid)
}

/** Files in a folder that a conversion has not cleared away. */
export function partsIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.part'))
}

export const samplePhoto = fileURLToPath(new URL('../../../../samples/photo.jpg', import.meta.url))

export const red = [192, 32, 32] as const
export const green = [32, 160, 64] as const
const usual = { width: 60, height: 40 } as const

/** Red on the left, green on the right. */
export function twoColours({ width, height }: { readonly width: number; readonly height: number } = usual): Sharp {
  const half = { width: width / 2, height, channels: 3, background: rgb(green) } as const
  return sharp({ create: { width, height, channels: 3, background: rgb(red) } }).composite([
    { input: { create: half }, left: width / 2, top: 0 },
  ])
}

export function plain(background: string, { width, height }: { readonly width: number; readonly height: number } = usual): Sharp {
  return sharp({ create: { width, height, channels: 4, background } })
}

/** A file of a kind, 60 × 40 where it can be chosen, red on the left and green on the right (the HEIC: red above green). */
export async function sourceOf(format: FormatId, folder: string): Promise<string> {
  const path = join(folder, `source.${format}`)
  if (!isKnown(format)) throw new Error(`no source of ${format}`)
  switch (format) {
    case 'svg':
      await writeFile(
        path,
        svgOf(`<rect width="30" height="40" fill="${hex(red)}"/><rect x="30" width="30" height="40" fill="${hex(green)}"/>`),
      )
      return path
    case 'heic':
      await copyFile(fixture('turned.heic'), path)
      return path
    case 'pdf':
      await writeFile(path, pdfOf([`${pdfColour(red)} 0 0 144 192 re f ${pdfColour(green)} 144 0 144 192 re f`]))
      return path
    case 'jpeg':
      await twoColours().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toFile(path)
      return path
    case 'png':
    case 'webp':
    case 'avif':
    case 'tiff':
    case 'gif': {
      const isLossy = format === 'avif' || format === 'webp'
      await twoColours()
        .toFormat(format, isLossy ? { lossless: true } : {})
        .toFile(path)
      return path
    }
    default:
      throw new Error(`no source of ${format}`)
  }
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))
}

export function svgOf(content: string, root = 'width="60" height="40"'): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${root}>${content}</svg>`
}

/** A PDF of 288 × 192 points (4 × 2⅔ inches) a page, from the drawing operators of each. */
export function pdfOf(drawings: readonly string[]): Buffer {
  const kids = drawings.map((_, page) => `${3 + page * 2} 0 R`).join(' ')
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${drawings.length} >>`,
    ...drawings.flatMap((drawing, page) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 288 192] /Contents ${4 + page * 2} 0 R /Resources << >> >>`,
      `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
    ]),
  ]
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = text.length
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const start = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`
  return Buffer.from(`${text}trailer\n<< /PixelSize ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`, 'latin1')
}

export function pdfColour(colour: readonly number[]): string {
  return `${colour.map((part) => (part / 255).toFixed(3)).join(' ')} rg`
}

export interface Seen {
  readonly type: string
  readonly width: number
  readonly height: number
  /** Red, green, blue and alpha of a pixel. Colour profiles are not applied. */
  readonly at: (x: number, y: number) => readonly number[]
}

/** A picture as FFmpeg decodes it. Its older versions do not read AVIF: there the size stands in a box of its own. */
export async function seen(path: string): Promise<Seen> {
  const type = String((await tags(path)).file?.FileType?.value)
  if (type === 'avif') {
    const bytes = await readFile(path)
    const ispe = bytes.indexOf('ispe', 0, 'latin1')
    const [width, height] = [bytes.readUInt32BE(ispe + 8), bytes.readUInt32BE(ispe + 12)]
    return { type, width, height, at: pixels(width, await sharp(path).keepIccProfile().ensureAlpha().raw().toBuffer()) }
  }
  const args = ['-v', 'quiet', '-i', path, '-frames:v', '1', '-c:v', 'pam', '-pix_fmt', 'rgba', '-f', 'image2pipe', '-']
  const pam = execFileSync('ffmpeg', args, { maxBuffer: 1 << 28 })
  const end = pam.indexOf('ENDHDR\n') + 7
  const [, width, height] = /WIDTH (\d+)\nHEIGHT (\d+)/.exec(pam.toString('latin1', 0, end)) ?? []
  return { type, width: Number(width), height: Number(height), at: pixels(Number(width), pam.subarray(end)) }
}

function pixels(width: number, rgba: Buffer): Seen['at'] {
  return (x, y) => [...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)]
}

export async function tags(path: string): Promise<ExpandedTags> {
  return load(await readFile(path), { expanded: true, async: true })
}

/** The largest difference in any channel: lossy codecs and colour conversions move a value by a few. */
export function distance(one: readonly number[], other: readonly number[]): number {
  return Math.max(...other.map((part, index) => Math.abs(part - (one[index] ?? 0))))
}

function rgb([r, g, b]: readonly [number, number, number]): { r: number; g: number; b: number } {
  return { r, g, b }
}

function hex(colour: readonly number[]): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}
