/** What the pictures that ImageMagick reads begin with. Apart and pure, so that the main process may ask it without handing a stranger's file to a decoder. */
import type { MagickSource } from './pairings.ts'

/** @param head the first bytes of a file, 32 of them where there are as many. */
export function magickFormatOf(head: Buffer): MagickSource | null {
  const text = head.toString('latin1', 0, 32)
  return beginnings.find(([begins]) => begins.test(text))?.[1] ?? null
}

const beginnings: readonly (readonly [RegExp, MagickSource])[] = [
  [/^8BPS\0[\x01\x02]/, 'psd'], // oxlint-disable-line no-control-regex -- signatures
  [/^(\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n)/, 'jxl'], // oxlint-disable-line no-control-regex -- signatures
  [/^(\0\0\0\x0cjP {2}\r\n\x87\n|\xff\x4f\xff\x51)/, 'jp2'], // oxlint-disable-line no-control-regex -- signatures
  [/^v\/1\x01/, 'exr'], // oxlint-disable-line no-control-regex -- signatures
  [/^#\?(RADIANCE|RGBE)\s/, 'hdr'],
  [/^DDS \x7c\0\0\0/, 'dds'],
  [/^qoif.{8}[\x03\x04][\0\x01]/s, 'qoi'], // oxlint-disable-line no-control-regex -- signatures
  [/^gimp xcf (file|v\d\d\d)\0/, 'xcf'],
  [/^icns/, 'icns'],
  // Its reserved fields are 0 and its header has one of the sizes that ever were.
  [/^BM.{8}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0/s, 'bmp'], // oxlint-disable-line no-control-regex -- signatures
  // Each entry has a reserved byte, few planes and few bits.
  [/^\0\0\x01\0[\x01-\xff]\0.{3}[\0\xff][\0\x01]\0[\0-\x20]\0/s, 'ico'], // oxlint-disable-line no-control-regex -- signatures
  [/^\x0a[\0\x02-\x05][\0\x01][\x01\x02\x04\x08]/, 'pcx'], // oxlint-disable-line no-control-regex -- signatures
  [/^P[1-6]\s+(#[^\n]*\n\s*)*\d/, 'ppm'],
  [/^P7\n(#|WIDTH|HEIGHT|DEPTH|MAXVAL|TUPLTYPE)/, 'ppm'],
  [/^P[Ff]\s+\d/, 'ppm'],
]

/** Of the formats without a beginning of their own that one that is named so may be, by the fields of its header. */
export function looksLikeTga(head: Buffer): boolean {
  if (head.length < 18) return false
  const [colourMap, kind, bits] = [head[1] ?? 255, head[2] ?? 255, head[16] ?? 255]
  return colourMap <= 1 && [1, 2, 3, 9, 10, 11].includes(kind) && [8, 15, 16, 24, 32].includes(bits)
}
