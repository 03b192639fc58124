/**
 * What a file is by its first bytes. Read here, in JavaScript, so that the main process never hands a stranger's file to a native
 * decoder, and a worker gets only what it can read.
 * Apart, since it runs in the main process and loads no decoder.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { JobError } from '../../../../shared/failure.ts'
import type { ImageSource } from './pairings.ts'

/** An SVG may begin with a declaration, comments and a long DOCTYPE. */
const headBytes = 4096

/** Windows has neither FIFOs nor this flag. */
const nonBlocking = (constants as Partial<typeof constants>).O_NONBLOCK ?? 0

export interface Content {
  /** Null: no kind of picture. */
  readonly format: ImageSource | null
  readonly bytes: number
}

/** Throws where there is nothing to read: `source-missing`, `source-unreadable`, `source-not-file`, `source-empty`. */
export async function contentOf(path: string): Promise<Content> {
  // A FIFO that nobody writes to would keep a blocking open waiting for ever.
  const file = await open(path, constants.O_RDONLY | nonBlocking).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new JobError('source-missing', { path })
    if (error.code === 'EACCES' || error.code === 'EPERM') throw new JobError('source-unreadable', { path, reason: error.code })
    throw error
  })
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new JobError('source-not-file', { path, because: stat.isDirectory() ? 'a-folder' : 'a-device' })
    if (stat.size === 0) throw new JobError('source-empty', { path })
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return { format: formatOfBytes(buffer.subarray(0, bytesRead)), bytes: stat.size }
  } finally {
    await file.close()
  }
}

export function formatOfBytes(head: Buffer): ImageSource | null {
  const text = head.toString('latin1')
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (/^GIF8[79]a/.test(text)) return 'gif'
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp'
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return 'tiff'
  if (text.slice(4, 8) === 'ftyp') return formatOfBrands(head)
  if (text.slice(0, 1024).includes('%PDF-')) return 'pdf'
  return /<(?:[\w-]+:)?svg[\s>]/.test(readable(head)) && /^\s*</.test(readable(head)) ? 'svg' : null
}

/** The major brand may only say "some picture" (`mif1`); the compatible ones then tell the codec. */
function formatOfBrands(head: Buffer): ImageSource | null {
  const boxBytes = head.readUInt32BE(0)
  const brands = head.toString('latin1', 8, Math.min(boxBytes, head.length)).match(/.{4}/gs) ?? []
  const known = brands.map((brand) => {
    if (/^avi[fs]$/.test(brand)) return 'avif' as const
    return /^(hei[cxms]|hev[cxms])$/.test(brand) ? ('heic' as const) : null
  })
  return known.find((format) => format !== null) ?? null
}

function readable(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return head.toString('utf16le').replace(/^\uFEFF/, '')
  return head.toString('utf8').replace(/^\uFEFF/, '')
}
