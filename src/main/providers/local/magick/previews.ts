/** The pictures for viewers that a camera puts into its raw files beside what the sensor saw: JPEGs, wherever they lie. Apart, as it is pure. */

export interface Preview {
  readonly width: number
  readonly height: number
  readonly jpeg: Buffer
}

/** What a hostile file would have us look at one after the other. */
const maxFound = 64

/** The one with the most pixels; null where there is none. Searched for by its bytes, as each maker has a place of its own for it. */
export function largestPreview(bytes: Buffer): Preview | null {
  let largest: Preview | null = null
  for (let at = bytes.indexOf(begin), found = 0; at >= 0 && found < maxFound; found += 1) {
    const jpeg = jpegAt(bytes, at)
    if (jpeg !== null && (largest === null || jpeg.width * jpeg.height > largest.width * largest.height)) largest = jpeg
    // What lies within one is its own small copy.
    at = bytes.indexOf(begin, at + (jpeg?.jpeg.length ?? begin.length))
  }
  return largest
}

const begin = Buffer.from([0xff, 0xd8, 0xff])
const marker = { startOfScan: 0xda, end: 0xd9, firstRestart: 0xd0, lastRestart: 0xd7, stuffing: 0x00 } as const
/** Baseline, extended and progressive. Without loss, as the third, cameras write the values of the sensor. */
const frames: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2])

/** Null where it does not get to its end, or is none that viewers show. */
function jpegAt(bytes: Buffer, start: number): Preview | null {
  let size: { readonly width: number; readonly height: number } | null = null
  for (let at = start + 2; at + 2 <= bytes.length;) {
    if (bytes[at] !== 0xff) return null
    const kind = bytes[at + 1] ?? 0
    if (kind === 0xff) {
      at += 1
      continue
    }
    if (kind === marker.end) return size === null ? null : { ...size, jpeg: bytes.subarray(start, at + 2) }
    if (at + 4 > bytes.length) return null
    const length = bytes.readUInt16BE(at + 2)
    if (length < 2 || kind < 0xc0) return null
    if (frames.has(kind)) {
      if (at + 9 > bytes.length) return null
      size = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    }
    at += 2 + length
    if (kind === marker.startOfScan) {
      const next = endOfScan(bytes, at)
      if (next === null || size === null) return null
      at = next
    }
  }
  return null
}

/** Where the next marker is that belongs to no scan. */
function endOfScan(bytes: Buffer, start: number): number | null {
  for (let at = bytes.indexOf(0xff, start); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1] ?? 0
    const isInScan = next === marker.stuffing || next === 0xff || (next >= marker.firstRestart && next <= marker.lastRestart)
    if (!isInScan) return at
  }
  return null
}
