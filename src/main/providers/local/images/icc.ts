/**
 * ICC profiles: what one is called, and how colours that a file says by numbers (ITU-T H.273) become one, so that they are kept or applied
 * like those of any other file.
 */
import type { Metadata } from 'sharp'
import type { Cicp } from './heif.ts'

type Point = readonly [x: number, y: number]

interface Primaries {
  readonly name: string
  readonly red: Point
  readonly green: Point
  readonly blue: Point
  readonly white: Point
}

const d65: Point = [0.3127, 0.329]
const dci: Point = [0.314, 0.351]

/** By their numbers; 1 is what everybody assumes. */
const primaries: Readonly<Record<number, Primaries>> = {
  1: { name: 'sRGB', red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06], white: d65 },
  4: { name: 'BT.470 M', red: [0.67, 0.33], green: [0.21, 0.71], blue: [0.14, 0.08], white: [0.31, 0.316] },
  5: { name: 'BT.601 (625)', red: [0.64, 0.33], green: [0.29, 0.6], blue: [0.15, 0.06], white: d65 },
  6: { name: 'BT.601 (525)', red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07], white: d65 },
  7: { name: 'SMPTE 240M', red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07], white: d65 },
  9: { name: 'BT.2020', red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: d65 },
  11: { name: 'DCI-P3', red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: dci },
  12: { name: 'Display P3', red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: d65 },
}

/** What ICC calls a parametric curve: a power, or a power with a straight beginning (type 3). */
type Curve = readonly [gamma: number, a: number, b: number, c: number, d: number] | number

const srgbCurve: Curve = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]
/** What screens do, which is what such pictures were looked at on. */
const curves: Readonly<Record<number, Curve>> = {
  1: srgbCurve,
  6: srgbCurve,
  14: srgbCurve,
  15: srgbCurve,
  4: 2.2,
  5: 2.8,
  8: 1,
  13: srgbCurve,
  17: 2.6,
}

export const transferPq = 16
export const transferHlg = 18

export function isHdr({ transfer }: Cicp): boolean {
  return transfer === transferPq || transfer === transferHlg
}

/** Whether these numbers mean what is assumed of a file that says nothing. */
export function isUsual({ primaries: colours, transfer }: Cicp): boolean {
  const hasUsualColours = colours === 1 || primaries[colours] === undefined
  return hasUsualColours && (curves[transfer] ?? srgbCurve) === srgbCurve && !isHdr({ primaries: 1, transfer, matrix: 0 })
}

/** A profile of these colours; null where they are the usual ones, or light beyond what a profile describes. */
export function profileOf(cicp: Cicp): Buffer | null {
  const colours = primaries[cicp.primaries] ?? primaries[1]
  if (colours === undefined || isUsual(cicp) || isHdr(cicp)) return null
  const curve = curves[cicp.transfer] ?? srgbCurve
  const suffix = curve === srgbCurve ? '' : curve === 1 ? ', linear' : `, gamma ${String(curve)}`
  return profileBytes(colours.name + suffix, toConnectionSpace(colours), curve)
}

/** Of the usual colours. */
export function srgbProfile(): Buffer {
  const colours = primaries[1]
  if (colours === undefined) throw new Error('no usual colours')
  return profileBytes(colours.name, toConnectionSpace(colours), srgbCurve)
}

/** How a PNG says its colours without a profile. */
export interface Mixture {
  /** Stored value = light to this power; null: not said. */
  readonly gamma: number | null
  readonly points: Omit<Primaries, 'name'> | null
}

/** Programs round, and 1/2.2 is how the usual curve is said. */
const usualGamma = { value: 0.454_55, tolerance: 0.02 } as const
const pointTolerance = 0.01

/** As `profileOf`; null also where the numbers mean nothing. */
export function profileOfMixture({ gamma, points }: Mixture): Buffer | null {
  const usual = primaries[1]
  if (usual === undefined) return null
  const isUsualCurve = gamma === null || Math.abs(gamma - usualGamma.value) < usualGamma.tolerance
  const isNear = (one: Point, other: Point) => Math.hypot(one[0] - other[0], one[1] - other[1]) < pointTolerance
  const named = (['red', 'green', 'blue', 'white'] as const).map((name) => [points?.[name] ?? usual[name], usual[name]] as const)
  const areUsual = named.every(([one, other]) => isNear(one, other))
  const area = named.slice(0, 3).reduce((sum, [[x, y]], n) => {
    const [[nextX, nextY]] = named[(n + 1) % 3] ?? [[0, 0]]
    return sum + x * nextY - nextX * y
  }, 0)
  const isSensible = (gamma ?? 1) > 0.1 && (gamma ?? 1) < 3 && Math.abs(area) > 0.01 && named.every(([[x, y]]) => x >= 0 && y > 0)
  if ((isUsualCurve && areUsual) || !isSensible) return null
  const colours = { ...usual, ...points, name: areUsual ? 'sRGB' : 'PNG' }
  const curve = isUsualCurve ? srgbCurve : 1 / gamma
  const suffix = isUsualCurve ? '' : `, gamma ${(1 / gamma).toFixed(2)}`
  return profileBytes(colours.name + suffix, toConnectionSpace(colours), curve)
}

type Matrix = readonly [Vector, Vector, Vector]
type Vector = readonly [number, number, number]

/** Linear RGB of the one to linear RGB of BT.709, both for a white of D65. */
export function toUsualColours(number: number): Matrix {
  const from = primaries[number] ?? primaries[1]
  const to = primaries[1]
  if (from === undefined || to === undefined) throw new RangeError('no primaries')
  return product(inverse(toXyz(to)), toXyz(from))
}

/** Linear RGB to XYZ. */
function toXyz({ red, green, blue, white }: Primaries): Matrix {
  const xyz = ([x, y]: Point): Vector => [x / y, 1, (1 - x - y) / y]
  const columns = transposed([xyz(red), xyz(green), xyz(blue)])
  const shares = applied(inverse(columns), xyz(white))
  return columns.map(([r, g, b]) => [r * shares[0], g * shares[1], b * shares[2]]) as unknown as Matrix
}

const d50: Vector = [0.9642, 1, 0.8249]
const bradford: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
]

/** Profiles count for a white of D50. */
function toConnectionSpace(colours: Primaries): Matrix {
  const matrix = toXyz(colours)
  const [x, y] = colours.white
  const [from, to] = [applied(bradford, [x / y, 1, (1 - x - y) / y]), applied(bradford, d50)]
  const scaled: Matrix = [
    [to[0] / from[0], 0, 0],
    [0, to[1] / from[1], 0],
    [0, 0, to[2] / from[2]],
  ]
  return product(inverse(bradford), product(scaled, product(bradford, matrix)))
}

export function applied(matrix: Matrix, [a, b, c]: Vector): Vector {
  return matrix.map(([x, y, z]) => x * a + y * b + z * c) as unknown as Vector
}

function transposed([a, b, c]: Matrix): Matrix {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ]
}

function product(one: Matrix, other: Matrix): Matrix {
  return transposed(transposed(other).map((column) => applied(one, column)) as unknown as Matrix)
}

function inverse([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const [x, y, z] = [e * i - f * h, f * g - d * i, d * h - e * g]
  const scale = 1 / (a * x + b * y + c * z)
  return [
    [x * scale, (c * h - b * i) * scale, (b * f - c * e) * scale],
    [y * scale, (a * i - c * g) * scale, (c * d - a * f) * scale],
    [z * scale, (b * g - a * h) * scale, (a * e - b * d) * scale],
  ]
}

/** Version 4, of a display. */
function profileBytes(name: string, matrix: Matrix, curve: Curve): Buffer {
  const fixed = (...values: readonly number[]): Buffer => {
    const data = Buffer.alloc(values.length * 4)
    for (const [n, value] of values.entries()) data.writeInt32BE(Math.round(value * 65536), n * 4)
    return data
  }
  const typed = (type: string, ...parts: readonly Buffer[]) => Buffer.concat([Buffer.from(`${type}\0\0\0\0`, 'latin1'), ...parts])
  const text = (value: string): Buffer => {
    const wide = Buffer.from(value, 'utf16le').swap16()
    const head = Buffer.alloc(20)
    head.writeUInt32BE(1, 0)
    head.writeUInt32BE(12, 4)
    head.write('enUS', 8, 'latin1')
    head.writeUInt32BE(wide.length, 12)
    head.writeUInt32BE(28, 16)
    return typed('mluc', head, wide)
  }
  const [r, g, b] = transposed(matrix)
  const values = typeof curve === 'number' ? [curve] : curve
  const response = typed('para', Buffer.from([0, values.length === 1 ? 0 : 3, 0, 0]), fixed(...values))
  const tags: readonly (readonly [string, Buffer])[] = [
    ['desc', text(name)],
    ['cprt', text('CC0')],
    ['wtpt', typed('XYZ ', fixed(...d50))],
    ['rXYZ', typed('XYZ ', fixed(...r))],
    ['gXYZ', typed('XYZ ', fixed(...g))],
    ['bXYZ', typed('XYZ ', fixed(...b))],
    ['rTRC', response],
    ['gTRC', response],
    ['bTRC', response],
  ]
  const table = Buffer.alloc(4 + tags.length * 12)
  table.writeUInt32BE(tags.length)
  let at = 128 + table.length
  const bodies = tags.map(([tag, data], n) => {
    const padded = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)])
    table.write(tag, 4 + n * 12, 'latin1')
    table.writeUInt32BE(at, 8 + n * 12)
    table.writeUInt32BE(data.length, 12 + n * 12)
    at += padded.length
    return padded
  })
  const head = Buffer.alloc(128)
  head.writeUInt32BE(at, 0)
  head.writeUInt32BE(0x04300000, 8)
  head.write('mntrRGB XYZ ', 12, 'latin1')
  head.writeUInt16BE(2024, 24)
  head.writeUInt16BE(1, 26)
  head.writeUInt16BE(1, 28)
  head.write('acsp', 36, 'latin1')
  fixed(...d50).copy(head, 68)
  return Buffer.concat([head, table, ...bodies])
}

/**
 * The profile that a picture's colours are told by; null where it has none, or one that no decoder goes by: of another kind of colours than the
 * pixels are, or without what is needed to read them.
 */
export function ownProfile({ icc, space }: Pick<Metadata, 'icc' | 'space'>): Buffer | null {
  if (icc === undefined || icc.length < 132 || icc.toString('latin1', 36, 40) !== 'acsp') return null
  const wanted = space === 'b-w' || space === 'grey16' ? 'GRAY' : space === 'cmyk' ? 'CMYK' : space === 'lab' ? 'Lab ' : 'RGB '
  if (icc.toString('latin1', 16, 20) !== wanted) return null
  const tags = tagsOf(icc)
  const isTold = [['A2B0'], ['kTRC'], ['rXYZ', 'gXYZ', 'bXYZ', 'rTRC', 'gTRC', 'bTRC']].some((needed) =>
    needed.every((tag) => tags.has(tag)),
  )
  return isTold ? icc : null
}

/** Those whose data is there. */
function tagsOf(icc: Buffer): ReadonlyMap<string, Buffer> {
  const tags = new Map<string, Buffer>()
  const count = Math.min(icc.readUInt32BE(128), 200)
  for (let entry = 132; entry < 132 + count * 12 && entry + 12 <= icc.length; entry += 12) {
    const [at, length] = [icc.readUInt32BE(entry + 4), icc.readUInt32BE(entry + 8)]
    if (at + length <= icc.length) tags.set(icc.toString('latin1', entry, entry + 4), icc.subarray(at, at + length))
  }
  return tags
}

/** What a profile calls itself; its colour space where it says nothing. */
export function profileName(icc: Buffer): string {
  const spaceName = icc.toString('latin1', 16, 20).trim() || 'ICC'
  try {
    const name = tagsOf(icc).get('desc')
    return name === undefined ? spaceName : nameIn(name) || spaceName
  } catch {
    // Its name alone cannot be read.
    return spaceName
  }
}

function nameIn(data: Buffer): string {
  if (data.toString('latin1', 0, 4) !== 'mluc')
    return data
      .toString('latin1', 12, 12 + data.readUInt32BE(8))
      .replace(/\0.*$/s, '')
      .trim()
  const [length, at] = [data.readUInt32BE(20), data.readUInt32BE(24)]
  return Buffer.from(data.subarray(at, at + length - (length % 2)))
    .swap16()
    .toString('utf16le')
    .replace(/\0.*$/s, '')
    .trim()
}
