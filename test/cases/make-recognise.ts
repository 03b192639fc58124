/** Files that say what they are in unusual ways, byte by byte. */
import { deflateSync, gzipSync } from 'node:zlib'

const rectangle = '<rect width="60" height="40" fill="#c02020"/>'
const body = `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40">${rectangle}</svg>`
const declaration = '<?xml version="1.0" encoding="utf-8"?>\n'
const entities = [
  '<!-- Generator: a drawing program, SVG Export Plug-In -->',
  '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [',
  '\t<!ENTITY ns_extend "http://ns.adobe.com/Extensibility/1.0/">',
  '\t<!ENTITY ns_graphs "http://ns.adobe.com/Graphs/1.0/">',
  ']>',
  '',
].join('\n')

/** A red rectangle of 60 by 40, each time told otherwise. */
export const drawings: Readonly<Record<string, Buffer>> = {
  'with a document type and entities': Buffer.from(declaration + entities + body.replace('<svg ', '<svg xmlns:x="&ns_extend;" ')),
  'without a declaration': Buffer.from(body),
  'with a document type alone': Buffer.from(`<!DOCTYPE svg>\n${body}`),
  'behind a long licence': Buffer.from(`${declaration}<!-- ${'word '.repeat(1500)}-->\n${body}`),
  'behind blank lines': Buffer.from(`\n\n${declaration}${body}`),
  'with a style sheet': Buffer.from(`${declaration}<?xml-stylesheet type="text/css" href="a.css"?>\n${body}`),
  'with a prefix': Buffer.from(
    `${declaration}<s:svg xmlns:s="http://www.w3.org/2000/svg" width="60" height="40">${rectangle.replace('<rect', '<s:rect')}</s:svg>`,
  ),
  'with a byte order mark': Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(declaration + body)]),
  'in UTF-16, little-endian': utf16(declaration.replace('utf-8', 'utf-16') + body),
  'in UTF-16, big-endian': utf16(declaration.replace('utf-8', 'utf-16') + body).swap16(),
  zipped: gzipSync(declaration + body),
}

function utf16(text: string): Buffer {
  return Buffer.from(`\uFEFF${text}`, 'utf16le')
}

/** A PDF of so many pages of 200 by 100 points, each with a rectangle, behind something else. */
export function pdfBehind(before: string, pages: number): Buffer {
  const kids = Array.from({ length: pages }, (_, n) => `${3 + 2 * n} 0 R`).join(' ')
  const objects = [`<</Type/Catalog/Pages 2 0 R>>`, `<</Type/Pages/Count ${pages}/Kids[${kids}]>>`]
  for (let n = 0; n < pages; n += 1) {
    const drawing = '1 0 0 rg 20 20 100 60 re f'
    objects.push(
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents ${4 + 2 * n} 0 R>>`,
      `<</Length ${drawing.length}>>stream\n${drawing}\nendstream`,
    )
  }
  let text = '%PDF-1.4\n'
  const places = objects.map((object, index) => {
    const at = text.length
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return `${String(at).padStart(10, '0')} 00000 n \n`
  })
  const table = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join('')}`
  text += `trailer<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${table}\n%%EOF\n`
  return Buffer.from(before + text, 'latin1')
}

type Tags = Readonly<Record<number, number | readonly number[] | string>>
interface Sheet {
  readonly tags: Tags
  readonly pixels: Buffer
  /** Led to by tag 330. */
  readonly below?: Sheet
}

const photo = (width: number, height: number, more: Tags = {}): Sheet => ({
  tags: { 256: width, 257: height, 258: [8, 8, 8], 259: 1, 262: 2, 277: 3, 278: height, ...more },
  pixels: Buffer.alloc(width * height * 3, 90),
})
const sensor = (width: number, height: number, more: Tags = {}): Sheet => ({
  tags: { 254: 0, 256: width, 257: height, 258: 16, 259: 1, 262: 32803, 277: 1, 278: height, ...more },
  pixels: Buffer.alloc(width * height * 2, 7),
})
const maker = { 271: 'A Camera Works', 272: 'One' } as const

/** Pictures in TIFF, by what makes them camera raw. */
export const rawPhotos: Readonly<Record<string, Buffer>> = {
  'a small picture with the sensor below': tiffOf({ ...photo(160, 120, { 254: 1, ...maker }), below: sensor(300, 200) }),
  'the sensor as the first picture': tiffOf(sensor(300, 200, maker)),
  'a small picture with a full one below': tiffOf({ ...photo(16, 12, { 254: 1 }), below: photo(60, 40) }),
  'what says that it is a digital negative': tiffOf(photo(60, 40, { 50706: [1, 4, 0, 0] })),
  'pixels that its maker alone can unpack': tiffOf({ ...photo(16, 12, maker), below: sensor(60, 40, { 259: 34713, 262: 1 }) }),
}
export const plainTiff = tiffOf(photo(60, 40))
/** A pyramid: the full picture first, smaller copies below it. */
export const pyramid = tiffOf({ ...photo(60, 40), below: photo(30, 20, { 254: 1 }) })

/** Signatures of cameras that write no plain TIFF. */
export const rawSignatures: Readonly<Record<string, Buffer>> = {
  'IMG_1.CR2': padded('II*\0\x10\0\0\0CR\x02\0'),
  'IMG_1.CR3': padded('\0\0\0\x18ftypcrx \0\0\0\x01crx isom'),
  'DSCF1.RAF': padded('FUJIFILMCCD-RAW 0201'),
  'P1.ORF': padded('IIRO\x08\0\0\0'),
  'P1.RW2': padded('IIU\0\x18\0\0\0'),
  'PICT1.MRW': padded('\0MRM\0\x01\0\0'),
  'SDIM1.X3F': padded('FOVb\0\0\x03\0'),
}

function padded(text: string): Buffer {
  return Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(4000, 1)])
}

function tiffOf(first: Sheet): Buffer {
  const parts: Buffer[] = [Buffer.from('II*\0\0\0\0\0', 'latin1')]
  const length = () => parts.reduce((sum, part) => sum + part.length, 0)
  const append = (bytes: Buffer): number => {
    if (length() % 2 === 1) parts.push(Buffer.alloc(1))
    const at = length()
    parts.push(bytes)
    return at
  }
  const write = ({ tags, pixels, below }: Sheet): number => {
    const led = below === undefined ? {} : { 330: write(below) }
    const all: Tags = { ...tags, ...led, 273: append(pixels), 279: pixels.length }
    const numbers = Object.keys(all)
      .map(Number)
      .toSorted((one, other) => one - other)
    const entries = numbers.map((tag) => {
      const value = all[tag] ?? 0
      const entry = Buffer.alloc(12)
      const isText = typeof value === 'string'
      const values = isText ? [] : typeof value === 'number' ? [value] : value
      const isLong = tag === 330 || tag === 273 || tag === 279
      const size = isLong ? 4 : tag === 50706 ? 1 : 2
      const data = isText ? Buffer.from(`${value}\0`, 'latin1') : Buffer.alloc(values.length * size)
      for (const [index, each] of values.entries()) data.writeUIntLE(each, index * size, size)
      entry.writeUInt16LE(tag, 0)
      entry.writeUInt16LE(isText ? 2 : size === 4 ? 4 : size === 1 ? 1 : 3, 2)
      entry.writeUInt32LE(isText ? data.length : values.length, 4)
      if (data.length > 4) entry.writeUInt32LE(append(data), 8)
      else data.copy(entry, 8)
      return entry
    })
    const count = Buffer.alloc(2)
    count.writeUInt16LE(entries.length)
    return append(Buffer.concat([count, ...entries, Buffer.alloc(4)]))
  }
  const at = write(first)
  const bytes = Buffer.concat(parts)
  bytes.writeUInt32LE(at, 4)
  return bytes
}

/** The `ftyp` box of a file that is given another major brand, its own ones behind it. */
export function withMajorBrand(file: Buffer, brand: string): Buffer {
  return Buffer.concat([file.subarray(0, 8), Buffer.from(brand, 'latin1'), file.subarray(12)])
}

/** A PNG of three frames, one a second, and of one colour each. */
export function animatedPng(): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const bytes = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const whole = Buffer.alloc(bytes.length + 8)
    whole.writeUInt32BE(data.length)
    bytes.copy(whole, 4)
    whole.writeUInt32BE(checksum(bytes), bytes.length + 4)
    return whole
  }
  const words = (...values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4)
    for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4)
    return bytes
  }
  const pixels = (colour: readonly number[]) =>
    deflateSync(Buffer.from(Array.from({ length: 8 }, () => [0, ...Array.from({ length: 8 }, () => colour).flat()]).flat()))
  const control = (number: number) => chunk('fcTL', Buffer.concat([words(number, 8, 8, 0, 0), Buffer.from([0, 1, 0, 1, 0, 0])]))
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  const header = chunk('IHDR', Buffer.concat([words(8, 8), Buffer.from([8, 2, 0, 0, 0])]))
  const frames = [
    [0, 255, 0],
    [0, 0, 255],
  ].flatMap((colour, index) => [control(index * 2 + 1), chunk('fdAT', Buffer.concat([words(index * 2 + 2), pixels(colour)]))])
  return Buffer.concat([
    signature,
    header,
    chunk('acTL', words(3, 0)),
    control(0),
    chunk('IDAT', pixels([255, 0, 0])),
    ...frames,
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function checksum(bytes: Buffer): number {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
