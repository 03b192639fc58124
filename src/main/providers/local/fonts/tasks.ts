/** Fonts, packed anew and looked into: work of a process of its own. */
import { readFile, writeFile } from 'node:fs/promises'
import { compress, decompress } from 'wawoff2'
import { JobError } from '../../../../shared/failure.ts'
import { formats } from '../../../../shared/formats.ts'
import type { DocumentFacts } from '../../../../shared/document-facts.ts'
import type { Remark } from '../../../../shared/notes.ts'
import { damaged, factsOf, isRestricted, outlinesOf, readSfnt, writeSfnt, type Outlines, type Sfnt } from './sfnt.ts'
import { packWoff, unpackWoff } from './woff.ts'

export type FontFormat = Outlines | 'woff' | 'woff2'

export const tasks = {
  /** @returns by content; `ttf` and `otf` by the kind of its outlines. */
  inspect: async ({
    path,
  }: {
    readonly path: string
  }): Promise<{ readonly format: FontFormat; readonly facts: DocumentFacts }> => {
    const bytes = await readFile(path)
    const font = readSfnt(await unpacked(bytes, path), path)
    return { format: packingOf(bytes) ?? outlinesOf(font), facts: factsOf(font) }
  },

  /** @returns what is to be said of the result. */
  convert: async (input: {
    readonly path: string
    readonly target: FontFormat
    readonly output: string
  }): Promise<readonly Remark[]> => {
    const { path, target, output } = input
    const { bytes, plain, font } = await opened(path)
    const isPlain = target === 'ttf' || target === 'otf'
    if (isPlain && outlinesOf(font) !== target) {
      const found = formats[outlinesOf(font)].title
      throw new JobError('source-unsupported', { path, because: 'other-outlines', found })
    }
    const packed = isPlain ? plain : target === 'woff' ? packWoff(font) : await packWoff2(writeSfnt(font), path)
    await writeFile(output, packed, { flag: 'wx' })
    return said(bytes, font)
  },

  /** For a program that draws the outlines anew: the bare font, and nothing of what a stranger's file might be besides. */
  unpack: async ({ path, output }: { readonly path: string; readonly output: string }): Promise<readonly Remark[]> => {
    const { bytes, font } = await opened(path)
    await writeFile(output, writeSfnt(font), { flag: 'wx' })
    const isVariable = font.tables.has('fvar')
    return [...said(bytes, font), { code: 'font-redrawn' }, ...(isVariable ? [{ code: 'font-axes-left' } as const] : [])]
  },
}

async function opened(path: string): Promise<{ readonly bytes: Buffer; readonly plain: Buffer; readonly font: Sfnt }> {
  const bytes = await readFile(path)
  const plain = await unpacked(bytes, path)
  return { bytes, plain, font: readSfnt(plain, path) }
}

function packingOf(bytes: Buffer): 'woff' | 'woff2' | null {
  const signature = bytes.toString('latin1', 0, 4)
  return signature === 'wOFF' ? 'woff' : signature === 'wOF2' ? 'woff2' : null
}

async function unpacked(bytes: Buffer, path: string): Promise<Buffer> {
  const packing = packingOf(bytes)
  if (packing === null) return bytes
  if (packing === 'woff') return unpackWoff(bytes, path)
  return Buffer.from(
    await decompress(bytes).catch((cause: unknown) => {
      throw damaged(path, cause)
    }),
  )
}

async function packWoff2(font: Buffer, path: string): Promise<Buffer> {
  return Buffer.from(
    await compress(font).catch((cause: unknown) => {
      throw damaged(path, cause)
    }),
  )
}

function said(bytes: Buffer, font: Sfnt): readonly Remark[] {
  return [
    ...(isRestricted(font) ? [{ code: 'font-restricted' } as const] : []),
    ...(hasWords(bytes) ? [{ code: 'font-words-left' } as const] : []),
  ]
}

/** Where the header of a web font says how long its metadata and its private data are, which belong to no table. */
const wordsAt = { woff: [28, 40], woff2: [32, 44] } as const

function hasWords(bytes: Buffer): boolean {
  const packing = packingOf(bytes)
  return packing !== null && wordsAt[packing].some((at) => bytes.length >= at + 4 && bytes.readUInt32BE(at) > 0)
}
