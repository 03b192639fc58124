/** What a picture file holds, as the model of all media knows it: from what the picture library reads and what it does not. */
import type { Metadata } from 'sharp'
import type { ImageFacts, MediaFacts } from '../../../../shared/media.ts'
import { animationFacts } from './apng.ts'
import { hasExifThumbnail } from './exif-edit.ts'
import { hasMakerNote } from './exif-location.ts'
import { exifFacts } from './exif.ts'
import { hasGainMap, otherPictures } from './gain-map.ts'
import { heifFacts, type HeifFacts } from './heif.ts'
import { ownProfile, profileName } from './icc.ts'
import { segmentsOf, xmpOfJpeg } from './jpeg.ts'
import { placesOf } from './location.ts'
import { isMeasured, samplesOf, type Samples } from './measured.ts'
import { metadataOf, type PictureMetadata } from './metadata.ts'
import type { ImageSource } from './pairings.ts'
import { cicpOfPng } from './png.ts'
import type { Read } from './tiff.ts'
import { xmpFacts } from './xmp.ts'

const depthBits: Readonly<Record<string, number>> = {
  uchar: 8,
  char: 8,
  ushort: 16,
  short: 16,
  uint: 32,
  int: 32,
  float: 32,
  double: 64,
}

type PictureFacts = Pick<MediaFacts, 'places'> & { readonly image: ImageFacts }

/** @param meta what the library read; its pages are those worth converting. */
export function factsOf(read: Read, bytes: number, format: ImageSource, meta: Metadata, pages: number): PictureFacts {
  const { width, height } = meta.autoOrient
  // A drawing has no pixels of its own of which there would be more to say.
  if (format === 'svg') return { image: { width, height, pages } }
  const metadata = metadataOf(read, bytes, format, meta)
  const heif = format === 'heic' || format === 'avif' ? heifFacts(read, bytes) : null
  const samples = format === 'tiff' ? samplesOf(read) : null
  const { density, texts } = metadata
  const places = placesOf(metadata)
  const image = {
    width,
    height,
    ...movement(read, format, meta, pages, heif),
    bitDepth: samples?.bits ?? bitsOf(meta, format),
    samples: samples?.kind ?? 'unsigned',
    channels: samples?.channels ?? meta.channels,
    space: meta.space,
    profile: profileOf(meta, samples),
    ...numbered(heif?.cicp ?? (format === 'png' ? cicpOfPng(read) : null)),
    // Doubles are read under another name, and look as if they had it.
    hasAlpha: samples?.bits === 64 ? false : meta.hasAlpha,
    ...behind(read, bytes, format, metadata, heif),
    ...(density !== null && { density }),
    ...(meta.orientation !== undefined && { orientation: meta.orientation }),
    hasThumbnail: (metadata.exif !== null && hasExifThumbnail(metadata.exif)) || heif?.hasThumbnail === true,
    metadata: metadataFacts(metadata),
    texts: texts.map(({ keyword }) => keyword),
  }
  return { image, ...(places.length > 0 && { places }) }
}

function movement(
  read: Read,
  format: ImageSource,
  meta: Metadata,
  pages: number,
  heif: HeifFacts | null,
): Pick<ImageFacts, 'pages' | 'isAnimated' | 'delaysMs' | 'loops'> {
  const frames = format === 'png' ? animationFacts(read) : null
  if (frames !== null && frames.delaysMs.length > 1)
    return { pages: frames.delaysMs.length, isAnimated: true, delaysMs: frames.delaysMs, loops: frames.loops }
  const delaysMs = heif?.sequence?.delaysMs ?? []
  if (delaysMs.length > 1) return { pages: delaysMs.length, isAnimated: true, delaysMs }
  if ((format !== 'gif' && format !== 'webp') || pages < 2) return { pages }
  return { pages, isAnimated: true, delaysMs: meta.delay ?? [], ...(meta.loop !== undefined && { loops: meta.loop }) }
}

/** Of a palette they count the colours, not how finely each is told. */
function bitsOf({ depth, bitsPerSample, isPalette }: Metadata, format: ImageSource): number {
  const stored = depthBits[depth] ?? 8
  if (bitsPerSample === undefined || isPalette || format === 'gif') return stored
  return Math.min(stored, bitsPerSample)
}

/** Of measurements one means nothing. */
function profileOf(meta: Metadata, samples: Samples | null): string {
  const icc = ownProfile(meta)
  return icc === null || (samples !== null && isMeasured(samples)) ? '' : profileName(icc)
}

function numbered(cicp: HeifFacts['cicp']): Pick<ImageFacts, 'cicp'> {
  return cicp === null ? {} : { cicp }
}

/** What goes with a picture without being a part of it. */
function behind(
  read: Read,
  bytes: number,
  format: ImageSource,
  { xmp }: PictureMetadata,
  heif: HeifFacts | null,
): Partial<ImageFacts> {
  const segments = format === 'jpeg' ? segmentsOf(read) : []
  const others = heif?.otherPictures ?? otherPictures(read, segments)
  const isGainMapped = heif?.hasGainMap === true || (format === 'jpeg' && hasGainMap(read, bytes, segments))
  const said = (format === 'jpeg' ? xmpOfJpeg(segments) : null) ?? xmp
  const isMotion =
    heif?.hasMotion === true || ((format === 'jpeg' || format === 'heic') && said !== null && xmpFacts(said).tellsMotion)
  return {
    hasGainMap: isGainMapped,
    ...(heif?.hasDepthMap === true && { hasDepthMap: true }),
    ...(others > 0 && { otherPictures: others }),
    ...(isMotion && { hasMotion: true }),
  }
}

/** Which kinds of words there are. */
export function metadataFacts({
  exif,
  xmp,
  iptc,
}: Pick<PictureMetadata, 'exif' | 'xmp' | 'iptc'>): NonNullable<ImageFacts['metadata']> {
  const ofExif = exif === null ? { isTelling: false, hasPlace: false } : exifFacts(exif)
  const ofXmp = xmp === null ? null : xmpFacts(xmp)
  return [
    ...(ofExif.isTelling ? (['exif'] as const) : []),
    ...(exif !== null && hasMakerNote(exif) ? (['maker-notes'] as const) : []),
    ...(ofExif.hasPlace || ofXmp?.hasPlace === true ? (['location'] as const) : []),
    ...(ofXmp?.isTelling === true ? (['xmp'] as const) : []),
    ...(iptc === null ? [] : (['iptc'] as const)),
  ]
}

/** A file of frames alone, which the picture library does not open. */
export function sequenceFacts({ sequence, cicp, hasPicture }: HeifFacts): ImageFacts | null {
  if (sequence === null || hasPicture) return null
  const { width, height, delaysMs } = sequence
  return { width, height, pages: Math.max(1, delaysMs.length), isAnimated: delaysMs.length > 1, delaysMs, ...numbered(cicp) }
}
