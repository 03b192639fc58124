/**
 * A PNG, not compressed, that carries pixels together with the EXIF, ICC profile and XMP that belong to them: the only way to hand
 * sharp metadata that it did not read from a file itself.
 * Apart, since it writes a format of its own.
 */
import { crc32, deflateSync } from 'node:zlib'
import type { Sharp } from 'sharp'

export interface Carried {
  /** Without the `Exif` prefix. */
  readonly exif: Buffer | null
  readonly icc: Buffer | null
}

/** Behind the signature and the IHDR chunk. */
const chunksStart = 33

export async function carrierOf(pixels: Sharp, { exif, icc }: Carried): Promise<Buffer> {
  const png = await pixels.png({ compressionLevel: 0 }).toBuffer()
  const chunks = [
    ...(icc === null ? [] : [chunk('iCCP', Buffer.concat([Buffer.from('ICC\0\0', 'latin1'), deflateSync(icc)]))]),
    ...(exif === null ? [] : [chunk('eXIf', exif)]),
  ]
  return Buffer.concat([png.subarray(0, chunksStart), ...chunks, png.subarray(chunksStart)])
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}
