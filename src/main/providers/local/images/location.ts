/**
 * All that a picture says of itself without where it was taken, and whether it says so: EXIF, XMP, IPTC and texts each in their own way.
 * Also of pictures among the tags of songs and films, which are no more than bytes there.
 */
import { isPlaceName } from '../../../../shared/location.ts'
import { exifWithoutPlace, placesInExif } from './exif-location.ts'
import { iptcWithoutPlace, placesInIptc } from './iptc.ts'
import { rewordedJpeg, segmentsOf, wordsOfJpeg } from './jpeg.ts'
import type { PictureMetadata } from './metadata.ts'
import { unwordedPng } from './png.ts'
import { inMemory } from './tiff.ts'
import { placesInXmp, xmpWithoutPlace } from './xmp.ts'
import { unwordedWebp } from './webp.ts'

type Words = Pick<PictureMetadata, 'exif' | 'xmp' | 'iptc'>

export function wordsWithoutPlace<T extends Words>(words: T): T {
  const { exif, xmp, iptc } = words
  return {
    ...words,
    exif: exif === null ? null : exifWithoutPlace(exif),
    xmp: xmp === null ? null : xmpWithoutPlace(xmp),
    iptc: iptc === null ? null : iptcWithoutPlace(iptc),
  }
}

export function withoutPlace(metadata: PictureMetadata): PictureMetadata {
  return { ...wordsWithoutPlace(metadata), texts: metadata.texts.filter(({ keyword }) => !isPlaceName(keyword)) }
}

/** By what names it says where it was taken. */
export function placesOf({ exif, xmp, iptc, texts }: PictureMetadata): readonly string[] {
  return [
    ...(exif === null ? [] : placesInExif(exif)),
    ...(xmp === null ? [] : placesInXmp(xmp)),
    ...(iptc === null ? [] : placesInIptc(iptc)),
    ...texts.map(({ keyword }) => keyword).filter(isPlaceName),
  ]
}

/**
 * A picture among tags with the same pixels, bit by bit; of a JPEG all else that it says of itself stays. Null where nobody here knows
 * whether it tells a place.
 * @param type MIME type, as its first bytes tell.
 */
export function coverWithoutPlace(type: string, data: Uint8Array): Uint8Array | null {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  switch (type) {
    case 'image/jpeg':
      return rewordedJpeg(bytes, wordsWithoutPlace(wordsOfJpeg(segmentsOf(inMemory(bytes)))))
    case 'image/png':
      return unwordedPng(bytes)
    case 'image/webp':
      return unwordedWebp(bytes)
    case 'image/gif':
      return bytes.includes('XMP DataXMP') ? null : bytes
    case 'image/bmp':
      return bytes
    default:
      return null
  }
}
