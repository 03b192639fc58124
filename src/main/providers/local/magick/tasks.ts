/** Pictures read and written by ImageMagick: work of a process of its own. Between it and libvips a picture goes as a PNG. */
import { readFile, writeFile } from 'node:fs/promises'
import {
  ColorProfile,
  ColorType,
  DensityUnit,
  Gravity,
  MagickColor,
  MagickColors,
  MagickFormat,
  MagickGeometry,
  MagickImage,
  MagickImageCollection,
  MagickReadSettings,
  Orientation,
  type IMagickImage,
} from '@imagemagick/magick-wasm'
import { JobError } from '../../../../shared/failure.ts'
import type { ImageFacts, MediaFacts } from '../../../../shared/media.ts'
import { densityOf, perCentimetre, type Density } from '../images/density.ts'
import { joined } from '../images/apng.ts'
import { bareExif } from '../images/exif.ts'
import { changedExif } from '../images/exif-edit.ts'
import { metadataFacts } from '../images/facts.ts'
import { profileName, srgbProfile } from '../images/icc.ts'
import { iptcIn, xmpWithIptc } from '../images/iptc.ts'
import { describePng, type PngWords } from '../images/png.ts'
import { depthOf } from './depth.ts'
import { icnsOf, largestOf, sizesIn } from './icns.ts'
import {
  eachFrame,
  inUsualColours,
  isTransparent,
  opened,
  paceOf,
  picturesIn,
  pinged,
  ready,
  within,
  withoutAlpha,
  nameToWrite,
  type Readable,
} from './library.ts'
import { pictureOfRaw, factsOfRaw, type RawMode } from './raw.ts'
import { opaqueTargets, qualityUnlessAsked, type MagickSource, type MagickTarget } from './pairings.ts'

/** What has one picture to be decoded, and is not developed first. */
type DecodedSource = Exclude<MagickSource, 'raw'>

export interface EncodeInput {
  /** Of a PNG. */
  readonly path: string
  readonly target: MagickTarget
  readonly output: string
  readonly quality?: number | undefined
  readonly isLossless?: boolean | undefined
  /** `#rrggbb`. */
  readonly background?: string | undefined
  /** Pixels a side, of icons. */
  readonly sizes?: readonly number[]
  /** Whether a smaller picture is made larger for an icon. */
  readonly mayEnlarge?: boolean
}

export interface DrawInput {
  readonly path: string
  readonly format: MagickSource
  /** What is larger is made smaller. */
  readonly maxPixels: number
  readonly raw: readonly [RawMode, RawMode]
}

export const tasks = {
  inspect: async ({
    path,
    format,
  }: {
    readonly path: string
    readonly format: MagickSource
  }): Promise<Pick<MediaFacts, 'image' | 'places'>> => {
    await ready()
    const bytes = await readFile(path)
    if (format === 'raw') return factsOfRaw(bytes)
    return { image: withPicture(bytes, format, path, (picture, as) => factsOf(picture, as, format, bytes)) }
  },

  /** Camera raw, as a PNG with what the file says of it. */
  develop: async (input: { readonly path: string; readonly mode: RawMode; readonly output: string }): Promise<null> => {
    const { path, mode, output } = input
    await ready()
    const bytes = await readFile(path)
    const { png, words } = pictureOfRaw(bytes, mode, (image, { exif, xmp }) => ({
      png: pngOf(image),
      words: worded(image, { exif, xmp }),
    }))
    await writeFile(output, png, { flag: 'wx' })
    describePng(output, words)
    return null
  },

  /** As a PNG, with what the file says of it. */
  decode: async (input: { readonly path: string; readonly format: DecodedSource; readonly output: string }): Promise<null> => {
    const { path, format, output } = input
    await ready()
    const { png, words } = withPicture(await readFile(path), format, path, (picture, as) => {
      const delaysMs = paceOf(picture, as)
      if (delaysMs === null) return opened(picture, as, stillOf)
      const frames = eachFrame(picture, as, (image) => {
        inUsualColours(image)
        return image.write(MagickFormat.Png32, (data) => Buffer.from(data))
      })
      return { png: joined(frames, { delaysMs, loops: 0 }), words: opened(picture, as, (image) => worded(image, wordsOf(image))) }
    })
    await writeFile(output, png, { flag: 'wx' })
    describePng(output, words)
    return null
  },

  /** A PNG for somebody who looks at it. Of camera raw, the first of what is wished for that there is. */
  draw: async (input: DrawInput): Promise<Uint8Array> => {
    const { path, format, maxPixels, raw } = input
    await ready()
    const bytes = await readFile(path)
    const drawn = (image: IMagickImage) => {
      const scale = Math.sqrt(maxPixels / (image.width * image.height))
      if (scale < 1) image.resize(Math.max(1, Math.floor(image.width * scale)), Math.max(1, Math.floor(image.height * scale)))
      return pngOf(image)
    }
    if (format === 'raw') return firstOf(raw, (mode) => pictureOfRaw(bytes, mode, drawn))
    return withPicture(bytes, format, path, (picture, as) =>
      opened(picture, as, (image) => {
        image.autoOrient()
        inUsualColours(image)
        return drawn(image)
      }),
    )
  },

  encode: async (input: EncodeInput): Promise<null> => {
    await ready()
    const png = await readFile(input.path)
    const made = opened(png, 'png', (image) => (isIcon(input.target) ? iconOf(image, input) : encoded(image, input)))
    await writeFile(input.output, made, { flag: 'wx' })
    return null
  },
}

function stillOf(image: IMagickImage): { readonly png: Buffer; readonly words: PngWords } {
  const said = wordsOf(image)
  image.autoOrient()
  inUsualColours(image)
  if (image.hasAlpha && !isTransparent(image)) withoutAlpha(image)
  return { png: pngOf(image), words: worded(image, said) }
}

function firstOf<T>([first, second]: readonly [RawMode, RawMode], make: (mode: RawMode) => T): T {
  try {
    return make(first)
  } catch (error) {
    if (!(error instanceof JobError)) throw error
    return make(second)
  }
}

/** Only to go on: what it takes to make it smaller is not worth its time. */
function pngOf(image: IMagickImage): Buffer {
  image.settings.setDefine(MagickFormat.Png, 'compression-level', '1')
  return image.write(MagickFormat.Png, (data) => Buffer.from(data))
}

/** Of a picture that stands upright by now. */
function worded(
  { width, height }: IMagickImage,
  { exif, xmp, density = null }: { readonly exif: Buffer | null; readonly xmp: string | null; readonly density?: Density | null },
): PngWords {
  return { exif: changedExif(exif, { size: { width, height }, density: null, comment: null }), xmp, density, texts: [] }
}

function isIcon(target: MagickTarget): target is 'ico' | 'icns' {
  return target === 'ico' || target === 'icns'
}

/** Of an icon of macOS the largest picture in it, in the form that it has there. */
function withPicture<T>(bytes: Buffer, format: DecodedSource, path: string, use: (picture: Uint8Array, as: Readable) => T): T {
  if (format !== 'icns') return use(bytes, format)
  const found = largestOf(bytes)
  if (found === null) throw new JobError('source-damaged', { path, because: 'not-decodable' })
  if (found.kind !== 'rgba') return use(found.data, found.kind)
  return use(pngOfPixels(found.data, found.side), 'png')
}

function pngOfPixels(rgba: Buffer, side: number): Buffer {
  return within(() => {
    const image = MagickImage.create()
    try {
      image.read(rgba, new MagickReadSettings({ format: MagickFormat.Rgba, width: side, height: side, depth: 8 }))
      return image.write(MagickFormat.Png, (data) => Buffer.from(data))
    } finally {
      image.dispose()
    }
  })
}

function factsOf(picture: Uint8Array, as: Readable, format: DecodedSource, bytes: Buffer): ImageFacts {
  const seen = (image: IMagickImage) => {
    const { width, height, hasAlpha, orientation } = image
    const icc = dataOf(image, 'icc')
    const { density, ...words } = wordsOf(image)
    const profile = icc === null ? '' : profileName(icc)
    const metadata = metadataFacts({ ...words, iptc: null })
    return { width, height, hasAlpha, orientation, said: { profile, metadata, ...(density !== null && { density }) } }
  }
  const { width, height, hasAlpha, orientation, said } = pinged(picture, as, seen)
  // Only its pixels tell whether one can see through it.
  const isUnsaid = hasAlpha || saysNothing.has(format)
  const isClear = isUnsaid && width * height <= maxLookedThrough ? opened(picture, as, isTransparent) : undefined
  const isTurned = orientation >= Orientation.LeftTop
  const pace = paceOf(picture, as)
  const others = (format === 'ico' ? picturesIn(bytes) : format === 'icns' ? sizesIn(bytes) : 1) - 1
  return {
    ...(isTurned ? { width: height, height: width } : { width, height }),
    ...(pace === null ? { pages: 1 } : { pages: pace.length, isAnimated: true, delaysMs: pace }),
    ...depthOf(format, bytes),
    ...(others > 0 && { otherPictures: others }),
    hasAlpha: isUnsaid ? isClear : false,
    ...(orientation > Orientation.TopLeft && { orientation }),
    ...said,
  }
}

function dataOf(image: IMagickImage, profile: string): Buffer | null {
  const found = image.getProfile(profile)
  return found === null ? null : Buffer.from(found.data)
}

/** What a press photo says goes on as a part of its XMP. */
function wordsOf(image: IMagickImage): {
  readonly exif: Buffer | null
  readonly xmp: string | null
  readonly density: Density | null
} {
  const exif = dataOf(image, 'exif')
  const xmp = dataOf(image, 'xmp')?.toString('utf8').replaceAll('\0', '') ?? null
  const iptc = iptcIn(dataOf(image, 'iptc') ?? undefined)
  const { x, y, units } = image.density
  return {
    exif: exif === null ? null : bareExif(exif),
    xmp: iptc === null ? xmp : (xmpWithIptc(xmp, iptc) ?? xmp),
    density: densityOf(x, y, unitsPerInch[units] ?? null),
  }
}

const unitsPerInch: Readonly<Record<number, number>> = {
  [DensityUnit.PixelsPerInch]: 1,
  [DensityUnit.PixelsPerCentimeter]: perCentimetre,
}

/** Of whose alpha channels nothing is known before all is read. */
const saysNothing: ReadonlySet<MagickSource> = new Set(['jp2', 'exr'])
const maxLookedThrough = 60_000_000

function encoded(image: IMagickImage, { target, quality, isLossless = false, background }: EncodeInput): Buffer {
  if (isIcon(target)) throw new Error('icons are made otherwise')
  if (target === 'jxl' || target === 'jp2') image.quality = isLossless ? 100 : (quality ?? qualityUnlessAsked[target])
  // Above this it takes several times as long for a few percent of size.
  if (target === 'jxl') image.settings.setDefine(MagickFormat.Jxl, 'effort', '4')
  if (opaqueTargets.has(target)) {
    image.backgroundColor = new MagickColor(background ?? '#ffffff')
    withoutAlpha(image)
  } else if (image.hasAlpha && !isTransparent(image)) withoutAlpha(image)
  // The format names its colours by numbers, and the library writes those of usual ones alone.
  if (target === 'jxl' && image.getProfile('icc') !== null) {
    image.transformColorSpace(new ColorProfile(srgbProfile()))
    image.removeProfile('icc')
  }
  // As finely as the library counts, whatever the file of the source did.
  image.depth = 8
  // Of few colours it would make a palette, which several of these formats hold only by half.
  image.colorType = image.hasAlpha ? ColorType.TrueColorAlpha : ColorType.TrueColor
  return image.write(nameToWrite(target, image.hasAlpha), (data) => Buffer.from(data))
}

/** Each size by itself, the whole picture in it, with nothing around it where it is no square. */
function iconOf(image: IMagickImage, { target, sizes = [], mayEnlarge = false }: EncodeInput): Buffer {
  const icons = MagickImageCollection.create()
  const held = mayEnlarge ? sizes : sizes.filter((side) => side <= Math.max(image.width, image.height))
  try {
    for (const side of held.length === 0 ? sizes.slice(0, 1) : held) {
      image.clone((icon) => {
        icon.resize(new MagickGeometry(side, side))
        icon.backgroundColor = MagickColors.Transparent
        icon.extent(side, side, Gravity.Center)
        icon.write(MagickFormat.Png32, (data) =>
          icons.push(MagickImage.create(data, new MagickReadSettings({ format: MagickFormat.Png }))),
        )
      })
    }
    if (target === 'ico') return icons.write(MagickFormat.Ico, (data) => Buffer.from(data))
    return icnsOf(new Map(icons.map((icon) => [icon.width, icon.write(MagickFormat.Png32, (data) => Buffer.from(data))])))
  } finally {
    icons.dispose()
  }
}
