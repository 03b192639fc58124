/** Fonts, packed anew and looked into: work of a process of its own. */
import { readFile, writeFile } from 'node:fs/promises'
import { convert } from 'fontverter'
import { JobError } from '../../../../shared/failure.ts'
import { formats } from '../../../../shared/formats.ts'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'

export type FontFormat = 'ttf' | 'otf' | 'woff' | 'woff2'

/** Of a font that is not packed. */
const signatures: ReadonlySet<string> = new Set(['\0\x01\0\0', 'OTTO', 'true', 'typ1'])

export const tasks = {
  /** @returns by content; `ttf` and `otf` by the kind of its outlines. */
  inspect: async ({
    path,
  }: {
    readonly path: string
  }): Promise<{ readonly format: FontFormat; readonly facts: DocumentFacts }> => {
    const bytes = await readFile(path)
    const packed = packingOf(bytes)
    const font = await unpacked(bytes, path)
    return { format: packed ?? outlinesOf(font), facts: factsOf(font, path) }
  },

  convert: async ({ path, target, output }: { readonly path: string; readonly target: FontFormat; readonly output: string }) => {
    const font = await unpacked(await readFile(path), path)
    const isPlain = target === 'ttf' || target === 'otf'
    // Curves of one kind cannot become those of the other without being drawn anew.
    if (isPlain && outlinesOf(font) !== target) {
      const from = formats[outlinesOf(font)].title
      throw new JobError('source-unsupported', { path, because: 'other-outlines', found: from })
    }
    const packed = isPlain ? font : await convert(font, target, 'sfnt')
    await writeFile(output, packed, { flag: 'wx' })
    return { bytes: packed.length }
  },
}

function packingOf(bytes: Buffer): 'woff' | 'woff2' | null {
  const signature = bytes.toString('latin1', 0, 4)
  return signature === 'wOFF' ? 'woff' : signature === 'wOF2' ? 'woff2' : null
}

async function unpacked(bytes: Buffer, path: string): Promise<Buffer> {
  const packed = packingOf(bytes)
  const font =
    packed === null
      ? bytes
      : await convert(bytes, 'sfnt', packed).catch((cause: unknown) => {
          throw new JobError('source-damaged', { path, because: 'not-decodable' }, { cause })
        })
  if (font.length < 12 || !signatures.has(font.toString('latin1', 0, 4)))
    throw new JobError('source-damaged', { path, because: 'not-decodable' })
  return font
}

function outlinesOf(font: Buffer): 'ttf' | 'otf' {
  return font.toString('latin1', 0, 4) === 'OTTO' ? 'otf' : 'ttf'
}

/** As the OpenType specification has the table directory and `maxp`. */
function factsOf(font: Buffer, path: string): DocumentFacts {
  const tables: string[] = []
  let glyphs: number | undefined
  for (let n = 0; n < font.readUInt16BE(4); n += 1) {
    const at = 12 + n * 16
    if (at + 16 > font.length) throw new JobError('source-damaged', { path, because: 'not-decodable' })
    const tag = font.toString('latin1', at, at + 4)
    const offset = font.readUInt32BE(at + 8)
    if (offset + font.readUInt32BE(at + 12) > font.length)
      throw new JobError('source-damaged', { path, because: 'not-decodable' })
    tables.push(tag)
    if (tag === 'maxp') glyphs = font.readUInt16BE(offset + 4)
  }
  return { tables: tables.toSorted(), ...(glyphs !== undefined && { glyphs }) }
}
