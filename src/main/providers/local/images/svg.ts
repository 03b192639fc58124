/** SVG as bytes: without a file name, the renderer has nowhere to resolve references against and opens no other file. */
import { readFile, stat } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'

const mostBytes = 64 << 20
/** The density at which a pixel of the drawing is a pixel of the picture. */
export const svgDensity = 72
/** Pixels of the web and of every drawing program; the renderer by itself takes an inch for 72. */
const pixels: Readonly<Record<string, number>> = { in: 96, cm: 96 / 2.54, mm: 96 / 25.4, Q: 96 / 101.6, pt: 96 / 72, pc: 16 }
const root = /<(?:[\w-]+:)?svg\b[^>]*>/
const physical = /(\s(?:width|height)\s*=\s*)(["'])\s*([\d.]+)\s*(in|cm|mm|Q|pt|pc)\s*\2/g

/** With the size of the whole in pixels, where it is stated in inches or the like. */
export async function readSvg(path: string): Promise<Buffer> {
  const { size } = await stat(path)
  if (size > mostBytes) throw new JobError('tool-memory', { reason: `an SVG of more than ${mostBytes >> 20} MB` })
  // Byte for byte, so that any encoding that holds ASCII survives.
  const text = (await readFile(path)).toString('latin1')
  const inPixels = text.replace(root, (tag) =>
    tag.replaceAll(physical, (_, name: string, quote: string, length: string, unit: string) => {
      return `${name}${quote}${Number(length) * (pixels[unit] ?? 1)}${quote}`
    }),
  )
  return Buffer.from(inPixels, 'latin1')
}
