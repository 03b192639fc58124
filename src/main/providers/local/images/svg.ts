/**
 * Drawings as the renderer takes them. It looks for the first element among the first 1,000 bytes, wants UTF-8 or what the declaration
 * says, and takes an inch for 72 pixels. Apart, since all that is known of SVG as text is here.
 */
import { readFile, stat } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { JobError } from '../../../../shared/failure.ts'
import { isZipped, textOf } from '../reading/signatures.ts'

const maxBytes = 64 << 20
/** What the reader of XML takes in one piece. */
const readerBytes = 10_000_000
/** The density at which a pixel of the drawing is a pixel of the picture. */
export const svgDensity = 72
/** Pixels of the web and of every drawing program; the renderer by itself takes an inch for 72. */
const pixels: Readonly<Record<string, number>> = { in: 96, cm: 96 / 2.54, mm: 96 / 25.4, Q: 96 / 101.6, pt: 96 / 72, pc: 16 }
const root = /<(?:[\w.-]+:)?svg\b[^>]*>/
const physical = /(\s(?:width|height)\s*=\s*)(["'])\s*([\d.]+)\s*(in|cm|mm|Q|pt|pc)\s*\2/g
const declaration = /^\s*<\?xml\s[^>]*\?>/

/** With the size of the whole in pixels, where it is stated in inches or the like. */
export async function readSvg(path: string): Promise<Buffer> {
  const { size } = await stat(path)
  const tooLarge = () => new JobError('tool-memory', { because: 'svg-too-large', megabytes: maxBytes >> 20 })
  if (size > maxBytes) throw tooLarge()
  return prepared(unzipped(await readFile(path), tooLarge))
}

/**
 * A photo inside may be longer than the renderer's reader of XML takes by itself. It takes that only of drawings without entities, which
 * could multiply.
 */
export function drawing(bytes: Buffer): { readonly bytes: Buffer; readonly options: { readonly unlimited: boolean } } {
  return { bytes, options: { unlimited: bytes.length > readerBytes && !bytes.includes('<!ENTITY') } }
}

function unzipped(bytes: Buffer, tooLarge: () => JobError): Buffer {
  if (!isZipped(bytes)) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    throw error instanceof RangeError ? tooLarge() : new JobError('source-damaged', { reason: String(error) }, { cause: error })
  }
}

function prepared(bytes: Buffer): Buffer {
  // Two bytes a character become UTF-8. Else byte for byte, so that any encoding that holds ASCII survives.
  const isWide = bytes.subarray(0, 2).includes(0) || bytes[0] === 0xfe || bytes[0] === 0xff
  const text = isWide ? Buffer.from(textOf(bytes)).toString('latin1') : bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '')
  const said = declaration.exec(text)
  const rest = said === null ? text.trimStart() : text.slice(said[0].length)
  const head = said === null ? '' : said[0].trimStart()
  // The name of the element is within reach then, however long the preamble is and whatever the prefix.
  return Buffer.from(`${isWide ? withoutEncoding(head) : head}<!-- <svg -->${inPixels(rest)}`, 'latin1')
}

function withoutEncoding(head: string): string {
  return head.replace(/\sencoding\s*=\s*(["']).*?\1/, '')
}

function inPixels(text: string): string {
  return text.replace(root, (tag) =>
    tag.replaceAll(physical, (_, name: string, quote: string, length: string, unit: string) => {
      return `${name}${quote}${Number(length) * (pixels[unit] ?? 1)}${quote}`
    }),
  )
}
