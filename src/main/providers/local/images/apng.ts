/**
 * Animated PNG. The picture library reads the first frame only, so the frames are taken apart here: each becomes a PNG of its own for it to
 * decode, and is laid over what is there as it says. The other way round, frames become one file.
 */
import sharp from 'sharp'
import { JobError } from '../../../../shared/failure.ts'
import { maxPixels } from './call.ts'
import { chunksIn, pngChunk, type PngChunk } from './png.ts'
import { inMemory, type Read } from './tiff.ts'

export interface AnimationFacts {
  readonly delaysMs: readonly number[]
  /** How often it is shown; 0: for ever. */
  readonly loops: number
}

export interface Animation extends AnimationFacts {
  readonly width: number
  readonly height: number
  /** All frames one below the other, red, green, blue and alpha. */
  readonly data: Buffer
}

/** What is done with a frame's place once it has been shown. */
const dispose = { none: 0, clear: 1, restore: 2 } as const
const blendOver = 1
const signatureBytes = 8
const pixelBytes = 4

interface Frame {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly top: number
  readonly delayMs: number
  readonly dispose: number
  readonly blend: number
  readonly pixels: readonly Buffer[]
}

/** Null where it is a still. */
export function animationFacts(read: Read): AnimationFacts | null {
  const chunks = chunksIn(read)
  const control = chunks.find(({ type }) => type === 'acTL')
  const data = control === undefined ? null : read(control.at, 8)
  if (data === null) return null
  const delaysMs = chunks.filter(({ type }) => type === 'fcTL').map(({ at }) => delayIn(read(at, 26) ?? Buffer.alloc(26)))
  return { delaysMs, loops: data.readUInt32BE(4) }
}

/** A hundredth of a second is what no divisor means. */
function delayIn(control: Buffer): number {
  return Math.round((control.readUInt16BE(20) * 1000) / (control.readUInt16BE(22) || 100))
}

export async function framesOf(png: Buffer): Promise<Animation> {
  const read = inMemory(png)
  const header = read(16, 17)
  if (header === null) throw new JobError('source-damaged', { because: 'not-decodable' })
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const frames = framesIn(read)
  if (width * height * frames.length > maxPixels)
    throw new JobError('tool-memory', { because: 'too-many-pixels', megapixels: maxPixels / 1e6 })
  const shared = sharedChunks(read)
  const canvas = Buffer.alloc(width * height * pixelBytes)
  const shown: Buffer[] = []
  for (const frame of frames) {
    if (frame.left + frame.width > width || frame.top + frame.height > height)
      throw new JobError('source-damaged', { because: 'not-decodable' })
    const before = frame.dispose === dispose.restore ? Buffer.from(canvas) : null
    draw(canvas, width, frame, await decoded(frame, header, shared))
    shown.push(Buffer.from(canvas))
    if (before !== null) before.copy(canvas)
    else if (frame.dispose === dispose.clear) clear(canvas, width, frame)
  }
  const facts = animationFacts(read) ?? { delaysMs: [], loops: 0 }
  return { width, height, ...facts, delaysMs: frames.map(({ delayMs }) => delayMs), data: Buffer.concat(shown) }
}

/** Those that belong to the animation: the picture for viewers that know none may not be among them. */
function framesIn(read: Read): readonly Frame[] {
  const frames: Frame[] = []
  let pixels: Buffer[] = []
  for (const { type, at, length } of chunksIn(read)) {
    const data = () => {
      const found = read(at, length)
      if (found === null) throw new JobError('source-damaged', { because: 'not-decodable' })
      return found
    }
    if (type === 'fcTL') {
      const control = data()
      pixels = []
      frames.push({
        width: control.readUInt32BE(4),
        height: control.readUInt32BE(8),
        left: control.readUInt32BE(12),
        top: control.readUInt32BE(16),
        delayMs: delayIn(control),
        // There is nothing yet that could be restored.
        dispose: frames.length === 0 && control[24] === dispose.restore ? dispose.clear : (control[24] ?? 0),
        blend: control[25] ?? 0,
        pixels,
      })
    } else if (type === 'IDAT') pixels.push(data())
    else if (type === 'fdAT') pixels.push(data().subarray(4))
  }
  return frames
}

/** What all frames are decoded by: palette, transparent colour, colour profile. */
function sharedChunks(read: Read): Buffer {
  const isShared = ({ type }: PngChunk) => /^(PLTE|tRNS|iCCP|sRGB|gAMA|cHRM|sBIT)$/.test(type)
  return Buffer.concat(
    chunksIn(read)
      .filter(isShared)
      .map(({ at, length }) => read(at - 8, length + 12) ?? Buffer.alloc(0)),
  )
}

async function decoded({ width, height, pixels }: Frame, header: Buffer, shared: Buffer): Promise<Buffer> {
  const own = Buffer.from(header.subarray(0, 13))
  own.writeUInt32BE(width, 0)
  own.writeUInt32BE(height, 4)
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  const data = pngChunk('IDAT', Buffer.concat(pixels))
  const png = Buffer.concat([signature, pngChunk('IHDR', own), shared, data, pngChunk('IEND', Buffer.alloc(0))])
  return await sharp(png, { limitInputPixels: maxPixels }).toColourspace('srgb').ensureAlpha().raw({ depth: 'uchar' }).toBuffer()
}

function draw(canvas: Buffer, canvasWidth: number, { width, height, left, top, blend }: Frame, pixels: Buffer): void {
  for (let y = 0; y < height; y += 1) {
    const to = ((top + y) * canvasWidth + left) * pixelBytes
    const from = y * width * pixelBytes
    if (blend === blendOver) {
      for (let x = 0; x < width * pixelBytes; x += pixelBytes) over(canvas, to + x, pixels, from + x)
    } else pixels.copy(canvas, to, from, from + width * pixelBytes)
  }
}

function over(canvas: Buffer, to: number, pixels: Buffer, from: number): void {
  const alpha = pixels[from + 3] ?? 0
  if (alpha === 0) return
  const below = ((canvas[to + 3] ?? 0) * (255 - alpha)) / 255
  const sum = alpha + below
  for (let n = 0; n < 3; n += 1)
    canvas[to + n] = Math.round(((pixels[from + n] ?? 0) * alpha + (canvas[to + n] ?? 0) * below) / sum)
  canvas[to + 3] = Math.round(sum)
}

function clear(canvas: Buffer, canvasWidth: number, { width, height, left, top }: Frame): void {
  for (let y = 0; y < height; y += 1) {
    const from = ((top + y) * canvasWidth + left) * pixelBytes
    canvas.fill(0, from, from + width * pixelBytes)
  }
}

/** One file of PNGs of the same size and kind. */
export function joined(frames: readonly Buffer[], { delaysMs, loops }: AnimationFacts): Buffer {
  const [first = Buffer.alloc(0)] = frames
  const numbers = (...values: readonly number[]): Buffer => {
    const data = Buffer.alloc(values.length * 4)
    for (const [n, value] of values.entries()) data.writeUInt32BE(value, n * 4)
    return data
  }
  let order = 0
  const parts: Buffer[] = [pngChunk('acTL', numbers(frames.length, loops))]
  for (const [n, frame] of frames.entries()) {
    const delay = Buffer.alloc(6)
    delay.writeUInt16BE(Math.min(0xffff, Math.round(delaysMs[n] ?? delaysMs.at(-1) ?? 100)), 0)
    delay.writeUInt16BE(1000, 2)
    parts.push(pngChunk('fcTL', Buffer.concat([numbers(order, frame.readUInt32BE(16), frame.readUInt32BE(20), 0, 0), delay])))
    order += 1
    for (const { type, at, length } of chunksIn(inMemory(frame))) {
      if (type !== 'IDAT') continue
      const data = frame.subarray(at, at + length)
      parts.push(n === 0 ? pngChunk('IDAT', data) : pngChunk('fdAT', Buffer.concat([numbers(order), data])))
      if (n > 0) order += 1
    }
  }
  const before = chunksIn(inMemory(first)).filter(({ type }) => type !== 'IDAT' && type !== 'IEND')
  const head = before.map(({ at, length }) => first.subarray(at - 8, at + length + 4))
  return Buffer.concat([first.subarray(0, signatureBytes), ...head, ...parts, pngChunk('IEND', Buffer.alloc(0))])
}
