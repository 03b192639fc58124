/** ImageMagick as WebAssembly: loaded once in a process, given limits, and asked for one picture at a time. Its failures become ours here alone. */
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import {
  AlphaAction,
  ColorSpace,
  DngReadDefines,
  initializeImageMagick,
  MagickError,
  MagickFormat,
  MagickImage,
  MagickImageCollection,
  MagickReadSettings,
  ResourceLimits,
  type IMagickImage,
  type IMagickImageCollection,
} from '@imagemagick/magick-wasm'
import { JobError } from '../../../../shared/failure.ts'
import type { MagickSource, MagickTarget } from './pairings.ts'

/** Of one picture, with four bytes each: what fits beside a result into the memory of its process. */
export const maxPixels = 150_000_000

/** Never left to be found out: it also knows names that fetch, read other files and run scripts. */
const names = {
  bmp: MagickFormat.Bmp,
  ico: MagickFormat.Ico,
  jxl: MagickFormat.Jxl,
  jp2: MagickFormat.Jp2,
  psd: MagickFormat.Psd,
  tga: MagickFormat.Tga,
  ppm: MagickFormat.Pnm,
  exr: MagickFormat.Exr,
  hdr: MagickFormat.Hdr,
  dds: MagickFormat.Dds,
  pcx: MagickFormat.Pcx,
  qoi: MagickFormat.Qoi,
  xcf: MagickFormat.Xcf,
  png: MagickFormat.Png,
  jpeg: MagickFormat.Jpeg,
  // Its reader knows all makers, by the contents.
  raw: MagickFormat.Dng,
} as const satisfies Partial<Record<MagickSource | MagickTarget | 'png' | 'jpeg', MagickFormat>>
export type Readable = keyof typeof names

/** What is written has another name than what is read where the library would choose by itself. Old programs know no BMP with transparency. */
export function nameToWrite(target: Exclude<MagickTarget, 'icns'>, hasAlpha: boolean): MagickFormat {
  if (target === 'bmp') return hasAlpha ? MagickFormat.Bmp : MagickFormat.Bmp3
  return target === 'ppm' ? MagickFormat.Ppm : names[target]
}

let loading: Promise<void> | null = null

export async function ready(): Promise<void> {
  loading ??= load()
  await loading
}

async function load(): Promise<void> {
  const file = createRequire(import.meta.url).resolve('@imagemagick/magick-wasm/magick.wasm')
  await initializeImageMagick(readFileSync(file))
  ResourceLimits.area = BigInt(maxPixels)
  ResourceLimits.memory = BigInt(1_200 * 2 ** 20)
  ResourceLimits.disk = 0n
}

/** The code stream alone is another format to the library than the file around it. */
function nameOf(bytes: Uint8Array, format: Readable): MagickFormat {
  if (format === 'jp2' && bytes[0] === 0xff) return MagickFormat.J2k
  return format === 'bmp' ? MagickFormat.Bmp : names[format]
}

/** Which picture of a file is meant, from 0: of an icon the largest, of others the first, which in Photoshop is all layers as one sees them. */
function frameOf(bytes: Uint8Array, format: Readable): number {
  if (format !== 'ico') return 0
  const sizes = inAll(bytes, format, 'ping', (images) => images.map(({ width, height }) => width * height))
  return Math.max(0, sizes.indexOf(Math.max(...sizes)))
}

/** How many pictures an icon of Windows has. */
export function picturesIn(bytes: Uint8Array): number {
  return within(() => inAll(bytes, 'ico', 'ping', (images) => images.length))
}

/** Its header alone; pixels are not there. */
export function pinged<T>(bytes: Uint8Array, format: Readable, use: (image: IMagickImage) => T): T {
  return within(() => {
    const image = MagickImage.create()
    try {
      image.ping(bytes, settingsOf(bytes, format))
      return use(image)
    } finally {
      image.dispose()
    }
  })
}

/** The picture, with its pixels. @throws JobError */
export function opened<T>(bytes: Uint8Array, format: Readable, use: (image: IMagickImage) => T): T {
  pinged(bytes, format, ({ width, height }) => checkPixels(width * height))
  return within(() => (format === 'xcf' ? flattened(bytes, use) : first(bytes, format, use)))
}

/** How long each frame of a picture that moves is shown, ms; null where it stands still. */
export function paceOf(bytes: Uint8Array, format: Readable): readonly number[] | null {
  if (format !== 'jxl') return null
  return within(() => inAll(bytes, format, 'ping', (images) => (images.length > 1 ? images.map(delayOf) : null)))
}

/** Each frame of a picture that moves, as large as the whole. */
export function eachFrame<T>(bytes: Uint8Array, format: Readable, use: (image: IMagickImage) => T): readonly T[] {
  return within(() => {
    const pixels = inAll(bytes, format, 'ping', (images) => images.reduce((sum, { width, height }) => sum + width * height, 0))
    checkPixels(pixels)
    return inAll(bytes, format, 'read', (images) => {
      images.coalesce()
      return images.map(use)
    })
  })
}

function inAll<T>(bytes: Uint8Array, format: Readable, how: 'ping' | 'read', use: (images: IMagickImageCollection) => T): T {
  const images = MagickImageCollection.create()
  try {
    images[how](bytes, new MagickReadSettings({ format: nameOf(bytes, format) }))
    return use(images)
  } finally {
    images.dispose()
  }
}

function delayOf({ animationDelay, animationTicksPerSecond }: IMagickImage): number {
  return Math.round((animationDelay * 1000) / (animationTicksPerSecond || 100))
}

export function checkPixels(pixels: number): void {
  if (pixels > maxPixels) throw new JobError('tool-memory', { because: 'too-many-pixels', megapixels: maxPixels / 1e6 })
}

function settingsOf(bytes: Uint8Array, format: Readable): MagickReadSettings {
  if (format === 'raw') return asShot()
  return new MagickReadSettings({ format: nameOf(bytes, format), frameIndex: frameOf(bytes, format), frameCount: 1 })
}

/** White is what the camera took for white, not daylight. */
function asShot(): MagickReadSettings {
  const defines = new DngReadDefines()
  defines.useCameraWhitebalance = true
  const settings = new MagickReadSettings({ format: names.raw })
  settings.setDefines(defines)
  return settings
}

function first<T>(bytes: Uint8Array, format: Readable, use: (image: IMagickImage) => T): T {
  const image = MagickImage.create()
  try {
    image.onWarning = ({ error }) => {
      if (/corrupt|unexpected|truncated|insufficient|improper/i.test(error.message)) throw error
    }
    image.read(bytes, settingsOf(bytes, format))
    return use(image)
  } finally {
    image.dispose()
  }
}

/** Layers of GIMP, which keeps no picture of them all together. */
function flattened<T>(bytes: Uint8Array, use: (image: IMagickImage) => T): T {
  const layers = MagickImageCollection.create()
  try {
    layers.read(bytes, new MagickReadSettings({ format: MagickFormat.Xcf }))
    checkPixels(layers.reduce((sum, { width, height }) => sum + width * height, 0))
    return layers.mosaic(use)
  } finally {
    layers.dispose()
  }
}

/** In sRGB, or grey, as everything that follows expects it. */
export function inUsualColours(image: IMagickImage): void {
  const { colorSpace } = image
  if (colorSpace !== ColorSpace.sRGB && colorSpace !== ColorSpace.Gray) {
    // What describes other inks describes these colours no more.
    if (colorSpace !== ColorSpace.RGB && colorSpace !== ColorSpace.LinearGray) image.removeProfile('icc')
    image.colorSpace = ColorSpace.sRGB
  }
}

/** Whether anything can be seen through: an alpha channel alone does not say so. */
export function isTransparent(image: IMagickImage): boolean {
  return image.hasAlpha && !image.isOpaque
}

export function withoutAlpha(image: IMagickImage): void {
  image.alpha(AlphaAction.Remove)
  image.alpha(AlphaAction.Off)
}

export function within<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof JobError) throw error
    throw failureOf(error)
  }
}

function failureOf(cause: unknown): JobError {
  const text = cause instanceof Error ? cause.message : String(cause)
  // Names of files are those of its own memory.
  const reason = text.replace(/( @ | [`'"]).*$/s, '').slice(0, 200)
  if (/resource|limit|memory|exceed/i.test(text)) return new JobError('tool-memory', { reason }, { cause })
  if (/NoDecodeDelegate|unsupported|not ?supported|unrecognized.*compression/i.test(text))
    return new JobError('source-unsupported', { reason }, { cause })
  if (cause instanceof MagickError) return new JobError('source-damaged', { reason }, { cause })
  return new JobError('tool-failed', { tool: 'ImageMagick', reason }, { cause })
}
