/** Pictures within a PDF in no more pixels than are seen, and packed harder. What does not become smaller stays as it is. */
import { deflateSync } from 'node:zlib'
import { PDFDocument, PDFName, PDFNumber, PDFRawStream, PDFArray, type PDFObject } from 'pdf-lib'
import sharp, { type Sharp } from 'sharp'
import type { TaskContext } from '../children/task-table.ts'
import { pageLimitMs, pointsPerInch } from './page.ts'
import type { PdfDocument } from './pdfium.ts'

const levels = { medium: { perInch: 150, quality: 78 }, strong: { perInch: 96, quality: 60 } } as const
/** Fewer are icons and rules. */
const leastSide = 32
const leastSaving = 0.9

/** @param plain with all streams unpacked that lose nothing by it. */
export async function recompressed(
  plain: Uint8Array,
  shown: PdfDocument,
  level: keyof typeof levels,
  { within }: Pick<TaskContext, 'within'>,
): Promise<Uint8Array> {
  const largest = new Map<string, { width: number; height: number }>()
  for (let page = 0; page < shown.pages; page += 1) {
    within(pageLimitMs)
    for (const { pixels, points } of shown.placedPictures(page)) {
      const key = `${pixels.width}x${pixels.height}`
      const known = largest.get(key) ?? { width: 0, height: 0 }
      largest.set(key, { width: Math.max(known.width, points.width), height: Math.max(known.height, points.height) })
    }
  }
  within(null)
  const document = await PDFDocument.load(plain, { updateMetadata: false })
  const { perInch, quality } = levels[level]
  for (const [ref, object] of document.context.enumerateIndirectObjects()) {
    const picture = pictureOf(object, document)
    if (picture === null) continue
    const { width, height } = picture
    const points = largest.get(`${width}x${height}`)
    const scale =
      points === undefined
        ? 1
        : Math.min(
            1,
            Math.max(((points.width / pointsPerInch) * perInch) / width, ((points.height / pointsPerInch) * perInch) / height),
          )
    const image =
      scale < 1
        ? picture.image.resize(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)), { fit: 'fill' })
        : picture.image
    const packed = await image
      .jpeg({ quality, mozjpeg: true })
      .toBuffer({ resolveWithObject: true })
      .catch(() => null)
    if (packed === null || packed.info.channels !== picture.channels || packed.data.length > picture.bytes * leastSaving) continue
    const dict = picture.stream.dict.clone(document.context)
    dict.set(PDFName.of('Width'), PDFNumber.of(packed.info.width))
    dict.set(PDFName.of('Height'), PDFNumber.of(packed.info.height))
    dict.set(PDFName.of('BitsPerComponent'), PDFNumber.of(8))
    dict.set(PDFName.of('Filter'), PDFName.of('DCTDecode'))
    dict.delete(PDFName.of('DecodeParms'))
    document.context.assign(ref, PDFRawStream.of(dict, packed.data))
  }
  return await document.save({ addDefaultPage: false, updateFieldAppearances: false, useObjectStreams: false })
}

interface Picture {
  readonly stream: PDFRawStream
  readonly image: Sharp
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  /** What it takes now. */
  readonly bytes: number
}

/** Those of a plain kind: grey or three colours of eight bits, without a key colour or another scale. */
function pictureOf(object: PDFObject, { context }: PDFDocument): Picture | null {
  if (!(object instanceof PDFRawStream) || object.dict.get(PDFName.of('Subtype')) !== PDFName.of('Image')) return null
  const value = (name: string) => context.lookup(object.dict.get(PDFName.of(name)))
  if (value('ImageMask') !== undefined || value('Decode') !== undefined || value('Mask') instanceof PDFArray) return null
  const [width, height, depth] = [value('Width'), value('Height'), value('BitsPerComponent')].map((one) =>
    one instanceof PDFNumber ? one.asNumber() : 0,
  )
  if (width === undefined || height === undefined || Math.min(width, height) < leastSide || depth !== 8) return null
  const channels = channelsOf(value('ColorSpace'), (ref) => context.lookup(ref))
  if (channels === null) return null
  const filter = value('Filter')
  const bytes = object.contents
  if (filter === undefined) {
    if (bytes.length < width * height * channels) return null
    const raw = { raw: { width, height, channels } }
    return {
      stream: object,
      image: sharp(bytes.subarray(0, width * height * channels), raw),
      width,
      height,
      channels,
      bytes: deflateSync(bytes).length,
    }
  }
  const name = filter instanceof PDFArray && filter.size() === 1 ? filter.get(0) : filter
  if (name !== PDFName.of('DCTDecode')) return null
  // The colours are those that the document says, whatever the file within says.
  return {
    stream: object,
    image: sharp(bytes, { failOn: 'error', ignoreIcc: true }),
    width,
    height,
    channels,
    bytes: bytes.length,
  }
}

function channelsOf(
  space: PDFObject | undefined,
  lookup: (object: PDFObject | undefined) => PDFObject | undefined,
): 1 | 3 | null {
  if (space === PDFName.of('DeviceRGB')) return 3
  if (space === PDFName.of('DeviceGray')) return 1
  if (!(space instanceof PDFArray)) return null
  const [kind, detail] = [space.get(0), lookup(space.get(1))]
  if (kind === PDFName.of('CalRGB')) return 3
  if (kind === PDFName.of('CalGray')) return 1
  if (kind !== PDFName.of('ICCBased') || !(detail instanceof PDFRawStream)) return null
  const n = detail.dict.get(PDFName.of('N'))
  const count = n instanceof PDFNumber ? n.asNumber() : 0
  return count === 1 || count === 3 ? count : null
}
