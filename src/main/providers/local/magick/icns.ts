/** The container of macOS icons: a list of pictures, each with four letters that say for which size it is. Pure. */

/** What holds a PNG, by pixels a side. Those of 64 pixels and more than 512 are for screens of double density. */
const types = { 16: 'icp4', 32: 'icp5', 64: 'ic12', 128: 'ic07', 256: 'ic08', 512: 'ic09', 1024: 'ic10' } as const
/** The same for screens of double density. */
const doubleTypes: Readonly<Record<number, string>> = { 32: 'ic11', 256: 'ic13', 512: 'ic14' }
export const icnsSizes: readonly number[] = Object.keys(types).map(Number)

/** Of pictures in a form of its own: pixels a side, and where their transparency is. */
const packed: Readonly<Record<string, { readonly side: number; readonly mask: string }>> = {
  is32: { side: 16, mask: 's8mk' },
  il32: { side: 32, mask: 'l8mk' },
  ih32: { side: 48, mask: 'h8mk' },
  it32: { side: 128, mask: 't8mk' },
}

export type IconPicture =
  | { readonly kind: 'png' | 'jp2'; readonly data: Buffer }
  /** RGBA, 8 bits each. */
  | { readonly kind: 'rgba'; readonly side: number; readonly data: Buffer }

export function icnsOf(pictures: ReadonlyMap<number, Buffer>): Buffer {
  const entries = [...pictures].flatMap(([side, png]) =>
    [types[side as keyof typeof types], doubleTypes[side]].flatMap((type) => (type === undefined ? [] : [entryOf(type, png)])),
  )
  return entryOf('icns', Buffer.concat(entries))
}

function entryOf(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(type, 'latin1')
  head.writeUInt32BE(data.length + 8, 4)
  return Buffer.concat([head, data])
}

/** The largest picture of an icon; null where there is none that can be read. */
export function largestOf(icns: Buffer): IconPicture | null {
  return picturesOf(icns).toSorted((one, other) => other.side - one.side)[0]?.picture ?? null
}

/** How many it has: those of one size count once. */
export function sizesIn(icns: Buffer): number {
  return new Set(picturesOf(icns).map(({ side }) => side)).size
}

function picturesOf(icns: Buffer): readonly { readonly side: number; readonly picture: IconPicture }[] {
  const entries = entriesIn(icns)
  return [...entries].flatMap(([type, data]) => pictureOf(type, data, entries) ?? [])
}

function entriesIn(icns: Buffer): ReadonlyMap<string, Buffer> {
  const entries = new Map<string, Buffer>()
  for (let at = 8; at + 8 <= icns.length;) {
    const length = icns.readUInt32BE(at + 4)
    if (length < 8 || at + length > icns.length) break
    entries.set(icns.toString('latin1', at, at + 4), icns.subarray(at + 8, at + length))
    at += length
  }
  return entries
}

function pictureOf(
  type: string,
  data: Buffer,
  entries: ReadonlyMap<string, Buffer>,
): { readonly side: number; readonly picture: IconPicture } | null {
  if (data.toString('latin1', 1, 8) === 'PNG\r\n\x1a\n' && data.length > 24)
    return { side: data.readUInt32BE(16), picture: { kind: 'png', data } }
  if (data.toString('latin1', 4, 8) === 'jP  ') return { side: sideOf(type), picture: { kind: 'jp2', data } }
  const form = packed[type]
  if (form === undefined) return null
  const { side, mask } = form
  // The largest begins with four bytes that mean nothing.
  const planes = unpacked(type === 'it32' ? data.subarray(4) : data, side * side * 3)
  if (planes === null) return null
  const pixels = Buffer.alloc(side * side * 4, 255)
  const alpha = entries.get(mask)
  for (let n = 0; n < side * side; n += 1) {
    for (let channel = 0; channel < 3; channel += 1) pixels[n * 4 + channel] = planes[channel * side * side + n] ?? 0
    if (alpha !== undefined) pixels[n * 4 + 3] = alpha[n] ?? 255
  }
  return { side, picture: { kind: 'rgba', side, data: pixels } }
}

function sideOf(type: string): number {
  const found = [...Object.entries(types), ...Object.entries(doubleTypes)].find(([, name]) => name === type)
  return found === undefined ? 0 : Number(found[0])
}

/** Runs of equal bytes, or the bytes as they are where that many are there. */
function unpacked(data: Buffer, length: number): Buffer | null {
  if (data.length === length) return data
  const out = Buffer.alloc(length)
  let at = 0
  for (let from = 0; from < data.length && at < length;) {
    const count = data[from] ?? 0
    if (count >= 128) {
      const end = Math.min(length, at + count - 125)
      out.fill(data[from + 1] ?? 0, at, end)
      at = end
      from += 2
    } else {
      at += data.copy(out, at, from + 1, Math.min(data.length, from + 2 + count))
      from += count + 2
    }
  }
  return at < length ? null : out
}
