/**
 * The frames of an animation, or the pages of a document, made smaller one by one. The library would resize them as the one tall
 * picture that they are to it, and the edge of each would run into its neighbour.
 */
import sharp, { type Sharp } from 'sharp'
import { mostPixels } from './trouble.ts'

/** In sRGB, with 8 bits a channel or 16 as they come. `resize` gets every frame alone. */
export async function eachResized(image: Sharp, pageHeight: number, resize: (frame: Sharp) => Sharp): Promise<Sharp> {
  const depth = (await image.metadata()).depth === 'ushort' ? 'ushort' : 'uchar'
  if (depth === 'ushort') image.toColourspace('rgb16')
  const { data, info } = await image.raw({ depth }).toBuffer({ resolveWithObject: true })
  const { width, channels } = info
  const frameBytes = width * pageHeight * channels * (depth === 'ushort' ? 2 : 1)
  const done: Buffer[] = []
  let size = { width, height: pageHeight, channels }
  for (let start = 0; start < data.length; start += frameBytes) {
    const frame = sharp(samples(data.subarray(start, start + frameBytes), depth), {
      raw: { width, height: pageHeight, channels },
    })
    if (depth === 'ushort') frame.toColourspace('rgb16')
    const resized = await resize(frame).raw({ depth }).toBuffer({ resolveWithObject: true })
    done.push(resized.data)
    size = { width: resized.info.width, height: resized.info.height, channels: resized.info.channels }
  }
  const raw = { ...size, height: size.height * done.length, pageHeight: size.height }
  return sharp(samples(Buffer.concat(done), depth), { raw, limitInputPixels: mostPixels })
}

/** The library tells the depth of raw pixels by the kind of array. */
function samples(bytes: Buffer, depth: 'uchar' | 'ushort'): Buffer | Uint16Array {
  if (depth === 'uchar') return bytes
  const own = new Uint8Array(bytes)
  return new Uint16Array(own.buffer)
}
