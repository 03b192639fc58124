/**
 * What pictures and documents begin with: the one place that tells them, for intake, for conversion and for small pictures. Pure, so that
 * the main process may ask it without handing a stranger's file to a decoder.
 */
import { gunzipSync, constants } from 'node:zlib'
import type { ImageSource } from '../images/pairings.ts'

/** Enough for every signature here but that of a drawing with a long preamble. */
export const headBytes = 4096
/** Comments, entities and licences may stand before the first element of a drawing. */
export const preambleBytes = 1 << 20

/** `unfinished`: a drawing may begin behind what was read. */
export type Beginning = ImageSource | 'raw' | 'unfinished' | null

/** @param head the first bytes of a file, as many as there are up to `headBytes` or, once it was `unfinished`, `preambleBytes`. */
export function beginningOf(head: Buffer): Beginning {
  return pictureOf(head) ?? documentOf(head)
}

/** By bytes that nothing else begins with. */
export function pictureOf(head: Buffer): ImageSource | 'raw' | null {
  const text = head.toString('latin1', 0, 32)
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (/^GIF8[79]a/.test(text)) return 'gif'
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp'
  if (rawBeginnings.test(text)) return 'raw'
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return 'tiff'
  if (text.startsWith('%PDF-')) return 'pdf'
  return text.slice(4, 8) === 'ftyp' ? formatOfBrands(head) : null
}

/** Canon, Fujifilm, Panasonic and Leica, Olympus, Minolta, Sigma and Phase One have signatures of their own; the others write plain TIFF. */
const rawBeginnings =
  /^(II\*\0.{4}CR|II\x1a\0\0\0HEAPCCDR|FUJIFILMCCD-RAW|IIU\0|IIRO|IIRS|MMOR|\0MRM|FOVb|II\*\0.{4}IIII|MM\0\*.{4}MMMM)/s // oxlint-disable-line no-control-regex -- signatures

/** Image brands as the major one; the compatible ones then tell the codec where that says only "some picture". */
const pictureBrands = /^(mif[12]|msf1|miaf|hei[cxms]|hev[cxms]|avi[fs])$/

function formatOfBrands(head: Buffer): ImageSource | 'raw' | null {
  const boxBytes = head.readUInt32BE(0)
  const brands = head.toString('latin1', 8, Math.min(boxBytes, head.length)).match(/.{4}/gs) ?? []
  const [major = ''] = brands
  if (major === 'crx ') return 'raw'
  // A film may say that it is compatible with pictures.
  if (!pictureBrands.test(major)) return null
  const codec = brands.find((brand) => /^(avi[fs]|hei[cxms]|hev[cxms])$/.test(brand))
  return codec?.startsWith('avi') === true ? 'avif' : 'heic'
}

/** How far from its beginning a PDF may say what it is: mail and report servers leave their headers before that. */
const pdfBytes = 1024

/** By what may stand behind something else. */
export function documentOf(head: Buffer): 'pdf' | 'svg' | 'unfinished' | null {
  if (head.subarray(0, pdfBytes + 5).includes('%PDF-')) return 'pdf'
  return drawingIn(textOf(isZipped(head) ? unzipped(head) : head))
}

export function isZipped(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}

function unzipped(head: Buffer): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: preambleBytes })
  } catch {
    return Buffer.alloc(0)
  }
}

/** In whatever encoding it is, as far as tags are concerned. */
export function textOf(bytes: Buffer): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0))
    return bytes.toString('utf16le').replace(/^\uFEFF/, '')
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) {
    const whole = bytes.subarray(0, bytes.length - (bytes.length % 2))
    return Buffer.from(whole)
      .swap16()
      .toString('utf16le')
      .replace(/^\uFEFF/, '')
  }
  return bytes.toString('utf8').replace(/^\uFEFF/, '')
}

/** Whether the first element is `svg`, whatever stands before it. Step by step, since a pattern could be made to search for ever. */
function drawingIn(text: string): 'svg' | 'unfinished' | null {
  let at = 0
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1
    const end = endOfMisc(text, at)
    if (end === -1) return 'unfinished'
    if (end === at) return /^<(?:[\w.-]+:)?svg[\s/>]/.test(text.slice(at, at + 100)) ? 'svg' : null
    at = end
  }
}

/** Where a declaration, an instruction, a comment or a document type ends; -1 where that is not in the text, `at` where none begins. */
function endOfMisc(text: string, at: number): number {
  const behind = (mark: string, from: number) => {
    const found = text.indexOf(mark, from)
    return found === -1 ? -1 : found + mark.length
  }
  if (text.startsWith('<!--', at)) return behind('-->', at + 4)
  if (text.startsWith('<?', at)) return behind('?>', at + 2)
  if (!/^<!doctype\b/i.test(text.slice(at, at + 10))) return at
  const close = text.indexOf('>', at)
  const bracket = text.indexOf('[', at)
  if (close === -1 || bracket === -1 || bracket > close) return close === -1 ? -1 : close + 1
  // Entities may hold any brackets in their quotes; the end of the list is the first that closes both.
  const found = /\]\s*>/.exec(text.slice(bracket))
  return found === null ? -1 : bracket + found.index + found[0].length
}
