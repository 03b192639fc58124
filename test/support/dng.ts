/** Digital negatives, tag by tag: what the sensor of a camera saw, with a smaller picture of it for viewers. */
import { directoryBytes, type TiffEntry } from '../../src/main/providers/local/images/tiff.ts'

export interface Negative {
  readonly width: number
  readonly height: number
  /** Linear, each 0 to 1. */
  readonly colourAt: (x: number, y: number) => readonly [red: number, green: number, blue: number]
  /** Of EXIF; 1: upright. */
  readonly orientation?: number
  /** A JPEG, which the file holds beside what the sensor saw. */
  readonly preview?: { readonly jpeg: Buffer; readonly width: number; readonly height: number }
  /** How the values of the sensor are packed, by TIFF's numbers; 1: not at all. */
  readonly compression?: number
}

const [byte, text, short, long, rational, signed] = [1, 2, 3, 4, 5, 10]
const bytesOf: Readonly<Record<number, number>> = { [byte]: 1, [short]: 2, [long]: 4 }
/** The colours of such a camera are those of screens: from XYZ by the matrix of sRGB. */
const screenColours = [3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.204, 1.057]
const white = 65_535

/** Values of 16 bits through red, green, green and blue filters. */
export function negativeOf({ width, height, colourAt, orientation = 1, preview, compression = 1 }: Negative): Buffer {
  const parts: Buffer[] = [Buffer.from('II*\0\0\0\0\0', 'latin1')]
  const append = (bytes: Buffer): number => {
    const at = parts.reduce((sum, part) => sum + part.length, 0)
    parts.push(bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]))
    return at
  }
  const write = (entries: readonly TiffEntry[]): number => append(directoryBytes(entries, append(Buffer.alloc(0)), 0))

  const sensor = Buffer.alloc(width * height * 2)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      sensor.writeUInt16LE(Math.round((colourAt(x, y)[(y % 2) + (x % 2)] ?? 0) * white), (y * width + x) * 2)
  const below = [
    write([
      numbers(254, long, 0),
      numbers(256, long, width),
      numbers(257, long, height),
      numbers(258, short, 16),
      numbers(259, short, compression),
      numbers(262, short, 32803),
      numbers(273, long, append(sensor)),
      numbers(277, short, 1),
      numbers(278, long, height),
      numbers(279, long, sensor.length),
      numbers(33421, short, 2, 2),
      numbers(33422, byte, 0, 1, 1, 2),
      numbers(50717, long, white),
    ]),
  ]
  if (preview !== undefined)
    below.push(
      write([
        numbers(254, long, 1),
        numbers(256, long, preview.width),
        numbers(257, long, preview.height),
        numbers(258, short, 8, 8, 8),
        numbers(259, short, 7),
        numbers(262, short, 6),
        numbers(273, long, append(preview.jpeg)),
        numbers(277, short, 3),
        numbers(278, long, preview.height),
        numbers(279, long, preview.jpeg.length),
      ]),
    )
  const small = Buffer.alloc(16 * 12 * 3, 90)
  const first = write([
    numbers(254, long, 1),
    numbers(256, long, 16),
    numbers(257, long, 12),
    numbers(258, short, 8, 8, 8),
    numbers(259, short, 1),
    numbers(262, short, 2),
    words(271, 'A Camera Works'),
    words(272, 'One'),
    numbers(273, long, append(small)),
    numbers(274, short, orientation),
    numbers(277, short, 3),
    numbers(278, long, 12),
    numbers(279, long, small.length),
    numbers(330, long, ...below),
    numbers(50706, byte, 1, 4, 0, 0),
    words(50708, 'A Camera Works One'),
    fractions(50721, signed, screenColours),
    fractions(50728, rational, [1, 1, 1]),
    numbers(50778, short, 21),
  ])
  const file = Buffer.concat(parts)
  file.writeUInt32LE(first, 4)
  return file
}

function numbers(tag: number, type: number, ...values: readonly number[]): TiffEntry {
  const size = bytesOf[type] ?? 1
  const data = Buffer.alloc(values.length * size)
  for (const [n, value] of values.entries()) data.writeUIntLE(value, n * size, size)
  return { tag, type, count: values.length, data }
}

function words(tag: number, value: string): TiffEntry {
  const data = Buffer.from(`${value}\0`, 'latin1')
  return { tag, type: text, count: data.length, data }
}

function fractions(tag: number, type: number, values: readonly number[]): TiffEntry {
  const data = Buffer.alloc(values.length * 8)
  for (const [n, value] of values.entries()) {
    data.writeInt32LE(Math.round(value * 10_000), n * 8)
    data.writeInt32LE(10_000, n * 8 + 4)
  }
  return { tag, type, count: values.length, data }
}
