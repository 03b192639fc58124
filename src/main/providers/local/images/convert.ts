/** One picture to one file, inside a worker. */
import type { Metadata, Sharp } from 'sharp'
import type { ConvertCall } from './call.ts'
import { describeTiff } from './exif.ts'
import { eachResized, isDeep, isGrey, keepsMetadata, openSource, type OpenedImage } from './source.ts'
import { addIptcToJpeg, xmpWithIptc } from './iptc.ts'
import type { ImageTarget } from './pairings.ts'
import { mayEnlarge } from './size.ts'

export async function convert(call: ConvertCall): Promise<void> {
  const { image, meta, exif, iptc } = await sized(await openSource(call), call)
  colour(image, meta, call)
  const xmp = iptc !== null && holdsXmpAlone.has(call.target) ? xmpWithIptc(meta.xmpAsString, iptc) : null
  if (xmp !== null) image.withXmp(xmp)
  encode(image, meta, call)
  await image.toFile(call.output)
  if (call.target === 'tiff' && (exif !== null || iptc !== null)) describeTiff(call.output, exif, iptc)
  // From JPEG to JPEG the library carries it.
  if (call.target === 'jpeg' && call.from !== 'jpeg' && iptc !== null) addIptcToJpeg(call.output, iptc)
}

/** Of what a press photo says. */
const holdsXmpAlone: ReadonlySet<ImageTarget> = new Set(['png', 'webp', 'avif'])

async function sized(source: OpenedImage, call: ConvertCall): Promise<OpenedImage> {
  const { width, height } = call.options
  if (width === undefined && height === undefined) return source
  const { image, meta } = source
  if (call.page !== 'all' || (meta.pages ?? 1) === 1) return { ...source, image: resize(image, call) }
  const frames = await eachResized(image, meta.pageHeight ?? meta.height, (frame) => resize(frame, call))
  const { delay, loop } = meta
  return {
    ...source,
    image: frames,
    meta: { ...(await frames.metadata()), ...(delay && { delay }), ...(loop !== undefined && { loop }) },
  }
}

function resize(image: Sharp, { options, target, from }: ConvertCall): Sharp {
  const { width, height, fit = 'inside' } = options
  const withoutEnlargement = !mayEnlarge(options, from === 'svg' || from === 'pdf')
  const background = target === 'jpeg' ? '#ffffff' : { r: 0, g: 0, b: 0, alpha: 0 }
  return image.resize({ ...(width && { width }), ...(height && { height }), fit, withoutEnlargement, background })
}

const holdsGrey: ReadonlySet<ImageTarget> = new Set(['jpeg', 'png', 'tiff'])
const holdsDeep: ReadonlySet<ImageTarget> = new Set(['png', 'tiff'])

/**
 * Pixels keep their kind where the target can hold it, and then their own ICC profile stays with them. In all other cases the profile
 * is applied on the way to sRGB, never dropped, so that the colours stay what they were.
 */
function colour(image: Sharp, meta: Metadata, call: ConvertCall): void {
  const { target } = call
  const keeps = keepsMetadata(call) && target !== 'gif'
  const isGreyKept = isGrey(meta) && holdsGrey.has(target)
  // Only for archives: nothing else that shows a TIFF's pictures can be trusted with CMYK.
  const isCmykKept = meta.space === 'cmyk' && target === 'tiff' && keeps
  if (isCmykKept) image.pipelineColourspace('cmyk').toColourspace('cmyk')
  else if (isDeep(meta) && holdsDeep.has(target)) image.toColourspace(isGreyKept ? 'grey16' : 'rgb16')
  else if (isGreyKept) image.toColourspace('b-w')
  if (target === 'jpeg') image.flatten({ background: '#ffffff' })
  if (!keeps) return
  image.keepMetadata()
  const isKindKept = isGrey(meta) ? isGreyKept : meta.space !== 'cmyk' || isCmykKept
  if (meta.hasProfile && !isKindKept) image.withIccProfile('srgb')
}

/** Chosen by measuring: the next effort up costs several times as much for a few percent of size. */
function encode(image: Sharp, meta: Metadata, { target, options, page }: ConvertCall): void {
  const pace =
    page === 'all' ? { ...(meta.delay && { delay: meta.delay }), ...(meta.loop !== undefined && { loop: meta.loop }) } : {}
  const { imageQuality, lossless = false } = options
  switch (target) {
    case 'jpeg':
      return void image.jpeg({ quality: imageQuality ?? 85, chromaSubsampling: subsampling(imageQuality ?? 85) })
    case 'png':
      return void image.png({ compressionLevel: 6, adaptiveFiltering: true })
    case 'webp':
      return void image.webp({ ...pace, ...(lossless ? { lossless, exact: true } : { quality: imageQuality ?? 80, effort: 4 }) })
    case 'avif':
      if (lossless) return void image.avif({ lossless, effort: 3, chromaSubsampling: '4:4:4' })
      return void image.avif({ quality: imageQuality ?? 55, effort: 3, chromaSubsampling: subsampling(imageQuality ?? 55) })
    case 'tiff':
      return void image.tiff({ compression: 'deflate', predictor: 'horizontal' })
    case 'gif':
      return void image.gif({ ...pace, effort: 4 })
  }
}

/** Who asks for the best does not want coloured edges blurred. */
function subsampling(quality: number): '4:2:0' | '4:4:4' {
  return quality >= 90 ? '4:4:4' : '4:2:0'
}
