/**
 * Camera raw: what the sensor saw, developed by LibRaw within ImageMagick, or the picture for viewers that the camera has put beside it.
 * What the file says of itself is read from its directories, which are those of TIFF in all but a few letters.
 */
import { Orientation, type IMagickImage } from '@imagemagick/magick-wasm'
import { JobError } from '../../../../shared/failure.ts'
import type { ImageFacts, MediaFacts } from '../../../../shared/media.ts'
import { sensorBits } from '../reading/camera-raw.ts'
import { exifOfTiff } from '../images/exif.ts'
import { metadataFacts } from '../images/facts.ts'
import { segmentsOf, wordsOfJpeg } from '../images/jpeg.ts'
import { placesOf } from '../images/location.ts'
import { inMemory, loaded, openTiff, readDirectory, type Read } from '../images/tiff.ts'
import { opened, pinged } from './library.ts'
import { largestPreview, type Preview } from './previews.ts'

export type RawMode = 'develop' | 'preview'

interface Shape {
  /** As the sensor lies. */
  readonly width: number
  readonly height: number
  readonly orientation: Orientation
}

interface RawWords {
  readonly exif: Buffer | null
  readonly xmp: string | null
}

/** @throws JobError where neither the sensor nor a preview can be read. */
export function factsOfRaw(bytes: Buffer): Pick<MediaFacts, 'image' | 'places'> {
  const sensor = shapeOrFailure(bytes)
  const preview = largestPreview(bytes)
  if (sensor instanceof JobError && preview === null) throw sensor
  const { width, height, orientation } = sensor instanceof JobError ? shapeOfPreview(bytes, preview, null) : sensor
  const words = wordsOfRaw(bytes, preview)
  const isTurned = orientation >= Orientation.LeftTop
  const bits = sensor instanceof JobError ? 8 : sensorBits(tiffIn(bytes))
  const image: ImageFacts = {
    ...(isTurned ? { width: height, height: width } : { width, height }),
    pages: 1,
    hasAlpha: false,
    ...(bits !== null && { bitDepth: bits }),
    ...(orientation > Orientation.TopLeft && { orientation }),
    metadata: metadataFacts({ ...words, iptc: null }),
  }
  const places = placesOf({ ...words, iptc: null, texts: [], density: null })
  return { image, ...(places.length > 0 && { places }) }
}

/** Upright, with what the file says of it. */
export function pictureOfRaw<T>(bytes: Buffer, mode: RawMode, use: (image: IMagickImage, words: RawWords) => T): T {
  const preview = largestPreview(bytes)
  const words = wordsOfRaw(bytes, preview)
  if (mode === 'develop')
    return opened(bytes, 'raw', (image) => {
      image.autoOrient()
      return use(image, words)
    })
  if (preview === null) throw new JobError('source-unsupported', { because: 'no-raw-preview' })
  const sensor = shapeOrFailure(bytes)
  const { orientation } = shapeOfPreview(bytes, preview, sensor instanceof JobError ? null : sensor)
  return opened(preview.jpeg, 'jpeg', (image) => {
    image.orientation = orientation
    image.autoOrient()
    return use(image, words)
  })
}

function shapeOrFailure(bytes: Buffer): Shape | JobError {
  try {
    return pinged(bytes, 'raw', ({ width, height, orientation }) => ({ width, height, orientation }))
  } catch (error) {
    if (error instanceof JobError) return error
    throw error
  }
}

/** How a preview lies: as it says itself, or as the sensor does unless it obviously was turned already. */
function shapeOfPreview(bytes: Buffer, preview: Preview | null, sensor: Shape | null): Shape {
  const { width, height, jpeg } = preview ?? { width: 0, height: 0, jpeg: Buffer.alloc(0) }
  const { exif } = wordsOfJpeg(segmentsOf(inMemory(jpeg)))
  const own = exif === null ? null : orientationIn(inMemory(exif))
  const ofFile = sensor?.orientation ?? orientationIn(tiffIn(bytes)) ?? Orientation.TopLeft
  const isAsSensor = sensor === null || width > height === sensor.width > sensor.height
  return { width, height, orientation: own ?? (isAsSensor ? ofFile : Orientation.TopLeft) }
}

const tags = { orientation: 274, xmp: 700 } as const

function orientationIn(read: Read): Orientation | null {
  const found = valueIn(read, tags.orientation)?.readUInt8() ?? 0
  return found >= 1 && found <= 8 ? (found as Orientation) : null
}

function wordsOfRaw(bytes: Buffer, preview: Preview | null): RawWords {
  const read = tiffIn(bytes)
  const own = { exif: exifOfTiff(read), xmp: valueIn(read, tags.xmp)?.toString('utf8').replaceAll('\0', '') ?? null }
  if (own.exif !== null || preview === null) return own
  const { exif, xmp } = wordsOfJpeg(segmentsOf(inMemory(preview.jpeg)))
  return { exif, xmp: own.xmp ?? xmp }
}

function valueIn(read: Read, tag: number): Buffer | null {
  const tiff = openTiff(read)
  const found = (tiff === null ? null : readDirectory(tiff, tiff.first))?.entries.find((entry) => entry.tag === tag)
  return tiff === null || found === undefined ? null : (loaded(tiff, found)?.data ?? null)
}

/** Olympus and Panasonic write other letters than TIFF's in front. */
const otherLetters = /^(II)(R[OS]|U\0)|^(MM)OR/

function tiffIn(bytes: Buffer): Read {
  const read = inMemory(bytes)
  const [, little, , big] = otherLetters.exec(bytes.toString('latin1', 0, 4)) ?? []
  if (little === undefined && big === undefined) return read
  const head = Buffer.concat([Buffer.from(little === undefined ? 'MM\0*' : 'II*\0', 'latin1'), bytes.subarray(4, 8)])
  return (offset, length) => (offset === 0 && length <= head.length ? head.subarray(0, length) : read(offset, length))
}
