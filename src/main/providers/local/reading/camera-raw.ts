/**
 * Camera raw that is a TIFF by its first bytes: a small picture for viewers in front, the sensor's values below it. A reader of TIFF would
 * take the small one for the photo. Apart, since telling the two needs the directories of the file.
 */
import { loaded, openTiff, readDirectory, withFile, type Read, type Tiff } from '../images/tiff.ts'

const tags = { reduced: 254, width: 256, bits: 258, compression: 259, photometric: 262, below: 330, dngVersion: 50706 } as const
/** Filters over single sensors, and linear values of them. */
const sensorColours: ReadonlySet<number> = new Set([32803, 34892])
/** Of Nikon, Sony, Samsung, Pentax, Kodak. */
const makersCompressions: ReadonlySet<number> = new Set([34713, 32767, 32769, 32770, 32772, 65535, 65000, 65024])
const maxDirectories = 64

interface Sheet {
  readonly isReduced: boolean
  readonly isSensor: boolean
  readonly isBelow: boolean
  readonly width: number
  /** A sample. */
  readonly bits: number
}

/** @param path of a TIFF by its first bytes. */
export function holdsSensor(path: string): boolean {
  return withFile(path, (read) => {
    const tiff = openTiff(read)
    if (tiff === null) return false
    const sheets = sheetsOf(tiff)
    const first = sheets[0]
    if (first === undefined) return false
    // Its full picture is below the first one, where a reader of pages never comes.
    const isHidden = first.isReduced && sheets.some((sheet) => sheet.isBelow && !sheet.isReduced && sheet.width > first.width)
    return isHidden || sheets.some(({ isSensor }) => isSensor)
  })
}

/** How finely the sensor counted; null where the file does not say so as a TIFF does. */
export function sensorBits(read: Read): number | null {
  const tiff = openTiff(read)
  const bits = (tiff === null ? [] : sheetsOf(tiff)).map((sheet) => (sheet.isReduced || !sheet.isSensor ? 0 : sheet.bits))
  const finest = Math.max(0, ...bits)
  return finest === 0 ? null : finest
}

function sheetsOf(tiff: Tiff): readonly Sheet[] {
  const sheets: Sheet[] = []
  const pending = [{ at: tiff.first, isBelow: false }]
  const seen = new Set<number>()
  for (let next = pending.shift(); next !== undefined && sheets.length < maxDirectories; next = pending.shift()) {
    const { at, isBelow } = next
    if (at === 0 || seen.has(at)) continue
    seen.add(at)
    const directory = readDirectory(tiff, at)
    if (directory === null) continue
    const numbers = (tag: number): readonly number[] => {
      const entry = directory.entries.find((other) => other.tag === tag)
      const value = entry === undefined ? null : loaded(tiff, entry)
      if (value === null) return []
      const size = Math.min(4, value.data.length / value.count)
      return Array.from({ length: Math.min(value.count, maxDirectories) }, (_, n) => value.data.readUIntLE(n * size, size))
    }
    const number = (tag: number) => numbers(tag)[0] ?? 0
    sheets.push({
      isBelow,
      isReduced: (number(tags.reduced) & 1) === 1,
      isSensor:
        sensorColours.has(number(tags.photometric)) ||
        makersCompressions.has(number(tags.compression)) ||
        numbers(tags.dngVersion).length > 0,
      width: number(tags.width),
      bits: number(tags.bits),
    })
    for (const below of numbers(tags.below)) pending.push({ at: below, isBelow: true })
    pending.push({ at: directory.next, isBelow })
  }
  return sheets
}
