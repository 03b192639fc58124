/**
 * All that a picture file says besides its pixels and their colours: read from any format, put into any. The picture library carries some of
 * it, changes some on the way and drops the rest; so it is handed the pixels alone, and this is written here.
 */
import type { Metadata } from 'sharp'
import { densityOfExif, changedExif, hasRoomForComment } from './exif-edit.ts'
import { bareExif, describeTiff, exifOfTiff, withoutMakerNote } from './exif.ts'
import type { Density } from './density.ts'
import { commentsOfGif, describeGif } from './gif.ts'
import { describeAvif } from './heif.ts'
import { iptcIn, xmpWithIptc } from './iptc.ts'
import { commentsOfJpeg, densityOfJpeg, describeJpeg, fitsInJpeg, segmentsOf, xmpOfJpeg } from './jpeg.ts'
import type { ImageSource, ImageTarget } from './pairings.ts'
import { densityOfPng, describePng, rawProfile, textsOfPng, type TextChunk } from './png.ts'
import type { PixelSize } from './size.ts'
import { densityOfTiff, setDensityOfTiff, type Read } from './tiff.ts'
import { describeWebp } from './webp.ts'
import { currentXmp, escaped, withProperties } from './xmp.ts'

export interface PictureMetadata {
  /** A TIFF, as it stood in the file. */
  readonly exif: Buffer | null
  /** As it stood in the file. */
  readonly xmp: string | null
  /** Bare data sets. */
  readonly iptc: Buffer | null
  /** Chunks of a PNG, comments of a JPEG and a GIF. */
  readonly texts: readonly TextChunk[]
  readonly density: Density | null
}

export const noMetadata: PictureMetadata = { exif: null, xmp: null, iptc: null, texts: [], density: null }

/** What a text is called that a file has under no name. */
const unnamed = 'Comment'
/** GIFs are read whole to find their comments, up to this. */
const maxGifBytes = 256 << 20

/** @param meta what the picture library read from the same file. */
export function metadataOf(read: Read, bytes: number, format: ImageSource, meta: Metadata): PictureMetadata {
  const exif = meta.exif === undefined ? null : bareExif(meta.exif)
  // Some programs end it with a zero, which the library takes for no text.
  const xmp = meta.xmp === undefined ? null : meta.xmp.toString('utf8').replaceAll('\0', '')
  const ofExif = exif === null ? null : densityOfExif(exif)
  const known = { exif, xmp, iptc: iptcIn(meta.iptc), texts: [], density: ofExif }
  switch (format) {
    case 'jpeg': {
      const segments = segmentsOf(read)
      const texts = commentsOfJpeg(segments).map((text) => ({ keyword: unnamed, text }))
      return { ...known, xmp: xmpOfJpeg(segments) ?? xmp, texts, density: densityOfJpeg(segments) ?? ofExif }
    }
    case 'png': {
      const raw = known.exif ?? rawProfile(read, ['exif', 'APP1'])
      const pressed = known.iptc ?? iptcIn(rawProfile(read, ['iptc', '8bim']) ?? undefined)
      const own = {
        exif: raw === null ? null : bareExif(raw),
        iptc: pressed,
        xmp: xmp ?? rawProfile(read, ['xmp'])?.toString('utf8') ?? null,
      }
      return { ...known, ...own, texts: textsOfPng(read), density: densityOfPng(read) ?? ofExif }
    }
    case 'tiff':
      return { ...known, exif: exifOfTiff(read), density: densityOfTiff(read) ?? densityOfLibrary(meta) }
    case 'gif': {
      const gif = bytes > maxGifBytes ? null : read(0, bytes)
      return { ...known, texts: gif === null ? [] : commentsOfGif(gif).map((text) => ({ keyword: unnamed, text })) }
    }
    case 'webp':
    case 'avif':
    case 'heic':
      return known
    case 'svg':
    case 'pdf':
      return noMetadata
  }
}

/** Of large files, whose directories are laid out otherwise. */
function densityOfLibrary({ density, resolutionUnit }: Metadata): Density | null {
  return density === undefined || resolutionUnit === undefined ? null : { x: density, y: density }
}

/** What is written, in the places that a target has for it. */
export interface PlannedMetadata {
  /** Without what encoding makes outdated, with texts that the target has no other place for. */
  readonly xmp: string | null
  readonly exifOf: (size: PixelSize) => Buffer | null
  readonly iptc: Buffer | null
  readonly texts: readonly TextChunk[]
  readonly density: Density | null
}

/** Long texts go into XMP, as the EXIF of a JPEG is at most 64 KB. */
const maxCommentBytes = 40_000

export function plannedMetadata(source: PictureMetadata, target: ImageTarget): PlannedMetadata {
  const { texts, density, iptc } = source
  const isHeld = ({ keyword }: TextChunk) => target === 'png' || ((target === 'jpeg' || target === 'gif') && keyword === unnamed)
  const homeless = texts.filter((text) => !isHeld(text))
  const comment = homeless.length === 0 ? null : commentOf(homeless)
  const isInExif = comment !== null && hasRoomForComment(source.exif) && Buffer.byteLength(comment) <= maxCommentBytes
  const xmp = source.xmp === null ? null : currentXmp(source.xmp)
  const commented = comment === null || isInExif ? xmp : (withComment(xmp, comment) ?? xmp)
  const pressed = iptc !== null && holdsXmpAlone.has(target) ? (xmpWithIptc(commented, iptc) ?? commented) : commented
  return {
    xmp: pressed,
    exifOf: (size) => {
      const exif = changedExif(source.exif, { size, density, comment: isInExif ? comment : null })
      return exif !== null && target === 'jpeg' && !fitsInJpeg(exif) ? withoutMakerNote(exif) : exif
    },
    iptc,
    texts: texts.filter(isHeld),
    density,
  }
}

/** Of what a press photo says. */
const holdsXmpAlone: ReadonlySet<ImageTarget> = new Set(['png', 'webp', 'avif'])

/** One that image generators write goes by itself, as the programs that read it expect; others with their keywords. */
function commentOf(texts: readonly TextChunk[]): string {
  const [first] = texts
  if (texts.length === 1 && first?.keyword === 'parameters') return first.text
  return texts.map(({ keyword, text }) => `${keyword}: ${text}`).join('\n')
}

function withComment(xmp: string | null, comment: string): string | null {
  const said = `<exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">${escaped(comment)}</rdf:li></rdf:Alt></exif:UserComment>`
  return withProperties(xmp, 'xmlns:exif="http://ns.adobe.com/exif/1.0/"', [said])
}

/** Puts it into a file that the picture library has written without any of it. An AVIF has its XMP already. */
export function describe(path: string, target: ImageTarget, planned: PlannedMetadata, size: PixelSize): void {
  const { xmp, iptc, texts, density } = planned
  const exif = planned.exifOf(size)
  const comments = texts.map(({ text }) => text)
  switch (target) {
    case 'jpeg':
      return describeJpeg(path, { exif, xmp, iptc, comments, density })
    case 'png':
      return describePng(path, { exif, xmp, texts, density })
    case 'webp':
      return describeWebp(path, { exif, xmp })
    case 'avif':
      return exif === null ? undefined : describeAvif(path, exif)
    case 'tiff':
      setDensityOfTiff(path, density)
      return describeTiff(path, { exif, xmp, iptc })
    case 'gif':
      return describeGif(path, comments)
  }
}
