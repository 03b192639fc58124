/** Writes ZIP archives, honest ones and such as no honest program writes. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  /** Bytes, where the name is not to be UTF-8. */
  readonly name: string | Buffer
  readonly content: Buffer
  /** Unix file type and permissions; a regular file unless set. */
  readonly mode?: number
  /** What the directory claims instead of the truth. */
  readonly claims?: { readonly bytes?: number; readonly crc?: number; readonly flags?: number }
}

export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, mode = 0o100644, claims = {} } of entries) {
    const rawName = Buffer.from(name as string)
    const packed = deflateRawSync(content)
    const flags = claims.flags ?? (typeof name === 'string' ? 0x800 : 0)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags, 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(claims.crc ?? crc32(content), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(claims.bytes ?? content.length, 18)
    common.writeUInt16LE(rawName.length, 22)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, rawName, packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE((mode << 16) >>> 0, 6)
    rest.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 3]), common, rest, rawName]))
    locals.push(local)
    offset += local.length
  }
  const size = directory.reduce((sum, one) => sum + one.length, 0)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, ...directory, end])
}
