/**
 * WebP as a list of chunks (RIFF): how EXIF and XMP are put into a file, and frames that its encoder has left out. Apart, since no other format
 * here is laid out like it.
 */
import { readFileSync, writeFileSync } from 'node:fs'

interface Chunk {
  readonly type: string
  readonly data: Buffer
}

const flags = { animation: 0x02, xmp: 0x04, exif: 0x08, alpha: 0x10, icc: 0x20 } as const

function chunksIn(webp: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = []
  for (let at = 12; at + 8 <= webp.length;) {
    const length = webp.readUInt32LE(at + 4)
    chunks.push({ type: webp.toString('latin1', at, at + 4), data: webp.subarray(at + 8, at + 8 + length) })
    at += 8 + length + (length % 2)
  }
  return chunks
}

export interface WebpWords {
  readonly exif: Buffer | null
  readonly xmp: string | null
}

/** Puts them into a WebP that libvips has written without any. */
export function describeWebp(path: string, { exif, xmp }: WebpWords): void {
  if (exif === null && xmp === null) return
  const chunks = chunksIn(readFileSync(path)).filter(({ type }) => type !== 'EXIF' && type !== 'XMP ')
  const [first] = chunks
  if (first === undefined) return
  const header = Buffer.from(first.type === 'VP8X' ? first.data : simpleHeader(first))
  header[0] = (header[0] ?? 0) | (exif === null ? 0 : flags.exif) | (xmp === null ? 0 : flags.xmp)
  const all = [
    { type: 'VP8X', data: header },
    ...chunks.filter(({ type }) => type !== 'VP8X'),
    ...(exif === null ? [] : [{ type: 'EXIF', data: exif }]),
    ...(xmp === null ? [] : [{ type: 'XMP ', data: Buffer.from(xmp) }]),
  ]
  writeFileSync(path, fileOf(all))
}

/** The same picture with no word in it. */
export function unwordedWebp(webp: Buffer): Buffer {
  const kept = chunksIn(webp).filter(({ type }) => shownBy.has(type))
  return fileOf(
    kept.map(({ type, data }) => {
      const bytes = Buffer.from(data)
      if (type === 'VP8X') bytes[0] = (bytes[0] ?? 0) & ~(flags.exif | flags.xmp)
      return { type, data: bytes }
    }),
  )
}

/** What a picture is shown by. */
const shownBy: ReadonlySet<string> = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])

function fileOf(chunks: readonly Chunk[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...chunks.map(chunkBytes)])
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1')
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body])
}

/** Flags of a frame. */
const clearsItsPlace = 0x01
const coversAll = 0x02
/** ms; the encoder takes what is shorter for no time at all. */
const shortestMs = 11
const usualMs = 100

/**
 * The encoder of animations makes one frame of those that look the same, shown for as long as all of them, and may crop what is left to where
 * something can be seen. They become frames of their own again, which draw nothing, and the file says that it can be seen through where it can.
 */
export function keepFrames(path: string, { delay = [], loop = 0 }: Pace): void {
  const written = chunksIn(readFileSync(path))
  const left = delay.map((ms) => (ms < shortestMs ? usualMs : ms))
  const chunks = written.some(({ type }) => type === 'ANMF') ? written : moving(written, left, loop)
  const [header] = chunks
  if (header === undefined || left.length < 2) return
  const all = chunks.flatMap((chunk) => (chunk.type === 'ANMF' ? framesOf(chunk, left) : [chunk]))
  if (left.length > 0) return
  const first = all.find(({ type }) => type === 'ANMF')
  const isCropped = first !== undefined && !first.data.subarray(6, 12).equals(header.data.subarray(4, 10))
  if (isCropped || all.length > chunks.length) header.data[0] = (header.data[0] ?? 0) | flags.alpha
  writeFileSync(path, fileOf(all))
}

export interface Pace {
  /** How long each frame is shown, ms. */
  readonly delay?: readonly number[] | undefined
  /** How often the whole is shown; 0: for ever. */
  readonly loop?: number | undefined
}

/** A still that frames became which all look the same, as an animation of one frame. */
function moving(still: readonly Chunk[], delaysMs: readonly number[], loops: number): readonly Chunk[] {
  const [first] = still
  if (first === undefined) return []
  const header = Buffer.from(first.type === 'VP8X' ? first.data : simpleHeader(first))
  const isPixels = ({ type }: Chunk) => type === 'ALPH' || type === 'VP8 ' || type === 'VP8L'
  header[0] = (header[0] ?? 0) | flags.animation
  const frame = Buffer.alloc(16)
  header.copy(frame, 6, 4, 10)
  frame.writeUIntLE(
    delaysMs.reduce((sum, ms) => sum + ms, 0),
    12,
    3,
  )
  frame[15] = coversAll
  const pace = Buffer.from([0xff, 0xff, 0xff, 0xff, loops & 0xff, loops >> 8])
  return [
    { type: 'VP8X', data: header },
    ...still.filter(({ type }) => type === 'ICCP'),
    { type: 'ANIM', data: pace },
    { type: 'ANMF', data: Buffer.concat([frame, ...still.filter(isPixels).map(chunkBytes)]) },
  ]
}

/** @param left how long the frames to come are shown, of which these are taken. */
function framesOf({ type, data }: Chunk, left: number[]): readonly Chunk[] {
  let rest = data.readUIntLE(12, 3)
  const own: number[] = []
  while (rest > 0 && left[0] !== undefined && left[0] <= rest) {
    rest -= left[0]
    own.push(...left.splice(0, 1))
  }
  const [first = 0, ...others] = own
  // Somebody has counted otherwise: nothing is put right then.
  if (rest > 0) left.push(0)
  if (rest > 0 || others.length === 0) return [{ type, data }]
  const isCleared = ((data[15] ?? 0) & clearsItsPlace) !== 0
  const shown = Buffer.from(data)
  shown.writeUIntLE(first, 12, 3)
  shown[15] = (shown[15] ?? 0) & ~clearsItsPlace
  const width = data.readUIntLE(6, 3) + 1
  const height = data.readUIntLE(9, 3) + 1
  const still = others.map((ms, n) => {
    const head = Buffer.from(data.subarray(0, 16))
    head.writeUIntLE(ms, 12, 3)
    head[15] = isCleared && n === others.length - 1 ? clearsItsPlace : 0
    return { type, data: Buffer.concat([head, chunkBytes({ type: 'VP8L', data: nothing(width, height) })]) }
  })
  return [{ type, data: shown }, ...still]
}

/** A lossless picture in which everything can be seen through: five codes of a single symbol each, so that no pixel takes a bit. */
function nothing(width: number, height: number): Buffer {
  const data = Buffer.from([0x2f, 0, 0, 0, 0, 0x88, 0x88, 0x08])
  const hasAlpha = 1
  data.writeUInt32LE(((hasAlpha << 28) | ((height - 1) << 14) | (width - 1)) >>> 0, 1)
  return data
}

/** A file of pixels alone says nothing of what else it holds: its size is in the pixels' own header. */
function simpleHeader({ type, data }: Chunk): Buffer {
  const header = Buffer.alloc(10)
  const bits = type === 'VP8L' ? data.readUInt32LE(1) : 0
  const [width, height] =
    type === 'VP8L'
      ? [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1]
      : [data.readUInt16LE(6) & 0x3fff, data.readUInt16LE(8) & 0x3fff]
  if (((bits >>> 28) & 1) === 1) header[0] = flags.alpha
  header.writeUIntLE(width - 1, 4, 3)
  header.writeUIntLE(height - 1, 7, 3)
  return header
}

function chunkBytes({ type, data }: Chunk): Buffer {
  const head = Buffer.alloc(8)
  head.write(type, 'latin1')
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)])
}

/** With the byte that evens out the last chunk, where a program or a download has left it out: all of the picture is there. */
export function evenedWebp(bytes: Buffer): Buffer | null {
  const isShort = bytes.length >= 12 && bytes.readUInt32LE(4) + 8 === bytes.length + 1
  const last = isShort ? chunksIn(bytes).at(-1) : undefined
  return last !== undefined && last.data.length % 2 === 1 ? Buffer.concat([bytes, Buffer.alloc(1)]) : null
}
