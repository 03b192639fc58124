/** RAR archives with one stored file: nobody but RARLAB's own program may compress, and what stores needs no more than headers. */
import { crc32 } from 'node:zlib'

/** As version 4 of the format has it. */
export function rar4Of(name: string, content: Buffer): Buffer {
  const block = (type: number, flags: number, fields: Buffer) => {
    const header = Buffer.alloc(7)
    header.writeUInt8(type, 2)
    header.writeUInt16LE(flags, 3)
    header.writeUInt16LE(7 + fields.length, 5)
    const whole = Buffer.concat([header, fields])
    whole.writeUInt16LE(crc32(whole.subarray(2)) & 0xffff, 0)
    return whole
  }
  const fields = Buffer.alloc(25)
  fields.writeUInt32LE(content.length, 0)
  fields.writeUInt32LE(content.length, 4)
  // Made on Unix.
  fields.writeUInt8(3, 8)
  fields.writeUInt32LE(crc32(content), 9)
  // 2020-02-03 04:05:06, as DOS has it.
  fields.writeUInt32LE((((40 << 9) | (2 << 5) | 3) << 16) | (4 << 11) | (5 << 5) | 3, 13)
  fields.writeUInt8(20, 17)
  // Stored.
  fields.writeUInt8(0x30, 18)
  fields.writeUInt16LE(name.length, 19)
  fields.writeUInt32LE(0o100644, 21)
  return Buffer.concat([
    Buffer.from('Rar!\x1a\x07\0', 'latin1'),
    block(0x73, 0, Buffer.alloc(6)),
    block(0x74, 0x8000, Buffer.concat([fields, Buffer.from(name)])),
    content,
    block(0x7b, 0x4000, Buffer.alloc(0)),
  ])
}

/** As version 5 of the format has it. */
export function rar5Of(name: string, content: Buffer): Buffer {
  const number = (value: number): readonly number[] => (value < 128 ? [value] : [(value & 127) | 128, ...number(value >>> 7)])
  const header = (fields: Buffer) => {
    const sized = Buffer.concat([Buffer.from(number(fields.length)), fields])
    const sum = Buffer.alloc(4)
    sum.writeUInt32LE(crc32(sized))
    return Buffer.concat([sum, sized])
  }
  const word = (value: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    return bytes
  }
  const rawName = Buffer.from(name)
  return Buffer.concat([
    Buffer.from('Rar!\x1a\x07\x01\0', 'latin1'),
    header(Buffer.from([1, 0, 0])),
    header(
      Buffer.concat([
        // A file with data behind its header; a time and a checksum; permissions of Unix.
        Buffer.from([2, 2, ...number(content.length), 6, ...number(content.length), ...number(0o100644)]),
        word(1_580_702_706),
        word(crc32(content)),
        // Stored, made on Unix.
        Buffer.from([0, 1, ...number(rawName.length)]),
        rawName,
      ]),
    ),
    content,
    header(Buffer.from([5, 0, 0])),
  ])
}
