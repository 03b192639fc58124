/** Pictures as pages of a PDF, inside its process. A JPEG goes in as it is, every other picture without loss unless it came with some. */
import { readFile } from 'node:fs/promises'
import type { PDFDocument, PDFRef } from 'pdf-lib'
import sharp, { type Sharp } from 'sharp'
import { JobError } from '../../../../shared/failure.ts'
import type { Options } from '../../../../shared/options.ts'
import { failureOf } from '../images/call.ts'
import { contentOf } from '../images/content.ts'
import { inspect } from '../images/inspect.ts'
import type { ImageSource } from '../images/pairings.ts'
import type { PixelSize } from '../images/size.ts'
import { openSource, reading } from '../images/source.ts'
import { pageDensity, pointsPerInch } from './page.ts'

export type PageOptions = Pick<Options, 'paper' | 'orientation' | 'margin' | 'dpi'>

/** What a page shows: an image of the document, and how it is turned before it is shown. */
interface Placed {
  readonly image: PDFRef
  /** As shown, pixels. */
  readonly size: PixelSize
  /** Of EXIF, 1 to 8. */
  readonly orientation: number
  /** Pixels an inch, where the file says so. */
  readonly density: number | null
}

/** A page for each picture, and each page of a TIFF. @throws JobError with the path of the one that is at fault. */
export async function addPictures(document: PDFDocument, path: string, options: PageOptions): Promise<number> {
  const { format, bytes } = await contentOf(path)
  if (format === null || format === 'pdf') throw new JobError('source-unknown', { path, because: 'not-an-image' })
  try {
    const sheets = format === 'tiff' ? (await inspect({ kind: 'inspect', path, format, bytes })).sheets : [0]
    for (const page of sheets)
      addPage(document, format === 'jpeg' ? await jpegOf(document, path) : await drawn(document, path, format, page), options)
    return sheets.length
  } catch (error) {
    const { code, facts } = failureOf(error)
    throw new JobError(code, { path, ...facts })
  }
}

const colours = { 1: 'DeviceGray', 3: 'DeviceRGB', 4: 'DeviceCMYK' } as const

async function jpegOf(document: PDFDocument, path: string): Promise<Placed> {
  const bytes = await readFile(path)
  const image = sharp(bytes, { ...reading, autoOrient: false })
  const { width, height, channels, orientation = 1, density, icc, space, autoOrient } = await image.metadata()
  // What is cut off is found only by who decodes it.
  await image.clone().resize(16).raw().toBuffer()
  const colour = channels === 1 || channels === 3 || channels === 4 ? colours[channels] : null
  if (colour === null) throw new JobError('source-unsupported', { path })
  const stream = document.context.stream(bytes, {
    Type: 'XObject',
    Subtype: 'Image',
    Width: width,
    Height: height,
    BitsPerComponent: 8,
    ColorSpace: icc === undefined ? colour : ['ICCBased', profile(document, icc, channels, colour)],
    Filter: 'DCTDecode',
    // Programs that write CMYK store how much is left of the white.
    ...(space === 'cmyk' && { Decode: [1, 0, 1, 0, 1, 0, 1, 0] }),
  })
  return {
    image: document.context.register(stream),
    size: autoOrient,
    orientation,
    density: density ?? null,
  }
}

function profile(document: PDFDocument, icc: Uint8Array, channels: number, colour: string): PDFRef {
  return document.context.register(document.context.flateStream(icc, { N: channels, Alternate: colour }))
}

/** Formats that lose something themselves are not worth the size of what loses nothing. */
const lossy: ReadonlySet<ImageSource> = new Set(['heic', 'avif'])
const jpegQuality = 92

async function drawn(document: PDFDocument, path: string, from: ImageSource, page: number): Promise<Placed> {
  const opened = await openSource({ kind: 'convert', source: path, from, target: 'png', page, options: {}, output: '' })
  const { image, meta, metadata } = opened
  const isGrey = meta.space === 'b-w' || meta.space === 'grey16'
  const plain = image.toColourspace(isGrey ? 'b-w' : 'srgb')
  const isClear = meta.hasAlpha && !(await image.clone().stats()).isOpaque
  const alpha = isClear ? (await deflated(document, plain.clone().extractChannel('alpha').toColourspace('b-w'), {})).ref : null
  const opaque = meta.hasAlpha ? plain.clone().removeAlpha() : plain
  const mask = alpha === null ? {} : { SMask: alpha }
  if (lossy.has(from) && alpha === null) {
    const { data, info } = await opaque.jpeg({ quality: jpegQuality }).toBuffer({ resolveWithObject: true })
    const stream = document.context.stream(data, {
      ...imageOf(info, info.channels === 1 ? 'DeviceGray' : 'DeviceRGB'),
      Filter: 'DCTDecode',
    })
    return { image: document.context.register(stream), size: info, orientation: 1, density: metadata.density?.x ?? null }
  }
  const { ref, size } = await deflated(document, opaque, mask)
  return { image: ref, size, orientation: 1, density: metadata.density?.x ?? null }
}

/** Rows of a PNG are packed just as those of an image in a PDF may be. */
async function deflated(document: PDFDocument, image: Sharp, more: { readonly SMask?: PDFRef }) {
  const png = { compressionLevel: 7, adaptiveFiltering: true, palette: false, progressive: false } as const
  const { data, info } = await image.png(png).toBuffer({ resolveWithObject: true })
  const depth = data[24] ?? 8
  const components = data[25] === 0 ? 1 : 3
  const stream = document.context.stream(dataOfPng(data), {
    ...imageOf(info, components === 1 ? 'DeviceGray' : 'DeviceRGB'),
    BitsPerComponent: depth,
    Filter: 'FlateDecode',
    DecodeParms: { Predictor: 15, Colors: components, BitsPerComponent: depth, Columns: info.width },
    ...more,
  })
  return { ref: document.context.register(stream), size: { width: info.width, height: info.height } }
}

function imageOf({ width, height }: PixelSize, colour: string) {
  return {
    Type: 'XObject',
    Subtype: 'Image',
    Width: width,
    Height: height,
    BitsPerComponent: 8,
    ColorSpace: colour,
  }
}

function dataOfPng(png: Buffer): Uint8Array {
  const parts: Buffer[] = []
  for (let at = 8; at + 8 <= png.length;) {
    const length = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  return Buffer.concat(parts)
}

/** Portrait, points. */
const papers = {
  a3: [841.89, 1190.55],
  a4: [595.28, 841.89],
  a5: [419.53, 595.28],
  letter: [612, 792],
  legal: [612, 1008],
} as const
const pointsPerMm = pointsPerInch / 25.4
/** What PDF allows a page at most. */
const maxSide = 14_400
/** What screens and cameras say who mean nothing by it. */
const unmeant = 96

function addPage(document: PDFDocument, { image, size, orientation, density }: Placed, options: PageOptions): void {
  const { paper = 'source', margin = 0, dpi } = options
  const edge = margin * pointsPerMm
  const perInch = dpi ?? (density !== null && density > unmeant ? density : pageDensity)
  const natural = { width: (size.width * pointsPerInch) / perInch, height: (size.height * pointsPerInch) / perInch }
  const sheet =
    paper === 'source' ? null : lying(papers[paper], options.orientation ?? (size.width > size.height ? 'landscape' : 'portrait'))
  const room = sheet ?? { width: natural.width + 2 * edge, height: natural.height + 2 * edge }
  const shrink = Math.min(1, maxSide / room.width, maxSide / room.height)
  const [width, height] = [room.width * shrink, room.height * shrink]
  const free = { width: Math.max(1, width - 2 * edge), height: Math.max(1, height - 2 * edge) }
  const scale = Math.min(free.width / natural.width, free.height / natural.height)
  const [across, up] = [natural.width * scale, natural.height * scale]
  const page = document.addPage([width, height])
  const name = page.node.newXObject('Im', image)
  const at = [(width - across) / 2, (height - up) / 2] as const
  const draw = `q ${numbers(across, 0, 0, up, at[0], at[1])} cm ${numbers(...(turns[orientation] ?? turns[1]))} cm ${name.toString()} Do Q`
  page.node.addContentStream(document.context.register(document.context.flateStream(draw)))
}

type Matrix = readonly [number, number, number, number, number, number]
/** How a unit square is turned and mirrored by each orientation of EXIF; PDF counts from below. */
const turns: Readonly<Record<number, Matrix>> & { readonly 1: Matrix } = {
  1: [1, 0, 0, 1, 0, 0],
  2: [-1, 0, 0, 1, 1, 0],
  3: [-1, 0, 0, -1, 1, 1],
  4: [1, 0, 0, -1, 0, 1],
  5: [0, -1, -1, 0, 1, 1],
  6: [0, -1, 1, 0, 0, 1],
  7: [0, 1, 1, 0, 0, 0],
  8: [0, 1, -1, 0, 1, 0],
}

function numbers(...values: readonly number[]): string {
  return values.map((value) => String(Number(value.toFixed(4)))).join(' ')
}

function lying([short, long]: readonly [number, number], orientation: 'portrait' | 'landscape'): PixelSize {
  return orientation === 'portrait' ? { width: short, height: long } : { width: long, height: short }
}
