/** What goes between the main process and a worker: one call, one answer, and a question about memory in between. */
import { type Failure, failure, JobError } from '../../../../shared/failure.ts'
import type { MediaFacts } from '../../../../shared/media.ts'
import type { Matched } from '../../../../shared/notes.ts'
import type { Options } from '../../../../shared/options.ts'
import type { Region, View } from '../../../../shared/views.ts'
import type { ImageSource, ImageTarget } from './pairings.ts'
import type { PixelSize } from './size.ts'

export interface InspectCall {
  readonly kind: 'inspect'
  /** Absolute. */
  readonly path: string
  /** By content, as the main process has seen from the first bytes. */
  readonly format: ImageSource
  readonly bytes: number
}

/** A page of a PDF: rows of red, green and blue from the top, a byte each. */
export interface DrawnPage extends PixelSize {
  readonly data: Uint8Array
  /** Pixels an inch. */
  readonly density: number
  /** Else lines, areas and letters alone. */
  readonly hasPictures: boolean
}

export interface ConvertCall {
  readonly kind: 'convert'
  /** Absolute path, the bytes of a picture file, or a page that has been drawn. */
  readonly source: string | Uint8Array | DrawnPage
  /** Absolute path of the HEIF or AVIF file whose metadata belongs to frames that are handed over alone. */
  readonly describedBy?: string
  /** By content. */
  readonly from: ImageSource
  readonly target: ImageTarget
  /** Which page of a TIFF, from 0; `all` keeps every page or frame in one file. */
  readonly page: number | 'all'
  readonly options: Options
  /** Colours in half the size of the picture even where its quality is high. */
  readonly halvesColour?: boolean
  /** As it goes into the encoder, as a PNG without words, to hold results against. */
  readonly isReference?: true
  /** Absolute path; an empty file is there already. */
  readonly output: string
}

/** A small picture for somebody to look at. */
export interface ThumbnailCall {
  readonly kind: 'thumbnail'
  /** Absolute path, or the PNG of a page or a frame. */
  readonly source: string | Uint8Array
  /** By content. */
  readonly from: ImageSource
  /** Width and height at most. */
  readonly pixels: number
}

/** A part of a picture as it is, for somebody who compares it. */
export interface ViewCall {
  readonly kind: 'view'
  /** Absolute path, or the PNG of a page or a frame. */
  readonly source: string | Uint8Array
  /** By content. */
  readonly from: ImageSource
  /** Page of a TIFF or frame of an animation, from 0. */
  readonly page: number
  readonly region: Region
  /** No larger than this. */
  readonly room: PixelSize
}

export type ImageCall = InspectCall | ConvertCall | ThumbnailCall | ViewCall

/** What a worker saw in a picture. */
export interface Inspection {
  readonly facts: MediaFacts
  /** Pages worth converting, from 0: those of a TIFF that are no reduced copies of others. */
  readonly sheets: readonly number[]
  /** Whether these are all there is, and of one size, so that they can stay together in one file. */
  readonly isUniform: boolean
}

export interface PictureView extends Omit<View, 'data'> {
  readonly data: Uint8Array
}

/** What each kind of call is answered with; `convert`: how near it came, where that was asked for; `thumbnail`: a WebP. */
export interface ImageResults {
  readonly inspect: Inspection
  readonly convert: Matched | null
  readonly thumbnail: Uint8Array
  readonly view: PictureView
}
export type ImageResult = ImageResults[ImageCall['kind']]

/** Pixels of all pages or frames together: a 22,000 × 22,000 scan passes, a decompression bomb does not. */
export const maxPixels = 500_000_000

/** Of all frames of an animation together, which never stand in memory all at once. */
export const maxAnimatedPixels = 5_000_000_000

export const tool = 'libvips'

export function failureOf(error: unknown): Failure {
  if (error instanceof JobError) return error.failure
  const text = error instanceof Error ? error.message : String(error)
  if (/Input file is missing/.test(text)) return failure('source-missing')
  if (/exceeds pixel limit/.test(text)) return failure('tool-memory', { because: 'too-many-pixels', megapixels: maxPixels / 1e6 })
  if (/No space left on device|Disk quota exceeded/i.test(text)) return failure('disk-full', { reason: 'ENOSPC' })
  if (/Resource limit exceeded|Security limit|security limit/.test(text)) return failure('tool-memory', reasonIn(text))
  if (/out of memory|unable to allocate|Cannot allocate memory|Array buffer allocation failed/i.test(text)) {
    return failure('tool-memory', reasonIn(text))
  }
  if (/Processed image is too large|for write|write error|Expected .* for .* but received/.test(text)) {
    return failure('tool-failed', { tool, ...reasonIn(text) })
  }
  // Sound files in a form that the library has not: whoever hears that they are damaged looks for the wrong remedy.
  if (
    /bad labq format|not a whole number of bytes|unsupported (tiff|compression|format|jpeg (data|process)|color conversion)|not (configured|supported)|scheme.*not/i.test(
      text,
    )
  ) {
    return failure('source-unsupported', reasonIn(text))
  }
  return failure('source-damaged', reasonIn(text))
}

/** The first line that says something: libvips lists everything that followed from it as well. */
function reasonIn(text: string): { readonly reason: string } | { readonly because: 'not-decodable' } {
  const lines = text.split('\n').map((line) => line.trim().replace(/^Input (file|buffer) has corrupt header:\s*/, ''))
  const telling = lines.find((line) => line !== '' && !/: bad seek to |^system error: |unable to write to target/.test(line))
  return telling === undefined ? { because: 'not-decodable' } : { reason: telling.slice(0, 200) }
}
