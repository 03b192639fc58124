/**
 * A part of a picture as it is, upright and in the colours of a screen, inside a worker. Apart from thumbnails: what is compared is shown
 * without loss, and a pixel of the picture as a pixel where there is room for it.
 */
import { readFile } from 'node:fs/promises'
import sharp, { type Sharp } from 'sharp'
import { maxViewPixels, type Region } from '../../../../shared/views.ts'
import { JobError } from '../../../../shared/failure.ts'
import { framesOf } from './apng.ts'
import { failureOf, type PictureView, type ViewCall } from './call.ts'
import { stretchOf } from './density.ts'
import { checkDrawing } from './limits.ts'
import { openSource, reading, repaired } from './source.ts'
import { renderScale, type PixelSize } from './size.ts'

/** What is larger is sent with a loss that nobody sees. */
const maxExactBytes = 3 * 2 ** 20
const nearlyExact = { quality: 95, chromaSubsampling: '4:4:4' } as const
/** Of a drawing, which has no pixels of its own. */
const maxDrawnPixels = 40_000_000

export async function view(call: ViewCall): Promise<PictureView> {
  try {
    return await seen(call)
  } catch (error) {
    const source = failureOf(error).code === 'source-damaged' ? await repaired(call) : null
    if (source === null) throw error
    return await seen({ ...call, source })
  }
}

interface Opened extends PixelSize {
  readonly image: Sharp
  readonly hasAlpha: boolean
  /** By how much it is higher than its pixels say. */
  readonly stretch: number
}

async function seen(call: ViewCall): Promise<PictureView> {
  const natural = await opened(call, null)
  const wanted = call.from === 'svg' ? drawnSize(natural, call) : null
  const { image, width, height, stretch, hasAlpha } = wanted === null ? natural : await opened(call, wanted)
  const cut = pixelsOf(call.region, { width, height })
  const size = fitted({ width: cut.width, height: cut.height * stretch }, call.room)
  const isReduced = size.width < cut.width || size.height < cut.height
  image.extract(cut)
  if (size.width !== cut.width || size.height !== cut.height) image.resize({ ...size, fit: 'fill' })
  return {
    ...(await sendable(image.toColourspace('srgb'), { isReduced, hasAlpha })),
    region: { left: cut.left / width, top: cut.top / height, width: cut.width / width, height: cut.height / height },
    whole: { width: natural.width, height: Math.round(natural.height * natural.stretch) },
  }
}

/** PNG is written in a fifth of the time of WebP, and nothing is saved by being smaller on the way to a window of the same machine. */
async function sendable(
  image: Sharp,
  { isReduced, hasAlpha }: { readonly isReduced: boolean; readonly hasAlpha: boolean },
): Promise<Pick<PictureView, 'type' | 'data'>> {
  if (isReduced && !hasAlpha) return { type: 'image/jpeg', data: await image.jpeg(nearlyExact).toBuffer() }
  const exact = await image.clone().png({ compressionLevel: 1, adaptiveFiltering: true }).toBuffer()
  if (exact.length <= maxExactBytes) return { type: 'image/png', data: exact }
  if (!hasAlpha) return { type: 'image/jpeg', data: await image.jpeg(nearlyExact).toBuffer() }
  return { type: 'image/webp', data: await image.webp({ quality: nearlyExact.quality, effort: 0 }).toBuffer() }
}

async function opened({ source, from, page }: ViewCall, drawn: PixelSize | null): Promise<Opened> {
  if (from === 'png' && page > 0) return await animationFrame(source, page)
  const options = { preserveMetadata: false, ...drawn }
  const call = { kind: 'convert', source, from, target: 'webp', page, options, output: '' } as const
  const { image, meta, metadata } = await openSource(call)
  return { image, ...meta.autoOrient, hasAlpha: meta.hasAlpha, stretch: stretchOf(metadata.density) }
}

async function animationFrame(source: string | Uint8Array, page: number): Promise<Opened> {
  const { width, height, data } = await framesOf(typeof source === 'string' ? await readFile(source) : Buffer.from(source))
  const bytes = width * height * 4
  const frame = data.subarray(page * bytes, (page + 1) * bytes)
  if (frame.length < bytes) throw new JobError('source-damaged', { because: 'not-decodable' })
  return {
    image: sharp(frame, { raw: { width, height, channels: 4 }, limitInputPixels: reading.limitInputPixels }),
    width,
    height,
    hasAlpha: true,
    stretch: 1,
  }
}

/** So large that the part has as many pixels as there is room for. */
function drawnSize({ width, height }: PixelSize, { region, room }: ViewCall): PixelSize {
  const part = { width: Math.max(1, width * region.width), height: Math.max(1, height * region.height) }
  const maxScale = Math.sqrt(maxDrawnPixels / (width * height))
  const scale = Math.max(1, Math.min(renderScale(part, room), maxScale))
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
  checkDrawing(size)
  return size
}

/** Whole pixels, none too few. */
function pixelsOf({ left, top, width, height }: Region, whole: PixelSize) {
  const [x, y] = [
    Math.min(whole.width - 1, Math.floor(left * whole.width)),
    Math.min(whole.height - 1, Math.floor(top * whole.height)),
  ]
  const right = Math.min(whole.width, Math.ceil((left + width) * whole.width - 1e-6))
  const bottom = Math.min(whole.height, Math.ceil((top + height) * whole.height - 1e-6))
  return { left: x, top: y, width: Math.max(1, right - x), height: Math.max(1, bottom - y) }
}

/** Never enlarged. */
function fitted({ width, height }: PixelSize, room: PixelSize): PixelSize {
  const scale = Math.min(1, room.width / width, room.height / height, Math.sqrt(maxViewPixels / (width * height)))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}
