/** A picture or a page as text is recognized on it: upright, grey, on white, and of a size that this can be done with. In a child process. */
import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { failureOf } from '../images/call.ts'
import { stretchOf } from '../images/density.ts'
import { ownProfile, profileName } from '../images/icc.ts'
import { openSource, type OpenedImage } from '../images/source.ts'
import { JobError } from '../../../../shared/failure.ts'
import { pointsPerInch } from '../pdf/page.ts'
import { openPdf } from '../pdf/pdfium.ts'
import { drawnDpi, type OcrSource, type PictureSource } from './pairings.ts'
import type { GreyPixels } from './tesseract.ts'

/** Degrees clockwise. */
export type Turn = 0 | 90 | 180 | 270

/** Of what file which page, from 0, and how. */
export interface SheetAsked {
  readonly path: string
  /** By content. */
  readonly from: OcrSource
  readonly page: number
  /** Pixels an inch: of the picture, or at which the page is drawn. Absent: what the picture says, or what suits. */
  readonly dpi?: number | undefined
  readonly password?: string | undefined
  readonly turn: Turn
}

export interface GreySheet extends GreyPixels {
  /** Pixels an inch of these pixels. */
  readonly dpi: number
}

/** A3 in 300 dpi has 17 million. More costs memory and time, and brings no better text. */
const maxPixels = 20_000_000

export async function sheetOf(asked: SheetAsked): Promise<GreySheet> {
  const { dpi, ...sheet } = asked.from === 'pdf' ? await drawnPage(asked) : await greyPicture(asked, asked.from)
  return { ...(asked.turn === 0 ? sheet : await turned(sheet, asked.turn)), dpi }
}

async function drawnPage(asked: SheetAsked): Promise<GreySheet> {
  const { pixels, width, height, dpi } = await colouredPage(asked)
  const image = sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false })
  return { width, height, pixels: await image.toColourspace('b-w').raw().toBuffer(), dpi }
}

/** Three bytes a pixel. */
async function colouredPage({ path, page, dpi = drawnDpi, password }: SheetAsked): Promise<GreySheet> {
  const pdf = await openPdf(path, password)
  const { width, height } = pdf.sizeOf(page)
  const scale = Math.min(dpi / pointsPerInch, Math.sqrt(maxPixels / (width * height)))
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
  const { data } = pdf.draw(page, size)
  return { ...size, pixels: data, dpi: scale * pointsPerInch }
}

async function greyPicture(asked: SheetAsked, from: PictureSource): Promise<GreySheet> {
  const opened = await pictureOf(asked, from)
  const { width, height } = opened.meta.autoOrient
  // Of a fax a pixel is higher than wide.
  const stretch = stretchOf(opened.metadata.density)
  const scale = Math.min(1, Math.sqrt(maxPixels / (width * height * stretch)))
  const size = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale * stretch)),
    fit: 'fill',
  } as const
  const grey = opened.image.flatten({ background: '#ffffff' }).resize(size).toColourspace('b-w')
  const { data, info } = await decoded(grey.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }))
  return { width: info.width, height: info.height, pixels: data, dpi: dpiOf(opened, asked.dpi) * scale }
}

async function pictureOf({ path, page }: SheetAsked, from: PictureSource): Promise<OpenedImage> {
  return await decoded(openSource({ kind: 'convert', source: path, from, target: 'png', page, options: {}, output: '' }))
}

async function decoded<T>(work: Promise<T>): Promise<T> {
  return await work.catch((error: unknown) => {
    throw JobError.from(failureOf(error))
  })
}

async function turned({ width, height, pixels }: GreyPixels, turn: Turn): Promise<GreyPixels> {
  const image = sharp(pixels, { raw: { width, height, channels: 1 }, limitInputPixels: false })
  const { data, info } = await image.rotate(turn).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, pixels: data }
}

/** What cameras and screens state where they know nothing. */
const meaninglessDpi = 96
/** Inches of A4, in which a picture goes that says nothing of its size. */
const short = 8.27
const long = 11.69

function dpiOf({ meta, metadata }: OpenedImage, asked: number | undefined): number {
  if (asked !== undefined) return asked
  const stated = metadata.density?.x ?? 0
  if (stated > meaninglessDpi && stated <= 2400) return stated
  const { width, height } = meta.autoOrient
  return Math.max(meaninglessDpi, Math.min(width, height) / short, Math.max(width, height) / long)
}

/** As it goes into a PDF, a JPEG or a PNG: a JPEG as it is where it can be, what was lossless stays so. */
export async function pictureFor(asked: SheetAsked): Promise<Uint8Array> {
  const { from } = asked
  if (from === 'pdf') {
    const { width, height, pixels } = await colouredPage(asked)
    const image = sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    return await image.rotate(asked.turn).jpeg({ quality: 90, chromaSubsampling: '4:4:4' }).toBuffer()
  }
  const opened = await pictureOf(asked, from)
  const { meta, image } = opened
  const isUpright = asked.turn === 0 && (meta.orientation ?? 1) === 1
  const profile = ownProfile(meta)
  const isUsual = profile === null || profileName(profile).startsWith('sRGB')
  const isPlain = meta.format === 'jpeg' && (meta.space === 'srgb' || meta.space === 'b-w') && isUsual
  if (isUpright && isPlain) return await readFile(asked.path)
  const drawn = image
    .flatten({ background: '#ffffff' })
    .rotate(asked.turn)
    .toColourspace(meta.channels < 3 ? 'b-w' : 'srgb')
  const isLossy = from === 'jpeg' || from === 'heic' || from === 'webp' || from === 'avif'
  const written = isLossy ? drawn.jpeg({ quality: 92, chromaSubsampling: '4:4:4' }) : drawn.png({ compressionLevel: 7 })
  return await decoded(written.toBuffer())
}
